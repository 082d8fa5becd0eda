using System.Text.RegularExpressions;

namespace Resurgam.Demo.Scenarios;

/// <summary>The reference plan without what this machine has no server for.</summary>
internal static partial class ReferencePlanSteps
{
    [GeneratedRegex(@"  cluster:\n    kind: kubernetes\n(    .*\n)+")]
    private static partial Regex Asset { get; }

    [GeneratedRegex(@"^  [a-z-]+: \{ kind: kubernetes,.*\n", RegexOptions.Multiline)]
    private static partial Regex Target { get; }

    [GeneratedRegex(@"(?<=    affects: \[.*)cluster, ")]
    private static partial Regex Affected { get; }

    [GeneratedRegex("^  (?<name>[a-z-]+):$")]
    private static partial Regex Group { get; }

    [GeneratedRegex(@"^      (?<name>[a-z-]+): \{.*(action: kubernetes-|asset: cluster,)")]
    private static partial Regex Step { get; }

    [GeneratedRegex(@"(?<=, )needs: \[(?<names>[^\]]*)\], ")]
    private static partial Regex Needs { get; }

    /// <summary>What needed a step that is gone needs what that one needed.</summary>
    public static string WithoutCluster(string plan)
    {
        plan = Affected.Replace(Target.Replace(Asset.Replace(plan, ""), ""), "");
        Dictionary<string, IReadOnlyList<string>> gone = [];
        List<string> lines = [];
        foreach (var line in plan.Split('\n'))
        {
            if (Group.IsMatch(line))
                gone.Clear();
            if (Step.Match(line) is { Success: true } step)
                gone[step.Groups["name"].Value] = NeedsOf(Needs.Match(line), gone);
            else
                lines.Add(
                    Needs.Replace(
                        line,
                        found =>
                            NeedsOf(found, gone) is { Count: > 0 } needs ? $"needs: [{string.Join(", ", needs)}], " : ""
                    )
                );
        }
        return string.Join('\n', lines);
    }

    private static List<string> NeedsOf(Match needs, Dictionary<string, IReadOnlyList<string>> gone) =>
        [
            .. needs
                .Groups["names"]
                .Value.Split(", ", StringSplitOptions.RemoveEmptyEntries)
                .SelectMany(name => gone.GetValueOrDefault(name) ?? [name])
                .Distinct(),
        ];
}
