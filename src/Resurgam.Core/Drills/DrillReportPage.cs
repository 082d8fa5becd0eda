using System.Globalization;
using System.Text;
using Resurgam.Core.Plans.Rendering;
using Resurgam.Core.Values;

namespace Resurgam.Core.Drills;

/// <summary>A report as one HTML file that needs no other: no script, no picture, readable in print and by a screen reader.</summary>
public static class DrillReportPage
{
    private const string Style = """
        :root { color-scheme: light; --ink: #1c2430; --soft: #5b6675; --line: #d9dee5; --paper: #fff; --ground: #f3f5f8; --good: #12704a; --good-soft: #e2f4eb; --bad: #b3261e; --bad-soft: #fbe7e5; --fault: #8a3ffc; --step: #2f6fde; --before: #8793a3; }
        @media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; --ink: #e4e8ee; --soft: #a3adba; --line: #38414c; --paper: #1c2229; --ground: #12161b; --good: #54cf95; --good-soft: #163a2a; --bad: #ff8f84; --bad-soft: #48211f; --fault: #b68bff; --step: #6a9cf5; } }
        * { box-sizing: border-box; }
        body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; margin: 0; color: var(--ink); background: var(--ground); }
        main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
        header { background: var(--paper); border: 1px solid var(--line); border-top: 6px solid var(--bad); border-radius: 8px; padding: 1.4rem 1.6rem; }
        header.passed { border-top-color: var(--good); }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: .2rem 0 .4rem; }
        h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; break-after: avoid; }
        .verdict { display: inline-block; font-weight: 700; letter-spacing: .06em; padding: .15rem .7rem; border-radius: 999px; background: var(--bad-soft); color: var(--bad); }
        .passed .verdict { background: var(--good-soft); color: var(--good); }
        .reasons { margin: .6rem 0 0; padding-left: 1.2rem; color: var(--bad); font-weight: 600; }
        .facts { color: var(--soft); margin: .3rem 0 0; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem; margin-top: 1rem; }
        .card { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.2rem; break-inside: avoid; }
        .card .name { color: var(--soft); font-weight: 600; }
        .card .value { font-size: 1.9rem; font-weight: 700; line-height: 1.2; font-variant-numeric: tabular-nums; }
        .tag { display: inline-block; font-size: .85rem; font-weight: 700; padding: 0 .5rem; border-radius: 4px; background: var(--bad-soft); color: var(--bad); }
        .tag.met { background: var(--good-soft); color: var(--good); }
        .tag.none { background: var(--ground); color: var(--soft); }
        table { border-collapse: collapse; width: 100%; background: var(--paper); border: 1px solid var(--line); font-size: .93rem; }
        th, td { text-align: left; vertical-align: top; padding: .4rem .7rem; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
        thead th { background: var(--ground); color: var(--soft); font-weight: 600; }
        td.time, td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
        tr { break-inside: avoid; }
        tr.fault td:first-child { box-shadow: inset 4px 0 0 var(--fault); }
        tr.recovered td:first-child { box-shadow: inset 4px 0 0 var(--good); }
        tr.recovered { font-weight: 700; }
        tr.bad td { color: var(--bad); font-weight: 600; }
        .lanes { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1.2rem; break-inside: avoid; }
        .lane { display: grid; grid-template-columns: 15rem 1fr; gap: .8rem; align-items: center; padding: .12rem 0; }
        .lane .label { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .track { position: relative; height: 1rem; background: var(--ground); border-radius: 3px; }
        .bar { position: absolute; top: 0; height: 100%; min-width: 3px; border-radius: 3px; background: var(--step); }
        .bar.fault { background: var(--fault); } .bar.failed { background: var(--bad); } .bar.hold { background: var(--good); } .bar.before { background: var(--before); }
        .legend { color: var(--soft); font-size: .85rem; margin: .5rem 0 0; }
        footer { color: var(--soft); font-size: .85rem; margin-top: 2rem; overflow-wrap: anywhere; }
        @media print { body { background: none; font-size: 10pt; } main { max-width: none; padding: 0; } .cards { grid-template-columns: repeat(4, 1fr); gap: .5rem; } .card { padding: .6rem .7rem; } .card .value { font-size: 1.5rem; } th, td { padding: .2rem .4rem; } * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
        @media (max-width: 40rem) { .lane { grid-template-columns: 8rem 1fr; } }
        """;

