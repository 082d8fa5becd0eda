using Resurgam.Core.Values;

namespace Resurgam.Status;

/// <summary>The status on one screen: the answer first, then a line an asset, then what is wrong and what to do about it.</summary>
internal static class StatusText
{
    /// <summary>One screen has to hold all of it.</summary>
    private const int NextLines = 4;

    private static readonly string[] ScenarioHead = ["scenario", "loss now", "recovery", "margin"];

    private static readonly string[] Head =
    [
        "asset",
        "newest snapshot",
        "proven up to",
        "loss now",
        "recovery",
        "margin",
    ];

    /// <param name="text">Where to.</param>
    /// <param name="document">What.</param>
    /// <param name="hasDetails">Each asset with its critical path.</param>
    /// <param name="wanted">The scenario whose critical path is shown; null for none.</param>
    public static void Write(TextWriter text, StatusDocument document, bool hasDetails, string? wanted)
    {
        var risky = document.Assets.Count(asset => !asset.Safe);
        var answer =
            document.Safe ? "SAFE: "
            : risky > 0 ? $"AT RISK: {risky} of "
            : document.Findings.Any(finding => finding.Risk) ? "AT RISK: the vault of "
            : document.Readiness.Any(each => each.Finding.Risk) ? "AT RISK: what surrounds "
            : "AT RISK: the plan of ";
        var whose = document.Assets.Count > 0 ? $"{answer}{Count(document.Assets.Count)}" : "NOT KNOWN";
        text.WriteLine($"{whose}, {document.Store}, {document.At:yyyy-MM-dd HH:mm:ss}Z");
        if (document.Assets.Count > 0)
            WriteTable(text, Head, document.Assets.OrderBy(asset => asset.Safe).Select(each => Row(document.At, each)));
        if (document.Scenarios.Count > 0)
            WriteTable(text, ScenarioHead, document.Scenarios.OrderBy(scenario => scenario.Safe).Select(Row));
        foreach (var replica in document.Replicas ?? [])
            text.WriteLine($"replica {replica.Name}: {replica.ToText()}");
        foreach (var scrub in document.Scrubs ?? [])
            text.WriteLine($"scrub   {scrub.ToText()}");
        foreach (var finding in document.Findings)
            WriteFinding(text, "vault", finding);
        foreach (var asset in document.Assets)
        {
            if (hasDetails)
                WritePath(text, asset);
            foreach (var finding in asset.Findings)
                WriteFinding(text, asset.Asset, finding);
        }
        foreach (var each in document.Readiness)
            WriteFinding(text, each.Subject, each.Finding);
        foreach (var scenario in document.Scenarios)
        {
            if (scenario.Scenario == wanted)
                WritePath(text, scenario);
            foreach (var finding in scenario.Findings)
                WriteFinding(text, $"scenario {scenario.Scenario}", finding);
        }
        foreach (var next in document.Next.Take(NextLines))
            text.WriteLine(
                $"next  {next.At:yyyy-MM-dd HH:mm}Z, in {Duration.Rough(next.At - document.At)}: {next.Do} {next.Asset ?? next.Drill ?? "all"} ({next.Schedule})"
            );
    }

    private static void WriteTable(TextWriter text, string[] head, IEnumerable<string[]> lines)
    {
        List<string[]> rows = [head, .. lines];
        var widths = Enumerable.Range(0, head.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            text.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private static string[] Row(DateTimeOffset now, AssetStatusView asset) =>
        [
            $"{(asset.Safe ? ' ' : '!')} {asset.Asset}",
            Ago(now, asset.Newest?.Time),
            Ago(now, asset.VerifiedPoint),
            asset.Loss is { } loss ? Duration.Rough(loss) : "everything",
            asset.Recovery is { } recovery
                ? $"{Duration.Rough(recovery.Likely)} ({Duration.Rough(recovery.Least)} to {Duration.Rough(recovery.Most)})"
                : "not known",
            Margins(
                Margin("loss", asset.LossObjective, asset.LossMargin),
                Margin("recovery", asset.RecoveryObjective, asset.RecoveryMargin)
            ),
        ];

    private static string[] Row(ScenarioStatusView scenario) =>
        [
            $"{(scenario.Safe ? ' ' : '!')} {scenario.Scenario}",
            !scenario.HitsData ? "no data"
            : scenario.Loss is { } loss ? Duration.Rough(loss)
            : "everything",
            scenario.Recovery is { } recovery
                ? $"{Duration.Rough(recovery.Likely)} ({Duration.Rough(recovery.Least)} to {Duration.Rough(recovery.Most)})"
                : "no runbook",
            Margins(
                scenario.HitsData ? Margin("loss", scenario.LossObjective, scenario.LossMargin) : [],
                Margin("recovery", scenario.RecoveryObjective, scenario.RecoveryMargin)
            ),
        ];

    private static string Margins(params IEnumerable<string>[] margins) =>
        string.Join(", ", margins.SelectMany(each => each)) is { Length: > 0 } written ? written : "-";

    private static IEnumerable<string> Margin(string what, TimeSpan? objective, TimeSpan? margin)
    {
        if (objective is { } limit)
            yield return $"{what} {(margin is { } left ? Duration.Rough(left) : "?")} of {Duration.Rough(limit)}";
    }

    private static void WritePath(TextWriter text, AssetStatusView asset)
    {
        foreach (var step in asset.Recovery?.CriticalPath ?? [])
            text.WriteLine(
                $"{asset.Asset}: {step.Step} {Duration.Rough(step.Likely)} ({Duration.Rough(step.Least)} to {Duration.Rough(step.Most)}), from {step.Measurements} {(step.Measurements == 1 ? "measurement" : "measurements")}"
            );
    }

    private static void WritePath(TextWriter text, ScenarioStatusView scenario)
    {
        foreach (var step in scenario.Recovery?.CriticalPath ?? [])
            text.WriteLine(
                $"scenario {scenario.Scenario}: {step.Step} {Duration.Rough(step.Likely)} ({Duration.Rough(step.Least)} to {Duration.Rough(step.Most)}), {Said(step)}"
            );
    }

    private static string Said(ScenarioStepView step) =>
        step.From switch
        {
            "plan" => "as the plan estimates",
            "nobody" => "nobody knows",
            _ => $"from {step.Measurements} {(step.Measurements == 1 ? "measurement" : "measurements")}",
        };

    private static void WriteFinding(TextWriter text, string subject, FindingView finding)
    {
        text.WriteLine($"{(finding.Risk ? "RISK" : "note")}  {subject}: {finding.What} [{finding.Code}]");
        text.WriteLine($"      {finding.Hint}");
    }

    private static string Ago(DateTimeOffset now, DateTimeOffset? at) =>
        at is { } time ? $"{Duration.Rough(now - time)} ago" : "never";

    private static string Count(int assets) => assets == 1 ? "1 asset" : $"{assets} assets";
}
