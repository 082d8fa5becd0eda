using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Duties;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Vaults;

namespace Resurgam.Status;

internal static class StatusCommand
{
    public static Command Create()
    {
        Argument<string[]> assets = new("asset")
        {
            Description = "Only these assets, each with its critical path.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string?> scenario = new("--scenario")
        {
            Description = "A scenario of the plan, whose critical path is shown, beside all assets.",
            HelpName = "NAME",
        };
        Command command = new("status", "Are we safe right now? What would be lost, and how long recovery would take.")
        {
            assets,
            scenario,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(Session.Of(line), line.GetValue(assets) ?? [], line.GetValue(scenario), cancellationToken)
        );
        return command;
    }

    /// <returns>Exit code: 0 when no finding is a risk, 24 otherwise (docs/exit-codes.md).</returns>
    internal static async Task<int> RunAsync(
        Session session,
        IReadOnlyList<string> names,
        string? scenario,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        // A scenario is predicted from all of its assets.
        IReadOnlyList<Asset> assets =
            names.Count == 0 || scenario is not null ? plan.Assets : [.. names.Distinct().Select(plan.GetAsset)];
        if (scenario is not null && plan.Scenarios.All(each => each.Name != scenario))
            throw PlanProblems.ScenarioUnknown(plan, scenario);
        if (await FindSilenceAsync(session, plan, cancellationToken) is { } silence)
            return Write(session, silence, names.Count > 0, scenario);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var status = await new StatusReader(session, plan, vault).ReadAsync(assets, cancellationToken);
        var replicas = await PlaceStates.CompareAsync(session, plan, vault.Store, cancellationToken);
        var scrubs = await ReadScrubsAsync(plan, vault, cancellationToken);
        var own = await PlaceStates.FindOwnAsync(session, plan, vault.Store, cancellationToken);
        var findings = PlaceStates.FindingsOf(replicas, scrubs, status.At);
        status = status with { Findings = [.. status.Findings, .. own, .. findings] };
        var document = StatusDocument.Of(plan, vault.Descriptor?.Id, vault.Store.Name, status) with
        {
            Replicas = replicas,
            Scrubs = scrubs,
        };
        return Write(session, document, names.Count > 0, scenario);
    }

    private static int Write(Session session, StatusDocument document, bool hasDetails, string? scenario)
    {
        session.Output.Write(
            document,
            StatusDocuments.Json.StatusDocument,
            text => StatusText.Write(text, document, hasDetails, scenario)
        );
        return document.Safe ? ExitCode.Success : ExitCode.AtRisk;
    }

    /// <summary>Nobody can say how safe anything is while the vault does not answer; who does is told.</summary>
    /// <returns>Null: it answers.</returns>
    private static async Task<StatusDocument?> FindSilenceAsync(
        Session session,
        Plan plan,
        CancellationToken cancellationToken
    )
    {
        var chosen = PlaceAccess.Chosen(session, plan);
        if (await FindProblemAsync(session, chosen, cancellationToken) is not { Remedy: Remedy.Retry } problem)
            return null;
        var others = PlaceAccess.All(plan).Where(place => place.Name != chosen.Name).ToList();
        var problems = await Task.WhenAll(others.Select(place => FindProblemAsync(session, place, cancellationToken)));
        var answering = others.Where((_, index) => problems[index] is null).Select(place => place.Name).ToList();
        var now = session.Time.GetUtcNow();
        ScheduleSlots slots = new(plan.Schedules);
        slots.MoveTo(now);
        var status = VaultStatus.Of(
            plan,
            now,
            [],
            [StatusFindings.Unreachable(problem, answering)],
            [],
            slots.Upcoming(),
            new StepTimes([]),
            []
        );
        return StatusDocument.Of(plan, vaultId: null, chosen.Place.Store.Written, status);
    }

    private static async Task<Problem?> FindProblemAsync(
        Session session,
        ReplicaPlace place,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await PlaceAccess.FindDescriptorAsync(session, place, cancellationToken);
            return null;
        }
        catch (ResurgamException e)
        {
            return e.Problem;
        }
    }

    /// <summary>A ledger that is damaged is a finding already, of the assets.</summary>
    private static async Task<IReadOnlyList<ScrubView>> ReadScrubsAsync(
        Plan plan,
        Core.Vaults.Vault vault,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await PlaceStates.ReadScrubsAsync(plan, vault, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return [];
        }
    }
}