    public static string Of(DrillReport report)
    {
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Append(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        );
        page.Append(CultureInfo.InvariantCulture, $"<title>{Text(report.Title)}: {Verdict(report)}</title>\n");
        page.Append(CultureInfo.InvariantCulture, $"<style>\n{Style}\n</style>\n</head>\n<body>\n<main>\n");
        AppendHead(page, report);
        AppendCards(page, report);
        AppendLanes(page, report);
        AppendTimeline(page, report);
        AppendSteps(page, report);
        AppendPast(page, report);
        page.Append(
            CultureInfo.InvariantCulture,
            $"<footer>Run {Text(report.Run)} in the ledger of the vault; plan {Text(report.Plan)}. Every line stands in a signed, chained entry: <code>resurgam ledger verify</code> checks them, <code>resurgam drills report {Text(report.Run)}</code> makes this page again.</footer>\n"
        );
        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void AppendHead(StringBuilder page, DrillReport report)
    {
        page.Append(CultureInfo.InvariantCulture, $"<header class=\"{(report.Passed ? "passed" : "failed")}\">\n");
        page.Append(CultureInfo.InvariantCulture, $"<span class=\"verdict\">{Verdict(report)}</span>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h1>{Text(report.Title)}</h1>\n");
        page.Append(
            CultureInfo.InvariantCulture,
            $"<p class=\"facts\">Drill <b>{Text(report.Drill)}</b> of scenario <b>{Text(report.Scenario)}</b>, {report.BegunAt:yyyy-MM-dd HH:mm:ss} UTC, asked for by <b>{Text(report.Requester)}</b>: {Text(report.Reason)}.</p>\n"
        );
        page.Append(
            CultureInfo.InvariantCulture,
            $"<p class=\"facts\">Led by {Text(string.Join(", then ", report.Places))}. Restores read {Text(report.From is { } place ? $"replica {place}" : "the vault's own place")}.</p>\n"
        );
        if (report.Reasons.Count > 0)
            page.Append("<ul class=\"reasons\">\n");
        foreach (var reason in report.Reasons)
            page.Append(CultureInfo.InvariantCulture, $"<li>{Text(reason)}</li>\n");
        if (report.Reasons.Count > 0)
            page.Append("</ul>\n");
        page.Append("</header>\n");
    }

    private static void AppendCards(StringBuilder page, DrillReport report)
    {
        page.Append("<div class=\"cards\">\n");
        foreach (var objective in report.Objectives)
            AppendCard(
                page,
                objective.Name == "RTO" ? "Recovery time (RTO)" : "Data loss (RPO)",
                Span(objective.Measured),
                objective.IsMet switch
                {
                    true => "<span class=\"tag met\">met</span>",
                    false => "<span class=\"tag\">missed</span>",
                    null => "<span class=\"tag none\">not measured</span>",
                },
                $"promised {Duration.Format(objective.Promised)}"
            );
        var prediction = report.Prediction;
        AppendCard(
            page,
            "Predicted recovery",
            Span(prediction.Predicted),
            prediction.ErrorPercent is { } error ? $"<span class=\"tag none\">{Off(error)} off</span>" : "",
            prediction.Drills == 0
                ? "by the estimates of the runbook"
                : $"from {(prediction.Drills == 1 ? "1 drill" : $"{prediction.Drills} drills")}: {Span(prediction.Least)} to {Span(prediction.Most)}"
        );
        AppendCard(
            page,
            "Kept holding",
            report.RecoveredAt is null ? "no" : Span(report.HeldFor),
            report.RecoveredAt is null
                ? "<span class=\"tag\">did not hold</span>"
                : "<span class=\"tag met\">held</span>",
            "every condition, asked again and again"
        );
        page.Append("</div>\n");
        if (report.Success.Count == 0)
            return;
        page.Append("<h2>What had to hold</h2>\n<ul>\n");
        foreach (var word in report.Success)
            page.Append(CultureInfo.InvariantCulture, $"<li>{Text(word)}</li>\n");
        page.Append("</ul>\n");
    }

    private static void AppendCard(StringBuilder page, string name, string value, string tag, string words) =>
        page.Append(
            CultureInfo.InvariantCulture,
            $"<div class=\"card\"><div class=\"name\">{Text(name)}</div><div class=\"value\">{Text(value)}</div><div>{tag} {Text(words)}</div></div>\n"
        );

    /// <summary>Each step as a bar over one axis of time.</summary>
    private static void AppendLanes(StringBuilder page, DrillReport report)
    {
        var bars = report.Steps.Where(step => step is { StartsAfter: not null, Took: not null }).ToList();
        if (bars.Count == 0)
            return;
        var first = bars.Min(step => step.StartsAfter.GetValueOrDefault());
        var last = bars.Max(step => step.StartsAfter.GetValueOrDefault() + step.Took.GetValueOrDefault());
        var whole = Math.Max((last - first).TotalSeconds, 0.001);
        page.Append("<h2>Where the time went</h2>\n<div class=\"lanes\">\n");
        foreach (var step in bars.OrderBy(step => step.StartsAfter))
        {
            var from = 100 * (step.StartsAfter.GetValueOrDefault() - first).TotalSeconds / whole;
            var width = 100 * step.Took.GetValueOrDefault().TotalSeconds / whole;
            page.Append(
                CultureInfo.InvariantCulture,
                $"<div class=\"lane\"><div class=\"label\" title=\"{Text(step.Step)}\">{Text(step.Step)} <small>{Span(step.Took)}</small></div><div class=\"track\"><div class=\"bar {BarOf(step)}\" style=\"left:min({from:0.##}%,calc(100% - 3px));width:{Math.Min(width, 100 - from):0.##}%\"></div></div></div>\n"
            );
        }
        page.Append(
            CultureInfo.InvariantCulture,
            $"<p class=\"legend\">From {Offset(first)} to {Offset(last)} of the clock, which began right before the first fault. Grey: before it. Violet: faults. Blue: recovery. Green: conditions holding. Red: failed.</p>\n</div>\n"
        );
    }

    private static string BarOf(DrillStep step) =>
        step.Status is "failed" or "unknown" ? "failed"
        : step.IsFault ? "fault"
        : step.Step == DrillComposition.Hold.Value ? "hold"
        : step.StartsAfter < TimeSpan.Zero ? "before"
        : "step";

    private static void AppendTimeline(StringBuilder page, DrillReport report)
    {
        page.Append(
            "<h2>Timeline</h2>\n<table><thead><tr><th scope=\"col\">clock</th><th scope=\"col\">UTC</th><th scope=\"col\">what</th><th scope=\"col\">who</th></tr></thead><tbody>\n"
        );
        foreach (var moment in report.Timeline)
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr class=\"{Text(moment.Kind)}\"><td class=\"time\">{Offset(moment.After)}</td><td class=\"time\">{moment.At:HH:mm:ss.f}</td><td>{Text(moment.What)}</td><td>{Text(moment.Who)}</td></tr>\n"
            );
        page.Append("</tbody></table>\n");
    }

