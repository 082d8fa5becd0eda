using System.Text;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Ledgers;

/// <summary>Writes a ledger as a folder of plain lines, a file a stream: docs/formats/ledger.md.</summary>
public sealed class LedgerExport(string folder)
{
    public string Folder => folder;

    /// <returns>How many streams and entries.</returns>
    /// <exception cref="ResurgamException"><c>ledger-export</c>; <c>ledger-damaged</c>.</exception>
    public async Task<(int Streams, long Entries)> RunAsync(Ledger ledger, CancellationToken cancellationToken)
    {
        try
        {
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
                throw LedgerExportProblems.NotEmpty(folder);
            Directory.CreateDirectory(folder);
            var (streams, entries) = (0, 0L);
            foreach (var stream in await ledger.ListStreamsAsync(cancellationToken))
            {
                streams++;
                await using var file = File.Create(Path.Combine(folder, $"{stream}.jsonl"));
                await foreach (var entry in ledger.ReadAsync(stream, 1, cancellationToken))
                {
                    await file.WriteAsync(entry.Line, cancellationToken);
                    entries++;
                }
            }
            // Last: an export that was cut off has no such file, and the check says so.
            var pem = $"-----BEGIN PUBLIC KEY-----\n{Wrapped(ledger.Root.PublicBase64)}-----END PUBLIC KEY-----\n";
            await File.WriteAllTextAsync(Path.Combine(folder, "vault.pem"), pem, cancellationToken);
            return (streams, entries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw LedgerExportProblems.Failed(folder, e);
        }
    }

    private static string Wrapped(string base64)
    {
        StringBuilder lines = new();
        foreach (var line in base64.Chunk(64))
            lines.Append(line).Append('\n');
        return lines.ToString();
    }
}

internal static class LedgerExportProblems
{
    public static ResurgamException NotEmpty(string folder) =>
        new(
            new Problem(
                "ledger-export-refused",
                Remedy.Fix,
                $"{folder} is not empty",
                "Name a new folder: an export is whole or it is none."
            )
        );

    public static ResurgamException Failed(string folder, Exception cause) =>
        new(
            new Problem(
                "ledger-export",
                Remedy.Fix,
                $"the export to {folder} broke off: {cause.Message}",
                "Make room or name another folder, remove what was written, and run it again."
            ),
            cause
        );
}
