using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Vaults;

namespace Resurgam.Ledgers;

/// <summary>The way out of two ledgers that were written to apart from each other.</summary>
internal static class LedgerSettleCommand
{
    public static Command Create()
    {
        Argument<string> place = new("place")
        {
            Description = "The place whose entries are set aside: a replica, or 'primary' with --from.",
        };
        Option<string> reason = new("--reason")
        {
            Description = "Why, for the ledger.",
            HelpName = "TEXT",
            Required = true,
        };
        Option<bool> dryRun = new("--dry-run") { Description = "Only say what would be set aside." };
        Command command = new(
            "settle",
            "End a fork: this place's entries stay, another's are kept in a stream of their own and told again."
        )
        {
            place,
            reason,
            dryRun,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(place),
                    line.GetRequiredValue(reason),
                    line.GetValue(dryRun),
                    cancellationToken
                )
        );
        return command;
    }

    /// <returns>Exit code: 0 when no fork is left, 20 when the other store keeps its entries.</returns>
    internal static async Task<int> RunAsync(
        Session session,
        string placeName,
        string reason,
        bool isDryRun,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var place = PlaceAccess.Others(session, plan, placeName)[0];
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var store = await VaultAccess.OpenStoreAsync(session, place.Place, cancellationToken);
        var descriptor =
            await Vault.FindDescriptorAsync(store, cancellationToken) ?? throw VaultProblems.NoVault(store.Name);
        var writer = LedgerAccess.OpenWriter(session, plan, vault);
        if (descriptor.Id != writer.Ledger.VaultId)
            throw LedgerCommandProblems.OtherVault(store.Name, descriptor.Id, writer.Ledger.VaultId);
        // What goes on there without a fork comes first: a key that is withdrawn below may have signed it.
        if (!isDryRun)
        {
            ReplicaCopySettings settings = new() { OpenLedger = vault.OpenLedger };
            ReplicaCopy copy = new(store, vault.Store, settings, session.Progress);
            foreach (var finding in await copy.BringLedgerAsync(cancellationToken))
                if (finding.Fault != ReplicaFault.Forked)
                    session.Output.Warn($"not brought here: {finding.Key}: {finding.How}");
        }
        LedgerSettlement settlement = new(writer.Ledger, vault.OpenLedger(store), writer, place.Name, reason);
        var streams = await settlement.RunAsync(isDryRun, cancellationToken);
        if (!isDryRun)
        {
            // The stream of what was set aside, and what else is new here.
            await new ReplicaCopy(vault.Store, store, new ReplicaCopySettings(), session.Progress).BringLedgerAsync(
                cancellationToken
            );
            LedgerAccess.SeenOf(session, plan, writer.Ledger).Add([writer.Ring.Head]);
        }
        LedgerSettleDocument document = new(
            streams.All(stream => stream.Refused is null),
            isDryRun,
            vault.Store.Name,
            store.Name,
            settlement.Stream.Value,
            [
                .. streams.Select(stream => new LedgerSettleView(
                    stream.Stream.Value,
                    stream.CommonSeq,
                    stream.Kept,
                    stream.SetAside,
                    stream.ToldAgain,
                    stream.Refused
                )),
            ]
        );
        session.Output.Write(
            document,
            LedgerDocuments.Json.LedgerSettleDocument,
            text => WriteText(text, document, place.Name)
        );
        return document.Passed ? ExitCode.Success : ExitCode.VaultDamaged;
    }

    private static void WriteText(TextWriter text, LedgerSettleDocument document, string place)
    {
        if (document.Streams.Count == 0)
            text.WriteLine($"no stream of the ledger is forked between {document.Kept} and {document.Other}");
        foreach (var stream in document.Streams)
        {
            text.WriteLine(
                $"{stream.Stream}: after entry {stream.CommonSeq}, {stream.Kept} entries of {document.Kept} {(document.DryRun ? "would stay" : "stay")}; {stream.SetAside} of {place} {(document.DryRun ? "would be" : "are")} kept in stream {document.Stream}, {stream.ToldAgain} of them told again"
            );
            if (stream.Refused is { } why)
                text.WriteLine(
                    $"  {place} still has its own: {why}. Run this again when the store lets go of them, or give the plan a new, empty place for {place}"
                );
        }
    }
}
