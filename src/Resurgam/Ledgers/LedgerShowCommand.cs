using System.CommandLine;
using System.Text;
using System.Text.Json;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Ledgers;

internal static class LedgerShowCommand
{
    private const int DefaultCount = 50;

    /// <summary>Of a body, on one line for people.</summary>
    private const int ShownBytes = 100;

    public static Command Create()
    {
        Option<string?> stream = new("--stream")
        {
            Description = "Only this stream: 'vault', 'asset.NAME', 'run.NAME' and so on.",
            HelpName = "STREAM",
        };
        Option<int> last = new("--last")
        {
            Description = "So many of the newest entries; 0 for all.",
            HelpName = "COUNT",
            DefaultValueFactory = _ => DefaultCount,
        };
        Command command = new("show", "Show what the ledger tells, oldest first.") { stream, last };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(Session.Of(line), line.GetValue(stream), line.GetValue(last), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        string? streamName,
        int last,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var ledger = vault.OpenLedger();
        var streams = await ledger.ListStreamsAsync(cancellationToken);
        if (streamName is not null)
            streams = streams.Any(stream => stream.Value == streamName)
                ? [.. streams.Where(stream => stream.Value == streamName)]
                : throw LedgerCommandProblems.NoStream(streamName);
        List<LedgerEntry> entries = [];
        foreach (var stream in streams)
        {
            var from = last > 0 ? (await ledger.FindHeadAsync(stream, cancellationToken)).Seq - last + 1 : 1;
            await foreach (var entry in ledger.ReadAsync(stream, from, cancellationToken))
                entries.Add(entry);
        }
        var shown = entries.OrderBy(entry => entry.Time).ThenBy(entry => entry.Stream).ThenBy(entry => entry.Seq);
        LedgerShowDocument document = new([.. (last > 0 ? shown.TakeLast(last) : shown).Select(ViewOf)]);
        session.Output.Write(
            document,
            LedgerDocuments.Json.LedgerShowDocument,
            text =>
            {
                foreach (var entry in document.Entries)
                    text.WriteLine(
                        $"{entry.Time:yyyy-MM-dd HH:mm:ss}Z  {$"{entry.Stream}/{entry.Seq}", -20} {entry.Kind, -18} {entry.Actor, -20} {Shorten(entry.Body)}"
                    );
            }
        );
        return ExitCode.Success;
    }

    internal static LedgerEntryView ViewOf(LedgerEntry entry)
    {
        using var body = JsonDocument.Parse(entry.Body);
        return new LedgerEntryView(
            entry.Stream.Value,
            entry.Seq,
            entry.Time,
            entry.Kind,
            entry.Actor,
            entry.Program,
            entry.Key.Value,
            entry.Previous.Hex,
            entry.Hash.Hex,
            body.RootElement.Clone()
        );
    }

    private static string Shorten(JsonElement body)
    {
        var text = body.GetRawText();
        return text.Length <= ShownBytes
            ? text
            : new StringBuilder(text, 0, ShownBytes, ShownBytes + 1).Append('…').ToString();
    }
}
