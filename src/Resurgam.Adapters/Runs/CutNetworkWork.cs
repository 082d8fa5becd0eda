using Resurgam.Adapters.Processes;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>
/// A rule of the routing policy drops all that would leave a network namespace: links, addresses and routes stay as they
/// are, and the undo is to take the rule away (ip-rule(8)).
/// </summary>
internal sealed class CutNetworkWork(StepAction.CutNetwork action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    /// <summary>Right behind the rule for the namespace's own addresses, before all others.</summary>
    private const string Preference = "1";

    private static IReadOnlyList<string> Families => Directory.Exists("/proc/sys/net/ipv6") ? ["-4", "-6"] : ["-4"];

    public override Task<StepReport> LookAsync(CancellationToken cancellationToken) =>
        Task.FromResult(
            StepReport.Done(
                File.Exists($"/run/netns/{action.Namespace}")
                    ? $"no packet would leave {action.Namespace}"
                    : $"there is no network namespace {action.Namespace}"
            )
        );

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        Check();
        foreach (var family in Families)
            if (!await IsCutAsync(family, cancellationToken))
                await IpAsync(
                    [family, "-n", action.Namespace, "rule", "add", "pref", Preference, "blackhole"],
                    cancellationToken
                );
        return StepReport.Done($"no packet leaves {action.Namespace} any more");
    }

    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists($"/run/netns/{action.Namespace}"))
            return StepReport.Done($"namespace {action.Namespace} is gone");
        foreach (var family in Families)
            if (await IsCutAsync(family, cancellationToken))
                await IpAsync([family, "-n", action.Namespace, "rule", "del", "pref", Preference], cancellationToken);
        return StepReport.Done($"{action.Namespace} has its network again");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        foreach (var family in Families)
            if (!await IsCutAsync(family, cancellationToken))
                return false;
        return true;
    }

    private void Check()
    {
        if (!Environment.IsPrivilegedProcess)
            throw FaultProblems.NotRoot(action.Kind);
        if (!File.Exists($"/run/netns/{action.Namespace}"))
            throw FaultProblems.NoNamespace(action.Namespace);
    }

    private async Task<bool> IsCutAsync(string family, CancellationToken cancellationToken) =>
        (
            await IpAsync([family, "-n", action.Namespace, "rule", "show", "pref", Preference], cancellationToken)
        ).Contains("blackhole", StringComparison.Ordinal);

    private async Task<string> IpAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await Tools.Processes.RunAsync(
            new ProcessRequest
            {
                Program = "ip",
                Arguments = [.. arguments],
                Timeout = Call.Step.Timeout,
            },
            cancellationToken
        );
        return result.ExitCode == 0 ? result.OutputText : throw FaultProblems.Command("ip", result.Error.Trim());
    }
}
