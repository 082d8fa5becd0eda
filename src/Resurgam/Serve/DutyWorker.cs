using System.Diagnostics;
using Resurgam.Adapters.Traces;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.Duties;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Drills;
using Resurgam.Ledgers;
using Resurgam.Readiness;
using Resurgam.Retention;
using Resurgam.Vaults;
using Resurgam.Verifications;
using Resurgam.Wal;

namespace Resurgam.Serve;

/// <summary>Does duties in this process: what is killed with it is killed whole.</summary>
internal sealed class DutyWorker(Session session, Plan plan, DaemonLog log, Action ended) : IDutyWorker
{
    public IDutyWork Start(Duty duty) =>
        new Work(token => duty.IsEndless ? DoAsync(duty, token) : DoTracedAsync(duty, token), session, ended);

    private Task<DutyResult> DoTracedAsync(Duty duty, CancellationToken cancellationToken) =>
        Spans.RunAsync(
            $"duty {duty.Name.Split(' ')[0]}",
            [("resurgam.duty", duty.Name), ("resurgam.due", CliJson.ToText(duty.DueAt))],
            async span =>
            {
                var result = await DoAsync(duty, cancellationToken);
                if (!result.Passed)
                    Spans.Fail(span, result.IsBroken ? "duty-broken" : "duty-not-passed", result.What);
                return result;
            }
        );

    private async Task<DutyResult> DoAsync(Duty duty, CancellationToken cancellationToken)
    {
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        return duty switch
        {
            Duty.Backup backup => await BackUpAsync(backup, vault, cancellationToken),
            Duty.Verify verify => await VerifyAsync(verify, vault, cancellationToken),
            Duty.Copy copy => await CopyAsync(copy, vault, cancellationToken),
            Duty.Scrub scrub => await ScrubAsync(scrub, vault, cancellationToken),
            Duty.Check => await CheckAsync(duty, vault, cancellationToken),
            Duty.Drill drill => await DrillAsync(drill, vault, cancellationToken),
            Duty.Expire => await ExpireAsync(duty, vault, cancellationToken),
            Duty.Look => await LookAsync(vault, cancellationToken),
            Duty.Follow follow => await FollowAsync(follow, vault, cancellationToken),
            _ => throw new UnreachableException($"no way is written to do {duty}"),
        };
    }

    private async Task<DutyResult> BackUpAsync(Duty.Backup duty, Vault vault, CancellationToken cancellationToken)
    {
        var asset = plan.GetAsset(duty.Asset.Value);
        var document = await BackupCommand.RunAndRecordAsync(session, plan, asset, vault, cancellationToken);
        foreach (var finding in document.Findings)
            log.Write(LogLevel.Warning, duty.Name, finding);
        return new DutyResult(
            IsBroken: false,
            Passed: document.Findings.Count == 0,
            $"snapshot {document.Snapshot.Short}{(document.Findings.Count > 0 ? ", not everything of the source is in it" : "")}"
        );
    }

    private async Task<DutyResult> VerifyAsync(Duty.Verify duty, Vault vault, CancellationToken cancellationToken)
    {
        var document = await VerifyCommand.RunAndRecordAsync(
            session,
            plan,
            plan.GetAsset(duty.Asset.Value),
            vault,
            duty.Snapshot.Hex,
            isSnapshotOnly: false,
            cancellationToken
        );
        var what = $"snapshot {document.Snapshot.Short} {(document.Passed ? "proven" : "did not pass")}";
        return new DutyResult(IsBroken: false, document.Passed, what);
    }

    private async Task<DutyResult> CopyAsync(Duty.Copy duty, Vault vault, CancellationToken cancellationToken)
    {
        var copy = await VaultCopyCommand.CopyAsync(
            session,
            plan,
            new VaultCopyRequest(duty.Replica, Every: null, IsVerified: false, IsDryRun: false),
            vault.Store,
            PlaceAccess.Get(plan, duty.Replica),
            cancellationToken
        );
        foreach (var finding in copy.Findings)
            log.Write(LogLevel.Warning, duty.Name, $"{finding.Fault}: {finding.Key}: {finding.How}");
        return new DutyResult(IsBroken: copy.Problem is not null, copy.Passed, VaultCopyCommand.LineOf(copy, false));
    }

    private async Task<DutyResult> ScrubAsync(Duty.Scrub duty, Vault vault, CancellationToken cancellationToken)
    {
        var document = await VaultScrubCommand.ScrubAsync(
            session,
            plan,
            vault,
            PlaceAccess.Get(plan, duty.Place),
            isWhole: false,
            cancellationToken
        );
        foreach (var damage in document.Damaged)
            log.Write(LogLevel.Warning, duty.Name, $"damaged: {damage.Key}: {damage.How}");
        return new DutyResult(IsBroken: false, document.Passed, document.State.ToText());
    }

