using System.Text;
using Resurgam.Cli;

namespace Resurgam.Verifications;

/// <summary>
/// One verification of an asset at a time on this machine: they restore into the same folder. Who has the seat holds a lock
/// on its file, which says what is verified until it ends well: a file that says so and that nobody holds is of one that died.
/// </summary>
internal sealed class VerifySeat : IAsyncDisposable
{
    /// <summary>EAGAIN: somebody else has the file.</summary>
    private const int Taken = 11;

    private const string Suffix = ".lock";

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);

    private readonly FileStream _file;

    private VerifySeat(FileStream file) => _file = file;

    /// <summary>Waits until nobody has it.</summary>
    /// <param name="folder">Of the asset's verifications.</param>
    /// <param name="kind">Of the asset.</param>
    /// <returns>Held until it is disposed of, or the process is gone.</returns>
    public static async Task<VerifySeat> TakeAsync(
        Session session,
        string folder,
        string kind,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder) ?? "/");
        for (var isFirst = true; ; isFirst = false)
        {
            if (TryOpen(folder, FileMode.OpenOrCreate) is { } file)
            {
                VerifySeat seat = new(file);
                seat.Say(kind);
                return seat;
            }
            if (isFirst)
                session.Progress.Stage("waiting for another verification of it");
            await Task.Delay(BetweenTries, session.Time, cancellationToken);
        }
    }

    /// <summary>Folders of verifications that have begun and not ended, whether they live or not.</summary>
    /// <param name="all">The folder of all verifications.</param>
    public static IReadOnlyList<string> FoldersIn(string all) =>
        Directory.Exists(all)
            ?
            [
                .. new DirectoryInfo(all)
                    .EnumerateFiles($"*{Suffix}")
                    .Where(file => file.Length > 0)
                    .Select(file => file.FullName[..^Suffix.Length]),
            ]
            : [];

    /// <summary>The seat of a verification that died.</summary>
    /// <returns>With the kind of its asset; null: it lives, or has ended well.</returns>
    public static async Task<(VerifySeat Seat, string Kind)?> TryTakeOfDeadAsync(
        string folder,
        CancellationToken cancellationToken
    )
    {
        if (TryOpen(folder, FileMode.Open) is not { } file)
            return null;
        using StreamReader reader = new(file, leaveOpen: true);
        var kind = await reader.ReadToEndAsync(cancellationToken);
        if (kind.Length > 0)
            return (new VerifySeat(file), kind);
        await file.DisposeAsync();
        return null;
    }

    /// <summary>Leaves the seat as one that died here: what it left behind could not be removed.</summary>
    public ValueTask GiveUpAsync() => _file.DisposeAsync();

    public ValueTask DisposeAsync()
    {
        _file.SetLength(0);
        return _file.DisposeAsync();
    }

    /// <summary>On a full disk it stays silent: then what one that dies leaves goes with the next of the same asset.</summary>
    private void Say(string kind)
    {
        try
        {
            _file.SetLength(0);
            _file.Write(Encoding.ASCII.GetBytes(kind));
            _file.Flush();
        }
        catch (IOException)
        {
            _file.SetLength(0);
        }
    }

    /// <returns>Null when somebody else has it.</returns>
    private static FileStream? TryOpen(string folder, FileMode mode)
    {
        try
        {
            return new FileStream($"{folder}{Suffix}", mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e.HResult == Taken)
        {
            return null;
        }
    }
}
