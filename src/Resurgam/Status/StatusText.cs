using Resurgam.Core.Values;

namespace Resurgam.Status;

/// <summary>The status on one screen: the answer first, then a line an asset, then what is wrong and what to do about it.</summary>
internal static class StatusText
{
    private static readonly string[] Head =
    [
        "asset",
        "newest snapshot",
        "proven up to",
        "loss now",
        "recovery",
        "margin",
    ];

    public static void Write(TextWriter text, StatusDocument document, bool hasDetails)
    {
        var risky = document.Assets.Count(asset => !asset.Safe);
        var answer =
            document.Safe ? "SAFE: "
            : risky == 0 ? "AT RISK: the vault of "
            : $"AT RISK: {risky} of ";
        text.WriteLine($"{answer}{Count(document.Assets.Count)}, {document.Store}, {document.At:yyyy-MM-dd HH:mm:ss}Z");
        WriteTable(text, document);
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
    }

    private static void WriteTable(TextWriter text, StatusDocument document)
    {
        List<string[]> rows =
        [
            Head,
            .. document.Assets.OrderBy(asset => asset.Safe).Select(each => Row(document.At, each)),
        ];
        var widths = Enumerable.Range(0, Head.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
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
            Margins(asset),
        ];

    private static string Margins(AssetStatusView asset)
    {
        string[] margins =
        [
            .. Margin("loss", asset.LossObjective, asset.LossMargin),
            .. Margin("recovery", asset.RecoveryObjective, asset.RecoveryMargin),
        ];
        return margins.Length == 0 ? "-" : string.Join(", ", margins);
    }

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

    private static void WriteFinding(TextWriter text, string subject, FindingView finding)
    {
        text.WriteLine($"{(finding.Risk ? "RISK" : "note")}  {subject}: {finding.What} [{finding.Code}]");
        text.WriteLine($"      {finding.Hint}");
    }

    private static string Ago(DateTimeOffset now, DateTimeOffset? at) =>
        at is { } time ? $"{Duration.Rough(now - time)} ago" : "never";

    private static string Count(int assets) => assets == 1 ? "1 asset" : $"{assets} assets";
}