    private async Task<DutyResult> CheckAsync(Duty duty, Vault vault, CancellationToken cancellationToken)
    {
        var document = await VaultCheckCommand.CheckAsync(session, vault, readData: false, cancellationToken);
        foreach (var damage in document.Damage)
            log.Write(LogLevel.Warning, duty.Name, $"damaged: {damage.Subject}: {damage.How}");
        return new DutyResult(IsBroken: false, document.Passed, VaultCheckCommand.LineOf(document));
    }

    /// <summary>One that comes too late, because who had begun it died, is undone and not begun again.</summary>
    private async Task<DutyResult> DrillAsync(Duty.Drill duty, Vault vault, CancellationToken cancellationToken)
    {
        using HttpMessageInvoker http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
        DrillRunner runner = new(session, plan, vault, told => log.Write(LogLevel.Note, duty.Name, told));
        DrillRequest request = new(duty.Of, "due by the plan's schedule", At: null, As: null, Out: null, false);
        var drill = plan.Drills.First(one => one.Name == duty.Of);
        if (duty.IsMissedAt(session.Time.GetUtcNow()))
            return await runner.UndoLeftAsync(drill, request, http, cancellationToken)
                ? new DutyResult(IsBroken: false, Passed: false, "cut off in the middle, and undone")
                : new DutyResult(IsBroken: false, Passed: false, DutyBook.MissedBy(duty)) { IsMissed = true };
        return await runner.RunAsync(drill, request, http, cancellationToken) switch
        {
            null => new DutyResult(IsBroken: false, Passed: false, "an undo failed, and waits for a person"),
            { Passed: true } report => new DutyResult(IsBroken: false, Passed: true, $"passed (run {report.Run})"),
            var report => new DutyResult(
                IsBroken: false,
                Passed: false,
                $"did not pass (run {report.Run}): {string.Join("; ", report.Reasons)}"
            ),
        };
    }

    private async Task<DutyResult> ExpireAsync(Duty duty, Vault vault, CancellationToken cancellationToken)
    {
        var document = await ExpireCommand.ExpireAsync(session, plan, vault, isDryRun: false, cancellationToken);
        foreach (var destroyed in document.Destroyed)
            log.Write(LogLevel.Note, duty.Name, $"{destroyed.Generation} destroyed: {destroyed.Deleted} objects");
        return new DutyResult(
            IsBroken: false,
            Passed: true,
            document.Destroyed.Count == 0
                ? "nothing expires"
                : $"{Plural.Of(document.Destroyed.Count, "generation")} destroyed"
        );
    }

    private async Task<DutyResult> LookAsync(Vault vault, CancellationToken cancellationToken)
    {
        var found = await new ReadinessLook(session, plan, vault).RunAndRecordAsync(
            LedgerAccess.OpenWriter(session, plan, vault),
            cancellationToken
        );
        var risks = found.Count(each => each.Finding.IsRisk);
        return new DutyResult(
            IsBroken: false,
            Passed: risks == 0,
            found.Count == 0 ? "all is as the plan has it" : $"{found.Count} open, {risks} of them risks"
        );
    }

    private async Task<DutyResult> FollowAsync(Duty.Follow duty, Vault vault, CancellationToken cancellationToken)
    {
        if (plan.GetAsset(duty.Asset.Value) is not Asset.Redis redis)
            throw new UnreachableException($"{duty.Asset} has no commands to follow");
        await RedisStreamFlow.RunAsync(
            session,
            plan,
            redis,
            vault,
            told => log.Write(LogLevel.Note, duty.Name, told),
            cancellationToken
        );
        return new DutyResult(IsBroken: false, Passed: true, "stopped");
    }

    private sealed class Work : IDutyWork
    {
        private readonly Action _cancel;
        private readonly Task _task;
        private volatile DutyResult? _result;

        public Work(Func<CancellationToken, Task<DutyResult>> work, Session session, Action ended)
        {
            CancellationTokenSource cancel = new();
            _cancel = cancel.Cancel;
            _task = Task.Run(
                async () =>
                {
                    _result = await GuardAsync(work, session, cancel.Token);
                    ended();
                },
                CancellationToken.None
            );
        }

        public DutyResult? Result => _task.IsCompleted ? _result : null;

        public void Cancel() => _cancel();

        private static async Task<DutyResult> GuardAsync(
            Func<CancellationToken, Task<DutyResult>> work,
            Session session,
            CancellationToken cancellationToken
        )
        {
            try
            {
                return await work(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return new DutyResult(IsBroken: true, Passed: false, "stopped");
            }
            catch (ResurgamException e)
            {
                return new DutyResult(IsBroken: true, Passed: false, $"{e.Problem.What} ({e.Problem.Code})");
            }
            catch (Exception e) when (session.FindFileFault(e)?.Problem is { } problem)
            {
                return new DutyResult(IsBroken: true, Passed: false, $"{problem.What} ({problem.Code})");
            }
#pragma warning disable CA1031 // A root: the duty's bug is its result, and the daemon goes on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                return new DutyResult(IsBroken: true, Passed: false, $"a bug: {e}");
            }
        }
    }
}
