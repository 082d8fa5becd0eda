using System.Globalization;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>The world of steps: from an action to the class that does it.</summary>
public sealed class StepWork(ActionTools tools) : IStepWork
{
    public Task<StepReport> LookAsync(StepCall stepCall, CancellationToken cancellationToken) =>
        Of(stepCall).LookAsync(cancellationToken);

    public Task<StepReport> ActAsync(StepCall stepCall, CancellationToken cancellationToken) =>
        // What undoes a step is an action of its own, unless the step's action undoes itself.
        stepCall.IsUndo && stepCall.Step.Undo is null
            ? Of(stepCall).UndoAsync(cancellationToken)
            : Of(stepCall).ActAsync(cancellationToken);

    public Task<bool?> ProbeAsync(StepCall stepCall, CancellationToken cancellationToken) =>
        Of(stepCall).ProbeAsync(cancellationToken);

    public async Task<ConditionReport> AskAsync(
        Condition condition,
        StepCall stepCall,
        CancellationToken cancellationToken
    )
    {
        switch (condition)
        {
            case Condition.Sql sql:
                var server = ActionWork.FindTarget<Target.Postgres>(stepCall, sql.On);
                await using (var connection = await ActionWork.ConnectAsync(server, tools, cancellationToken))
                {
                    var value = await connection.ScalarAsync(sql.Query, cancellationToken);
                    return new ConditionReport(
                        value == sql.Expect,
                        $"{sql.On} answers '{value}'{Wanted(value == sql.Expect, sql.Expect)}"
                    );
                }
            case Condition.Http http:
                var target = ActionWork.FindTarget<Target.Web>(stepCall, http.On);
                using (HttpRequestMessage request = new(HttpMethod.Get, $"{target.Url}{http.Path}"))
                {
                    var status = await HttpWork.SendAsync(request, target, tools, cancellationToken);
                    return new ConditionReport(
                        status == http.Status,
                        $"{http.Path} of {http.On} answers {status}{Wanted(status == http.Status, http.Status.ToString(CultureInfo.InvariantCulture))}"
                    );
                }
            case Condition.Command command:
                var code = await ActionWork.RunAsync(command.Argv, stepCall, tools, cancellationToken);
                return new ConditionReport(code == 0, $"{command.Argv[0]} ended with {code}");
            default:
                throw new System.Diagnostics.UnreachableException($"no question is written for {condition}");
        }
    }

    private static string Wanted(bool holds, string wanted) => holds ? "" : $" and not '{wanted}'";

    private ActionWork Of(StepCall call) =>
        call.Action switch
        {
            StepAction.Wait action => new WaitWork(action, call, tools),
            StepAction.Approve => new ApproveWork(call, tools),
            StepAction.Notify action => new NotifyWork(action, call, tools),
            StepAction.Command action => new CommandWork(action, call, tools),
            StepAction.Http action => new HttpWork(action, call, tools),
            StepAction.Sql action => new SqlWork(action, call, tools),
            StepAction.VaultBackup action => new VaultBackupWork(action, call, tools),
            StepAction.VaultVerify action => new VaultVerifyWork(action, call, tools),
            StepAction.VaultRestore action => new VaultRestoreWork(action, call, tools),
            StepAction.VaultCopy action => new VaultCopyWork(action, call, tools),
            StepAction.PostgresDiagnose action => new PostgresDiagnoseWork(action, call, tools),
            StepAction.PostgresSetting action => new PostgresSettingWork(action, call, tools),
            StepAction.PostgresRestart action => new PostgresRestartWork(action, call, tools),
            StepAction.PostgresStop action => new PostgresServerWork(action.On, wantsUp: false, call, tools),
            StepAction.PostgresStart action => new PostgresServerWork(action.On, wantsUp: true, call, tools),
            StepAction.PostgresTerminate action => new PostgresTerminateWork(action, call, tools),
            StepAction.PostgresFence action => new PostgresFenceWork(action, call, tools),
            StepAction.PostgresPromote action => new PostgresPromoteWork(action, call, tools),
            StepAction.PostgresRotate action => new PostgresRotateWork(action, call, tools),
            StepAction.PostgresRevoke action => new PostgresRevokeWork(action, call, tools),
            StepAction.PostgresSwap action => new PostgresSwapWork(action, call, tools),
            StepAction.RedisPromote action => new RedisPromoteWork(action, call, tools),
            StepAction.RedisFlush action => new RedisFlushWork(action, call, tools),
            StepAction.DnsUpdate action => new DnsUpdateWork(action, call, tools),
            StepAction.GitRevert action => new GitRevertWork(action, call, tools),
            StepAction.GitPush action => new GitPushWork(action, call, tools),
            StepAction.TofuPlan action => new TofuPlanWork(action, call, tools),
            StepAction.TofuApply action => new TofuApplyWork(action, call, tools),
            StepAction.ServiceStart action => new ServiceWork(action.On, ServiceVerb.Start, call, tools),
            StepAction.ServiceStop action => new ServiceWork(action.On, ServiceVerb.Stop, call, tools),
            StepAction.ServiceRestart action => new ServiceWork(action.On, ServiceVerb.Restart, call, tools),
            StepAction.KubernetesEvidence action => new KubernetesEvidenceWork(action, call, tools),
            StepAction.KubernetesPause action => new KubernetesPauseWork(action, call, tools),
            StepAction.KubernetesResume action => new KubernetesResumeWork(action, call, tools),
            StepAction.KubernetesScale action => new KubernetesScaleWork(action, call, tools),
            StepAction.KubernetesRestart action => new KubernetesRestartWork(action, call, tools),
            StepAction.KubernetesRollback action => new KubernetesRollbackWork(action, call, tools),
            StepAction.KubernetesWait action => new KubernetesWaitWork(action, call, tools),
            StepAction.KubernetesApply action => new KubernetesApplyWork(action, call, tools),
            StepAction.KubernetesEvict action => new KubernetesEvictWork(action, call, tools),
            StepAction.KubernetesQuarantine action => new KubernetesQuarantineWork(action, call, tools),
            { IsFault: true } when !call.IsDrill => throw FaultProblems.OutsideOfDrill(call.Action.Kind),
            StepAction.Hold action => new HoldWork(
                action,
                call,
                tools,
                (condition, cancellationToken) => AskAsync(condition, call, cancellationToken)
            ),
            StepAction.Measure action => new MeasureWork(action, call, tools),
            StepAction.KillService action => new KillServiceWork(action, call, tools),
            StepAction.KillPostgres action => new KillPostgresWork(action, call, tools),
            StepAction.DestroyFiles action => new DestroyFilesWork(action, call, tools),
            StepAction.CutNetwork action => new CutNetworkWork(action, call, tools),
            StepAction.Manual => throw new System.Diagnostics.UnreachableException("what is by hand is a person's"),
            _ => throw new System.Diagnostics.UnreachableException($"no work is written for {call.Action.Kind}"),
        };
}
