using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;

namespace Resurgam.Vaults;

internal static class VaultHealCommand
{
    public static Command Create()
    {
        Option<bool> dryRun = new("--dry-run") { Description = "Only say what would be replaced, and from where." };
        Argument<string?> place = new("place")
        {
            Description = "The place to heal: a replica's name; without it the vault's own.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Command command = new(
            "heal",
            "Replace what is damaged or missing in one place by whole copies from the others."
        )
        {
            place,
            dryRun,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(Session.Of(line), line.GetValue(place), line.GetValue(dryRun), cancellationToken)
        );
        return command;
    }

    /// <returns>Exit code: 0 when all is whole now, 20 when something could not be healed.</returns>
    internal static async Task<int> RunAsync(
        Session session,
        string? placeName,
        bool isDryRun,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        var plan = await session.LoadPlanAsync(cancellationToken);
        var patient = PlaceAccess.Get(plan, placeName ?? ReplicaPlace.Primary);
        var store = await VaultAccess.OpenStoreAsync(session, patient.Place, cancellationToken);
        List<IStore> others = [];
        foreach (var other in PlaceAccess.AllBut(plan, patient))
            others.Add(await VaultAccess.OpenStoreAsync(session, other.Place, cancellationToken));

        using var vault = await OpenAnyAsync(session, plan, [.. others, store], cancellationToken);
        using VaultHeal heal = new(store, others, vault, session.Progress);
        var result = await heal.RunAsync(isDryRun, cancellationToken);
        var (missing, entries, bytes) = (0L, 0L, 0L);
        List<ReplicaFindingView> findings = [];
        foreach (var other in others)
        {
            ReplicaCopySettings settings = new()
            {
                IsDryRun = isDryRun,
                OpenLedger = vault.OpenLedger,
                FindExpired = PlaceAccess.FindExpired(session, plan, other, store),
                FindWithdrawn = PlaceAccess.FindWithdrawn(session, plan, other, store),
            };
            var copy = await new ReplicaCopy(other, store, settings, session.Progress).RunAsync(cancellationToken);
            (missing, bytes) = (missing + copy.Objects, bytes + copy.Bytes);
            entries += copy.PlaceEntries;
            findings.AddRange(copy.Findings.Where(IsOfThePatient).Select(ReplicaFindingView.Of));
        }
        VaultHealDocument document = new(
            findings.Count == 0
                && result.Damaged.All(damaged => damaged.Outcome is HealOutcome.Healed or HealOutcome.Remade),
            store.Name,
            isDryRun,
            result.Objects,
            result.BytesRead,
            [.. result.Damaged.Select(HealedView.Of)],
            missing,
            bytes,
            findings,
            session.Time.GetElapsedTime(began)
        )
        {
            PlaceEntries = entries,
        };
        if (!isDryRun && document.HasChanged)
            document = document with { Ledger = await ReplicaRecord.TellAsync(session, plan, patient, document) };
        session.Output.Write(document, VaultDocuments.Json.VaultHealDocument, text => WriteText(text, document));
        if (others.Count == 0 && result.Damaged.Any(damaged => damaged.Outcome == HealOutcome.NoCopy))
            session.Output.Note(NoCopyNote(plan.Name, result.Damaged));
        return document.Passed ? ExitCode.Success : ExitCode.VaultDamaged;
    }

    internal static string NoCopyNote(string plan, IReadOnlyList<HealedObject> damaged)
    {
        var versions = damaged.FirstOrDefault(each => each.Unseen is not null)?.Unseen is { } why
            ? $"nobody can tell whether the store keeps older versions that are whole ({why})"
            : "the store keeps no older version that is whole";
        return $"plan {plan} names no replica to take whole copies from, and {versions}: only guides and configs can be made anew";
    }

    /// <summary>Damage in the other place is told when that one is healed; damage here was told already.</summary>
    private static bool IsOfThePatient(ReplicaFinding finding) =>
        finding.Fault is ReplicaFault.Differs or ReplicaFault.OtherGeneration or ReplicaFault.Forked;

    /// <summary>Any place that opens: what is damaged may be the very keys.</summary>
    private static async Task<Vault> OpenAnyAsync(
        Session session,
        Plan plan,
        IReadOnlyList<IStore> stores,
        CancellationToken cancellationToken
    )
    {
        var secret = (await session.ReadSecretAsync(plan, cancellationToken)).ToText();
        for (var at = 0; ; at++)
        {
            try
            {
                return await Vault.OpenAsync(stores[at], secret, VaultAccess.HostOf(session, plan), cancellationToken);
            }
            catch (ResurgamException e) when (at + 1 < stores.Count)
            {
                session.Output.Warn($"{e.Problem.What} ({e.Problem.Code})");
            }
        }
    }

    private static string LineOf(HealedView damaged, bool isDryRun) =>
        damaged switch
        {
            { From: { } from } =>
                $"{(isDryRun ? "would heal" : "healed")}  {damaged.Key}: {damaged.How}; {from} has a whole one",
            { Outcome: HealedView.Remade } =>
                $"{(isDryRun ? "would make anew" : "made anew")}  {damaged.Key}: {damaged.How}",
            _ => $"{damaged.Outcome}  {damaged.Key}: {damaged.How}",
        };

    private static void WriteText(TextWriter text, VaultHealDocument document)
    {
        foreach (var damaged in document.Damaged)
            text.WriteLine(LineOf(damaged, document.DryRun));
        foreach (var finding in document.Findings)
            text.WriteLine($"{finding.Fault}  {finding.Key}: {finding.How}");
        if (document.MissingObjects > 0)
            text.WriteLine(
                $"{(document.DryRun ? "would bring" : "brought")} back {document.MissingObjects} objects, {new ByteSize(document.MissingBytes)}, that were missing"
            );
        text.WriteLine(
            $"{(document.Passed ? "whole" : "not whole")}: {document.Objects} objects, {new ByteSize(document.BytesRead)} read in {document.Store}, {document.Damaged.Count} damaged"
        );
    }
}
