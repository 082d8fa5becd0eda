using System.Buffers;
using System.Text;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Processes;

/// <summary>
/// The seat of the one daemon that keeps a state folder. Who takes it knows that all who sat there before are dead, and need not wait
/// until their claims end. A second daemon on the folder stands: it gets a name of its own and knows nothing of others.
/// </summary>
public sealed class DaemonSeat : IDisposable
{
    private const int IdBytes = 6;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789abcdef"u8);

    private readonly FileStream? _lock;
    private readonly string? _prefix;

    private DaemonSeat(FileStream? @lock, string? prefix, string owner) =>
        (_lock, _prefix, Owner) = (@lock, prefix, owner);

    /// <summary>Of this run, and no other: <c>HOST-SEAT.RUN</c>, standing <c>HOST-RUN</c>.</summary>
    public string Owner { get; }

    public bool IsTaken => _lock is not null;

    /// <param name="folder">Made when it is not there.</param>
    /// <param name="host">Name of this machine.</param>
    /// <param name="entropy">For the names.</param>
    /// <remarks>A folder that cannot be written gives no seat, and no failure: the daemon then waits as for a stranger.</remarks>
    public static DaemonSeat Take(string folder, string host, IEntropy entropy)
    {
        var run = NewId(entropy);
        FileStream? file = null;
        try
        {
            Directory.CreateDirectory(folder);
            file = new FileStream(
                Path.Combine(folder, "seat"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
            var prefix = $"{host}-{ReadId(file) ?? WriteId(file, NewId(entropy))}.";
            return new DaemonSeat(file, prefix, prefix + run);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose(); // taken, or no place to sit
            return new DaemonSeat(@lock: null, prefix: null, $"{host}-{run}");
        }
    }

    /// <summary>It sat here before this run.</summary>
    public bool IsDead(string owner) =>
        _prefix is not null && owner != Owner && owner.StartsWith(_prefix, StringComparison.Ordinal);

    public void Dispose() => _lock?.Dispose();

    /// <returns>Null for a new file, or one whose writer died on it.</returns>
    private static string? ReadId(FileStream file)
    {
        var bytes = new byte[(2 * IdBytes) + 1];
        var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count == 2 * IdBytes && !bytes.AsSpan(0, count).ContainsAnyExcept(Digits)
            ? Encoding.ASCII.GetString(bytes, 0, count)
            : null;
    }

    private static string WriteId(FileStream file, string id)
    {
        file.SetLength(0);
        file.Position = 0;
        file.Write(Encoding.ASCII.GetBytes(id));
        file.Flush(flushToDisk: true);
        return id;
    }

    private static string NewId(IEntropy entropy)
    {
        Span<byte> id = stackalloc byte[IdBytes];
        entropy.Fill(id);
        return Convert.ToHexStringLower(id);
    }
}
