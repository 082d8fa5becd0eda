using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Ledgers;

internal static class LedgerCompactCommand
{
    public static Command Create()
    {
        Command command = new("compact", "Join old entries, a thousand in one object; no entry and no hash changes.");
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(Session session, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var ledger = vault.OpenLedger();
        LedgerCompaction compaction = new(ledger);
        List<LedgerCompactView> streams = [];
        foreach (var stream in await ledger.ListStreamsAsync(cancellationToken))
        {
            session.Progress.Stage($"joining entries of {stream}");
            var result = await compaction.RunAsync(stream, cancellationToken);
            streams.Add(new LedgerCompactView(stream.Value, result.Segments, result.Deleted, result.Left));
        }
        LedgerCompactDocument document = new(streams);
        session.Output.Write(
            document,
            LedgerDocuments.Json.LedgerCompactDocument,
            text =>
            {
                foreach (var stream in document.Streams)
                    text.WriteLine(
                        $"{stream.Stream, -20} {stream.Segments} segments made, {stream.Deleted} single entries deleted{(stream.Left > 0 ? $", {stream.Left} left: the store keeps them" : "")}"
                    );
            }
        );
        return ExitCode.Success;
    }
}
