using Resurgam.Cli;
using Resurgam.Core.Duties;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Vaults;
using Resurgam.Verifications;

namespace Resurgam.Serve;

/// <summary>Does duties in this process: what is killed with it is killed whole.</summary>
internal sealed class DutyWorker(Session session, Plan plan, Action ended) : IDutyWorker
{
    public IDutyWork Start(Duty duty) => new Work(token => DoAsync(duty, token), ended);

    private async Task<DutyResult> DoAsync(Duty duty, CancellationToken cancellationToken)
    {
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        switch (duty)
        {
            case Duty.Verify verify:
                var document = await VerifyCommand.RunAndRecordAsync(
                    session,
                    plan,
                    plan.GetAsset(verify.Asset.Value),
                    vault,
                    verify.Snapshot.Hex,
                    isSnapshotOnly: false,
                    cancellationToken
                );
                var what = $"snapshot {document.Snapshot.Short} {(document.Passed ? "proven" : "did not pass")}";
                return new DutyResult(IsBroken: false, document.Passed, what);
            default:
                throw new System.Diagnostics.UnreachableException($"no way is written to do {duty}");
        }
    }

    private sealed class Work : IDutyWork
    {
        private readonly Action _cancel;
        private readonly Task _task;
        private volatile DutyResult? _result;

        public Work(Func<CancellationToken, Task<DutyResult>> work, Action ended)
        {
            CancellationTokenSource cancel = new();
            _cancel = cancel.Cancel;
            _task = Task.Run(
                async () =>
                {
                    _result = await GuardAsync(work, cancel.Token);
                    ended();
                },
                CancellationToken.None
            );
        }

        public DutyResult? Result => _task.IsCompleted ? _result : null;

        public void Cancel() => _cancel();

        private static async Task<DutyResult> GuardAsync(
            Func<CancellationToken, Task<DutyResult>> work,
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
#pragma warning disable CA1031 // A root: the duty's bug is its result, and the daemon goes on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                return new DutyResult(IsBroken: true, Passed: false, $"a bug: {e}");
            }
        }
    }
}