    private static void AppendSteps(StringBuilder page, DrillReport report)
    {
        page.Append(
            "<h2>Steps, and how each was undone</h2>\n<table><thead><tr><th scope=\"col\">step</th><th scope=\"col\">state</th><th scope=\"col\">took</th><th scope=\"col\">what came of it</th><th scope=\"col\">undo</th></tr></thead><tbody>\n"
        );
        foreach (var step in report.Steps)
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr class=\"{(step.Status is "failed" or "unknown" ? "bad" : "")}\"><td><b>{Text(step.Step)}</b><br>{Text(step.Title == step.Step ? step.Action : step.Title)}</td><td>{Text(step.Status)}</td><td class=\"number\">{Span(step.Took)}</td><td>{Text(step.What ?? "-")}</td><td>{Text(step.Undo ?? "-")}</td></tr>\n"
            );
        page.Append("</tbody></table>\n");
    }

    private static void AppendPast(StringBuilder page, DrillReport report)
    {
        if (report.Prediction.Past.Count == 0)
            return;
        page.Append(
            "<h2>Earlier drills, predicted and measured</h2>\n<table><thead><tr><th scope=\"col\">when</th><th scope=\"col\">result</th><th scope=\"col\">predicted</th><th scope=\"col\">measured</th><th scope=\"col\">off by</th></tr></thead><tbody>\n"
        );
        foreach (var past in report.Prediction.Past)
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr class=\"{(past.Passed ? "" : "bad")}\"><td class=\"time\">{past.At:yyyy-MM-dd HH:mm} UTC</td><td>{(past.Passed ? "passed" : "failed")}</td><td class=\"number\">{Span(past.Predicted)}</td><td class=\"number\">{Span(past.Measured)}</td><td class=\"number\">{(past.ErrorPercent is { } error ? Off(error) : "-")}</td></tr>\n"
            );
        page.Append("</tbody></table>\n");
    }

    private static string Verdict(DrillReport report) => report.Passed ? "PASSED" : "FAILED";

    private static string Offset(TimeSpan? after) =>
        after is not { } span ? "-"
        : Duration.Rough(span.Duration()) == Duration.Rough(TimeSpan.Zero) ? Duration.Rough(TimeSpan.Zero)
        : span < TimeSpan.Zero ? $"-{Duration.Rough(-span)}"
        : $"+{Duration.Rough(span)}";

    /// <summary>Of an estimate that was ten times too long the digits tell nothing.</summary>
    private static string Off(double percent) =>
        percent > 999 ? "over 1000 %" : string.Create(CultureInfo.InvariantCulture, $"{percent:0.#} %");

    private static string Span(TimeSpan? span) => span is { } value ? Duration.Rough(value) : "-";

    private static string Text(string text) => HtmlText.Escaped(text);
}
