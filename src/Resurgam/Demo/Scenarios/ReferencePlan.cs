using System.Globalization;
using System.Text.RegularExpressions;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Demo.Scenarios;

/// <summary>The plan of plans/healthcare-gitops as this program was built with it, on places of the demo's folder.</summary>
internal static partial class ReferencePlan
{
    private const string Resource = "healthcare-gitops.yaml";

    /// <summary>Ports of the drill's services follow those of the real ones.</summary>
    [GeneratedRegex(@"http://127\.0\.0\.1:(?<port>\d+)")]
    private static partial Regex Address { get; }

    [GeneratedRegex(@"unit: (?<name>[a-z-]+)\.service")]
    private static partial Regex Unit { get; }

    [GeneratedRegex(@"action: fault-kill-service, with: \{ target: (?<name>[a-z-]+)(?= )")]
    private static partial Regex KilledService { get; }

    [GeneratedRegex("cluster-uid: [0-9a-f-]{36}")]
    private static partial Regex ClusterUid { get; }

    [GeneratedRegex(@"hold-for: \d+m")]
    private static partial Regex HoldFor { get; }

    [GeneratedRegex(@"    host: sessions\.internal\n    user: backup\n    password: [^\n]*\n")]
    private static partial Regex Sessions { get; }

    public static string Read()
    {
        using var stream =
            typeof(ReferencePlan).Assembly.GetManifestResourceStream(Resource)
            ?? throw new System.Diagnostics.UnreachableException("the reference plan is built in");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    /// <param name="portOf">From a port of the plan to one that is free here.</param>
    /// <param name="clusters">Null: there are none here, and the plan is without its asset, its targets and the steps that need one.</param>
    /// <returns>The same scenarios, runbooks and people; every place below <paramref name="folder"/>.</returns>
    public static string Write(string folder, Func<int, int> portOf, ReferenceUids? clusters)
    {
        var plan = Read();
        plan = clusters is null ? ReferencePlanSteps.WithoutCluster(plan) : OnClusters(plan, clusters);
        plan = plan.Replace("/var/run/postgresql", $"{folder}/socket", StringComparison.Ordinal)
            .Replace("/var/lib/postgresql/15/main", $"{folder}/data", StringComparison.Ordinal)
            .Replace("/usr/local/lib/resurgam/", $"{folder}/lib/", StringComparison.Ordinal)
            .Replace("/etc/resurgam/", $"{folder}/etc/", StringComparison.Ordinal)
            .Replace("/srv/", $"{folder}/", StringComparison.Ordinal)
            .Replace("/mnt/", $"{folder}/", StringComparison.Ordinal)
            .Replace(" user=postgres", $" user=postgres dbname={DemoPlatform.Database}", StringComparison.Ordinal)
            .Replace("with: { folder: ", $"with: {{ program: {folder}/lib/tofu, folder: ", StringComparison.Ordinal)
            // What the demo's writers write.
            .Replace(
                "query: select max(created_at) from commits",
                "query: select max(occurred_at) from audit_logs",
                StringComparison.Ordinal
            )
            .Replace("max(created_at)", "max(committed_at)", StringComparison.Ordinal);
        plan = Sessions.Replace(plan, $"    socket: {folder}/sessions.sock\n");
        plan = Address.Replace(
            plan,
            found =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"http://127.0.0.1:{portOf(int.Parse(found.Groups["port"].ValueSpan, CultureInfo.InvariantCulture))}"
                )
        );
        plan = Unit.Replace(
            plan,
            $"start: [{folder}/lib/service, start, ${{name}}], stop: [{folder}/lib/service, stop, ${{name}}], probe: [{folder}/lib/service, probe, ${{name}}]"
        );
        plan = KilledService.Replace(plan, $"$0, pid-file: {folder}/services/${{name}}-drill.pid");
        plan = HoldFor.Replace(plan, "hold-for: 2s");
        return $"{plan}\nstate: {DemoPlan.StateFolder(folder)}\n";
    }

    /// <summary>The first uid of the plan is that of the platform's cluster, any other that of drills.</summary>
    private static string OnClusters(string plan, ReferenceUids clusters)
    {
        var first = ClusterUid.Match(plan).Value;
        return ClusterUid.Replace(
            plan,
            found => $"cluster-uid: {(found.Value == first ? clusters.First : clusters.Drill)}"
        );
    }

    /// <summary>Another promise than the plan's, for one scenario.</summary>
    /// <param name="objective"><c>rto</c> or <c>rpo</c>.</param>
    public static string Promise(string plan, string scenario, string objective, TimeSpan span)
    {
        var at = plan.IndexOf(
            $"\n  {scenario}:\n",
            plan.IndexOf("\nscenarios:\n", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        var begin = plan.IndexOf($"    {objective}: ", at, StringComparison.Ordinal);
        var end = plan.IndexOf('\n', begin);
        return $"{plan[..begin]}    {objective}: {Duration.Format(span)}{plan[end..]}";
    }

    /// <summary>The same plan, in whose drills a step of a runbook is not done.</summary>
    public static string Without(string plan, RunbookId runbook, StepId step)
    {
        var steps = plan.IndexOf(
            $"\n  {runbook}:\n",
            plan.IndexOf("\nrunbooks:\n", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        var begin = plan.IndexOf($"\n      {step}: {{ ", steps, StringComparison.Ordinal) + 1;
        var end = plan.IndexOf('\n', begin);
        var line = plan[begin..end]
            .Replace(", drill: run", "", StringComparison.Ordinal)
            .Replace(", drill: skip", "", StringComparison.Ordinal)
            .Replace($"{step}: {{ ", $"{step}: {{ drill: skip, ", StringComparison.Ordinal);
        return $"{plan[..begin]}{line}{plan[end..]}";
    }
}
