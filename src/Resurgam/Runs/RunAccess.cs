using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Processes;
using Resurgam.Adapters.Runs;
using Resurgam.Adapters.Secrets;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Runs;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Runs;

/// <summary>From a command to a run in the vault, to who says something, and to the world of its steps.</summary>
internal static class RunAccess
{
    public static RunJournal OpenJournal(Session session, Plan plan, Vault vault, RunId run) =>
        vault.Descriptor is null
            ? throw RunCommandProblems.PlainRepository()
            : new RunJournal(
                LedgerAccess.OpenWriter(session, plan, vault),
                run,
                LedgerAccess.SeenOf(session, plan, vault.OpenLedger())
            );

    /// <summary>A run by its name, or by the beginning of it when only one begins so.</summary>
    public static async Task<RunJournal> FindAsync(
        Session session,
        Plan plan,
        Vault vault,
        string wanted,
        CancellationToken cancellationToken
    )
    {
        var runs = await ListAsync(vault, cancellationToken);
        var matching = runs.Where(run => run.Value == wanted).ToList();
        if (matching.Count == 0)
            matching = [.. runs.Where(run => run.Value.StartsWith(wanted, StringComparison.Ordinal))];
        var journal = matching switch
        {
            [var one] => OpenJournal(session, plan, vault, one),
            [] => throw RunProblems.Absent(new RunId(wanted)),
            _ => throw RunCommandProblems.Ambiguous(wanted, matching),
        };
        await journal.CatchUpAsync(cancellationToken);
        return journal;
    }

    /// <summary>Oldest first, as their names have the time in them for each runbook.</summary>
    public static async Task<IReadOnlyList<RunId>> ListAsync(Vault vault, CancellationToken cancellationToken)
    {
        const string prefix = "run.";
        var streams = await vault.OpenLedger().ListStreamsAsync(cancellationToken);
        return
        [
            .. streams
                .Where(stream => stream.Value.StartsWith(prefix, StringComparison.Ordinal))
                .Select(stream => new RunId(stream.Value[prefix.Length..])),
        ];
    }

    public static RunId NewRun(Session session, RunbookId runbook)
    {
        var at = session.Time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        return new RunId($"{runbook}-{at}-{ChanceOf(session, 2)}");
    }

    /// <summary><c>--as</c>, else <c>RESURGAM_PERSON</c>, else who called sudo, else the user.</summary>
    public static string PersonOf(Session session, string? asOption) =>
        asOption
        ?? session.Around.FindVariable("RESURGAM_PERSON")
        ?? session.Around.FindVariable("SUDO_USER")
        ?? ThisProcess.Identity(UserNames.Read()).Username;

    /// <summary>A name that no other process has.</summary>
    public static RunEvent.Led NewLead(Session session, string person, string reason) =>
        new(ChanceOf(session, 8), $"{PlacePrefix}{Environment.ProcessId}", person, reason)
        {
            Process = ThisProcess.Mark,
        };

    /// <summary>The leader was a process of this machine, and is gone.</summary>
    public static bool IsDeadHere(RunState state) =>
        state.LeaderPlace.StartsWith(PlacePrefix, StringComparison.Ordinal)
        && int.TryParse(state.LeaderPlace[PlacePrefix.Length..], CultureInfo.InvariantCulture, out var process)
        && (
            state.LeaderProcess is { } mark
                ? ThisProcess.IsGone(process, mark)
                : process != Environment.ProcessId && !ThisProcess.IsAlive(process)
        );

    /// <summary>This machine's plan, with the run's assets as the plan had them when it began.</summary>
    public static Plan PlanOf(Plan plan, RunEvent.Begun begun) =>
        plan.Hash == begun.PlanHash
            ? plan
            : plan with
            {
                Assets = [.. begun.Assets, .. plan.Assets.Where(asset => begun.Assets.All(one => one.Id != asset.Id))],
            };

    /// <summary>The replica that a drill restores from, as if the vault's own place were gone.</summary>
    /// <returns>Null: the vault itself.</returns>
    public static async Task<Vault?> OpenSourceAsync(
        Session session,
        Plan plan,
        RunEvent.Begun begun,
        CancellationToken cancellationToken
    ) =>
        begun.Rehearsal?.From is { } place
            ? await VaultAccess.OpenAsync(session, plan, PlaceAccess.Get(plan, place), cancellationToken)
            : null;

    /// <param name="source">What restores read; null: the vault itself.</param>
    public static IStepWork OpenWork(
        Session session,
        Plan plan,
        Vault vault,
        HttpMessageInvoker http,
        Vault? source = null
    )
    {
        ProcessRunner processes = new(session.Time);
        StepWork work = new(
            new ActionTools
            {
                Processes = processes,
                Secrets = new SecretReader(processes, session.Around.FindVariable),
                Http = http,
                Vault = new VaultWork(session, plan, vault, source ?? vault),
                Time = session.Time,
                ScratchFolder = Path.Combine(session.StateDirectoryOf(plan), "steps"),
                Variable = session.Around.FindVariable,
                Tell = session.Output.Detail,
            }
        );
        return session.Around.Traces is null ? work : new TracedWork(work);
    }

    private static string PlacePrefix => $"{Environment.MachineName} process ";

    private static string ChanceOf(Session session, int bytes)
    {
        Span<byte> chance = stackalloc byte[bytes];
        session.Entropy.Fill(chance);
        return Convert.ToHexStringLower(chance);
    }
}
