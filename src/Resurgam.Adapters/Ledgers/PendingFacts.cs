using System.Globalization;
using System.Text;
using System.Text.Json;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Ledgers;

/// <summary>What could not be written to the ledger waits here, a synced file each, for the next command that can.</summary>
/// <param name="folder">Absolute; made when something has to wait.</param>
/// <param name="entropy">For names.</param>
public sealed class PendingFacts(string folder, IEntropy entropy)
{
    private const string Ending = ".json";
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Keeps a fact.</summary>
    /// <param name="at">When it happened; the entry's body will say so.</param>
    /// <exception cref="Core.Problems.ResurgamException"><c>ledger-pending</c>: it cannot be kept here either.</exception>
    public void Add(StreamName stream, LedgerFact fact, DateTimeOffset at)
    {
        Span<byte> unique = stackalloc byte[6];
        entropy.Fill(unique);
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{at.UtcDateTime:yyyyMMdd'T'HHmmssfffffff}-{Convert.ToHexStringLower(unique)}"
        );
        try
        {
            Directory.CreateDirectory(folder, FolderMode);
            var temporary = Path.Combine(folder, name + ".tmp");
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                RandomAccess.Write(file, Write(stream, fact, at), 0);
                RandomAccess.FlushToDisk(file);
            }
            File.Move(temporary, Path.Combine(folder, name + Ending));
            DirectorySync.Flush(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PendingFactsProblems.Failed(folder, e);
        }
    }

    /// <summary>How many wait; 0 when that cannot be seen.</summary>
    public int Count
    {
        get
        {
            try
            {
                return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + Ending).Count() : 0;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return 0; // another user's folder: what waits there, that user is told of
            }
        }
    }

    /// <summary>Hands over all that waits, oldest first, and forgets each when it is written.</summary>
    /// <remarks>Killed between the two, it hands the same one over again: an entry may then stand twice.</remarks>
    /// <exception cref="Core.Problems.ResurgamException"><c>ledger-pending</c>, and whatever <paramref name="write"/> throws.</exception>
    public async Task DrainAsync(Func<StreamName, LedgerFact, Task> write)
    {
        try
        {
            if (!Directory.Exists(folder))
                return;
            var names = Directory.GetFiles(folder, "*" + Ending).Order(StringComparer.Ordinal).ToList();
            if (names.Count == 0)
                return;
            using var alone = TryLock();
            if (alone is null)
                return; // another command does it
            foreach (var path in names.Where(File.Exists))
            {
                if (Read(await File.ReadAllBytesAsync(path, CancellationToken.None)) is not var (stream, fact))
                    throw PendingFactsProblems.Damaged(path);
                await write(stream, fact);
                File.Delete(path);
            }
            DirectorySync.Flush(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PendingFactsProblems.Failed(folder, e);
        }
    }

    private FileStream? TryLock()
    {
        try
        {
            return new FileStream(
                Path.Combine(folder, "lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch (IOException)
        {
            return null; // held
        }
    }

    private static byte[] Write(StreamName stream, LedgerFact fact, DateTimeOffset at)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        using (var body = JsonDocument.Parse(fact.Body))
        {
            json.WriteStartObject();
            json.WriteString("stream", stream.Value);
            json.WriteString("kind", fact.Kind);
            json.WriteStartObject("body");
            foreach (
                var member in body.RootElement.EnumerateObject().Where(member => member.Name != LedgerFact.OccurredAt)
            )
                member.WriteTo(json);
            json.WriteString(LedgerFact.OccurredAt, at.UtcDateTime);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static (StreamName Stream, LedgerFact Fact)? Read(byte[] bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            var root = json.RootElement;
            return
                root.TryGetProperty("stream", out var name)
                && StreamName.TryParse(name.GetString() ?? "", out var stream)
                && root.TryGetProperty("kind", out var kind)
                && root.TryGetProperty("body", out var body)
                && body.ValueKind == JsonValueKind.Object
                ? (stream, LedgerFact.Of(kind.GetString() ?? "", Encoding.UTF8.GetBytes(body.GetRawText())))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
