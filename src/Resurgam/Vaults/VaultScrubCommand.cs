using System.CommandLine;
using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Scrubs;
using Resurgam.Ledgers;

namespace Resurgam.Vaults;

internal static class VaultScrubCommand
{
    public static Command Create()
    {
        Argument<string?> place = new("place")
        {
            Description = "The place to read: a replica's name; without it the vault's own.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> all = new("--all") { Description = "Everything now, not only the share that is due." };
        Command command = new("scrub", "Read back and check the share of the vault that is due; run it daily.")
        {
            place,
            all,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(Session.Of(line), line.GetValue(place), line.GetValue(all), cancellationToken)
        );
        return command;
    }

    /// <returns>Exit code: 0 when all that was ever read is whole, 20 when something is not.</returns>
    internal static async Task<int> RunAsync(
        Session session,
        string? placeName,
        bool isWhole,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var place = placeName is null ? PlaceAccess.Chosen(session, plan) : PlaceAccess.Get(plan, placeName);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var document = await ScrubAsync(session, plan, vault, place, isWhole, cancellationToken);
        session.Output.Write(
            document,
            VaultDocuments.Json.ScrubDocument,
            text => WriteText(text, document, plan.Vault.Replicas.Count > 0)
        );
        return document.Passed ? ExitCode.Success : ExitCode.VaultDamaged;
    }

    /// <param name="vault">Whose ledger tells how far it came.</param>
    internal static async Task<ScrubDocument> ScrubAsync(
        Session session,
        Plan plan,
        Vault vault,
        ReplicaPlace place,
        bool isWhole,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        var stream = StreamName.OfScrub(place.Name);
        var last = await ScrubState.FindAsync(vault.OpenLedger(), place.Name, cancellationToken);
        var isOther = place.Name != PlaceAccess.Chosen(session, plan).Name;
        using var other = isOther ? await VaultAccess.OpenAsync(session, plan, place, cancellationToken) : null;
        ScrubSettings settings = new()
        {
            Place = place.Name,
            Period = plan.Vault.ScrubWithin ?? ScrubSettings.DefaultPeriod,
            IsWhole = isWhole,
        };
        LedgerRecorder recorder = new(session, plan, vault);
        EntryView? entry = null;
        using VaultScrub scrub = new(
            other ?? vault,
            settings,
            async state => entry = await recorder.RecordAsync(stream, state.ToFact()),
            session.Progress
        );
        var state = await scrub.RunAsync(last, cancellationToken);
        return new ScrubDocument(
            (other ?? vault).Store.Name,
            ScrubView.Of(state),
            state.Objects,
            state.Bytes,
            [.. state.Damaged.Select(damage => new ScrubDamageView(damage.Key, damage.How, damage.FoundAt))],
            session.Time.GetElapsedTime(began)
        )
        {
            Ledger = entry,
        };
    }

    private static void WriteText(TextWriter text, ScrubDocument document, bool hasReplicas)
    {
        foreach (var damage in document.Damaged)
            text.WriteLine($"damaged  {damage.Key}: {damage.How} (since {CliJson.ToText(damage.FoundAt)})");
        if (document.State.DamagedCount > document.Damaged.Count)
            text.WriteLine($"damaged  and {document.State.DamagedCount - document.Damaged.Count} more");
        text.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(document.Passed ? "whole" : $"{document.State.DamagedCount} damaged")}: {document.Objects} objects, {new ByteSize(document.Bytes)} read in {document.Store}, {document.Duration.TotalSeconds:0.0} s"
            )
        );
        text.WriteLine(document.State.ToText());
        if (!document.Passed)
            text.WriteLine(
                hasReplicas
                    ? "'resurgam vault heal' replaces what is damaged by another place's copy"
                    : "the plan names no replica to bring a whole copy from; 'resurgam vault check' shows which snapshots are hurt"
            );
    }
}
