using System.CommandLine;
using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Expiry;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Retention;

internal static class ExpireCommand
{
    public static Command Create()
    {
        Option<bool> dryRun = new("--dry-run") { Description = "Only say what would go, and why the rest stays." };
        Command command = new("expire", "Destroy generations that the plan's retention keeps no longer.") { dryRun };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetValue(dryRun), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(Session session, bool isDryRun, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        _ = RulesOf(plan, PlaceAccess.Chosen(session, plan).Place); // before a secret is asked for
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var document = await ExpireAsync(session, plan, vault, isDryRun, cancellationToken);
        session.Output.Write(
            document,
            RetentionDocuments.Json.ExpireDocument,
            text => WriteText(text, document, plan.Vault.Replicas.Count > 0)
        );
        return ExitCode.Success;
    }

    internal static async Task<ExpireDocument> ExpireAsync(
        Session session,
        Plan plan,
        Vault vault,
        bool isDryRun,
        CancellationToken cancellationToken
    )
    {
        VaultExpiry expiry = new(vault, RulesOf(plan, PlaceAccess.Chosen(session, plan).Place), session.Progress);
        var writer = isDryRun ? null : LedgerAccess.OpenWriter(session, plan, vault);
        var result = await expiry.RunAsync(HoldsOf(session, plan), writer, cancellationToken);
        if (writer is not null && result.Outcomes.Count > 0)
            LedgerAccess.SeenOf(session, plan, writer.Ledger).Add([writer.Ring.Head]);
        return new ExpireDocument(
            isDryRun,
            [.. result.Verdicts.Select(GenerationVerdictView.Of)],
            result.Unfinished,
            [
                .. result.Outcomes.Select(outcome => new DestroyedView(
                    outcome.Generation,
                    outcome.Deleted,
                    outcome.Left,
                    outcome.LeftReason,
                    outcome.KeysLeft
                )),
            ]
        );
    }

    /// <exception cref="Core.Problems.ResurgamException"><c>expire-no-rules</c>: a plan that does not say what to keep keeps all.</exception>
    private static ExpiryRules RulesOf(Plan plan, StorePlace place)
    {
        if (
            plan.Retention is not { } retention
            || (retention.PointInTime, retention.Daily, retention.Weekly, retention.Monthly) == (null, null, null, null)
        )
            throw ExpiryProblems.NoRules();
        return new ExpiryRules
        {
            PointInTime = retention.PointInTime ?? TimeSpan.Zero,
            Daily = retention.Daily ?? 0,
            Weekly = retention.Weekly ?? 0,
            Monthly = retention.Monthly ?? 0,
            VerifiedCopies = retention.VerifiedCopies,
            LockFor = place.S3 is { ObjectLock: not null, LockFor: { } lockFor } ? lockFor : null,
        };
    }

    /// <summary>What the plan says itself, beside the holds that stand in the ledger.</summary>
    private static IReadOnlyList<LegalHold> HoldsOf(Session session, Plan plan) =>
        plan.Retention?.LegalHold is { } reason
            ? [new LegalHold("of the plan", null, null, reason, session.Time.GetUtcNow(), plan.Name)]
            : [];

    private static void WriteText(TextWriter text, ExpireDocument document, bool hasReplicas)
    {
        foreach (var generation in document.Generations)
            WriteText(text, generation, document.DryRun);
        if (document.DryRun)
            foreach (var name in document.Unfinished)
                text.WriteLine($"{name}  would be finished: it has expired, and something of it is left");
        foreach (var destroyed in document.Destroyed)
            text.WriteLine(
                destroyed.Left == 0
                    ? $"{destroyed.Generation}  destroyed, its keys first: {destroyed.Deleted} objects"
                    : $"{destroyed.Generation}  gone for everybody; the store keeps {destroyed.Left} objects for now{(destroyed.KeysLeft > 0 ? $", {destroyed.KeysLeft} of its keys among them" : "")}: {destroyed.LeftReason}"
            );
        if (document.Destroyed.Count > 0 && hasReplicas)
            text.WriteLine("'resurgam vault copy' lets it go from the replicas, too");
        if (document.DryRun && document.Generations.Any(generation => generation.Expires))
            text.WriteLine("nothing was done (--dry-run); what goes cannot be brought back");
    }

    private static void WriteText(TextWriter text, GenerationVerdictView generation, bool isDryRun)
    {
        var held = generation.Snapshots is { } count ? $"{count} snapshots" : "unreadable";
        text.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{generation.Name}  {(generation.Expires ? isDryRun ? "would go" : "goes" : "stays")}: {held}, {generation.Objects} objects, {new ByteSize(generation.LengthBytes)}"
            )
        );
        foreach (var reason in generation.Reasons)
            text.WriteLine($"         {reason}");
        foreach (var snapshot in generation.Going)
            text.WriteLine(
                $"         {snapshot.Id.Short}  {CliJson.ToText(snapshot.TakenAt)}  {snapshot.Asset}{(snapshot.Verified ? ", verified" : "")}"
            );
    }
}
