using System.Globalization;
using Resurgam.Core.Plans;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Plans;

/// <summary>What <c>plan show</c> tells of how a plan is lived: promises, times, services, disasters and how they are met. What the plan does not have is left out.</summary>
internal static class LifeRows
{
    public static void Write(TextWriter text, Plan plan)
    {
        WriteDocument(text, plan);
        WriteTimes(text, plan);
        WriteServices(text, plan);
        foreach (var scenario in plan.Scenarios)
            WriteScenario(text, plan, scenario);
        foreach (var runbook in plan.Runbooks)
            WriteRunbook(text, runbook);
        foreach (var drill in plan.Drills)
        {
            text.WriteLine();
            text.WriteRow("drill", $"{drill.Name}: {drill.Title}, of scenario {drill.Scenario}");
            foreach (var success in drill.Success)
                text.WriteRow("success", success);
            foreach (var abort in drill.AbortWhen)
                text.WriteRow("abort when", abort);
        }
    }

    /// <summary>Promises, each with its word: <c>rto 4h, rpo 1h</c>.</summary>
    public static string? WordsOf(Objectives? objectives)
    {
        string?[] words =
        [
            objectives?.Rto is { } rto ? $"rto {Duration.Format(rto)}" : null,
            objectives?.Rpo is { } rpo ? $"rpo {Duration.Format(rpo)}" : null,
            objectives?.Mtpd is { } mtpd ? $"mtpd {Duration.Format(mtpd)}" : null,
        ];
        return string.Join(", ", words.OfType<string>()) is { Length: > 0 } said ? said : null;
    }

    private static void WriteDocument(TextWriter text, Plan plan)
    {
        if (plan.Document is { } document)
        {
            text.WriteLine();
            text.WriteFilled("document", document.Title ?? plan.Name);
            text.WriteFilled("version", document.Version);
            text.WriteFilled("updated", document.Updated?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            text.WriteFilled("owner", document.Owner);
            text.WriteFilled("approver", document.Approver);
            text.WriteFilled("reviewers", string.Join(", ", document.Reviewers));
            text.WriteFilled("review", document.ReviewEvery is { } every ? $"every {Duration.Format(every)}" : null);
            text.WriteFilled("next", document.NextReview?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }
        if (WordsOf(plan.Objectives) is not { } promises)
            return;
        text.WriteLine();
        text.WriteRow("promises", promises);
    }

    private static void WriteTimes(TextWriter text, Plan plan)
    {
        if (plan.Schedules.Count > 0)
            text.WriteLine();
        foreach (var schedule in plan.Schedules)
            text.WriteRow(
                "schedule",
                $"{schedule.Name}: {schedule.Do} {schedule.Asset ?? schedule.Drill ?? "all"}, {schedule.Cron}"
            );
        if (plan.Retention is not { } kept)
            return;
        string?[] words =
        [
            kept.PointInTime is { } back ? $"any moment for {Duration.Format(back)}" : null,
            Count(kept.Daily, "daily"),
            Count(kept.Weekly, "weekly"),
            Count(kept.Monthly, "monthly"),
            Count(kept.VerifiedCopies, "verified at least"),
            kept.Documents is { } documents ? $"documents for {Duration.Format(documents)}" : null,
            kept.LegalHold is { } hold ? $"everything, by a legal hold: {hold}" : null,
        ];
        text.WriteLine();
        text.WriteRow("keeps", string.Join(", ", words.OfType<string>()));
    }

    private static string? Count(int? number, string what) =>
        number is { } count ? string.Create(CultureInfo.InvariantCulture, $"{count} {what}") : null;

    private static void WriteServices(TextWriter text, Plan plan)
    {
        if (plan.Services.Count + plan.Dependencies.Count + plan.Keys.Count > 0)
            text.WriteLine();
        foreach (var service in plan.Services)
            text.WriteRow(
                "service",
                $"{service.Name}{(service.IsCritical ? "" : ", not critical")}{List(", needs ", service.Needs)}"
            );
        foreach (var dependency in plan.Dependencies)
            text.WriteRow(
                "depends on",
                $"{dependency.Name}: {dependency.Fallback ?? "nobody has thought of what is done without it"}"
            );
        foreach (var key in plan.Keys)
            text.WriteRow(
                "key",
                $"{key.Name}{List(", opens ", key.Opens)}{List(", backed up in ", key.BackedUpIn)}{List(", in ", key.Escrow)}"
            );
    }

    private static void WriteScenario(TextWriter text, Plan plan, Scenario scenario)
    {
        text.WriteLine();
        text.WriteRow("scenario", $"{scenario.Name}: {scenario.Title}");
        text.WriteFilled("promises", WordsOf(scenario.Objectives));
        text.WriteFilled("affects", string.Join(", ", scenario.Affects));
        text.WriteFilled("severity", scenario.Severity);
        text.WriteFilled("symptoms", string.Join("; ", scenario.Symptoms));
        text.WriteRow("runbook", scenario.Runbook ?? "none");
        if (plan.Runbooks.FirstOrDefault(runbook => runbook.Id.Value == scenario.Runbook) is not { } runbook)
            return;
        var forecast = RunForecast.Of(runbook);
        text.WriteRow(
            "takes",
            $"{Duration.Format(forecast.Predicted)} by its estimates: {string.Join(", ", forecast.CriticalPath)}"
        );
        text.WriteFilled("without", string.Join(", ", forecast.WithoutEstimate));
        text.WriteRow("measured", $"'resurgam status --scenario {scenario.Name}' says what it would take now");
    }

    private static void WriteRunbook(TextWriter text, Runbook runbook)
    {
        text.WriteLine();
        text.WriteRow("runbook", $"{runbook.Id}: {runbook.Title}");
        foreach (var step in runbook.Steps)
            text.WriteRow(
                "step",
                $"{step.Id}: {step.Title} ({step.Action.Kind}{(step.Estimate is { } estimate ? $", {Duration.Format(estimate)}" : "")}{(step.Approval is null ? "" : ", approved")}){List(" after ", [.. step.Needs.Select(need => need.Value)])}"
            );
    }

    private static string List(string before, ValueList<string> names) =>
        names.Count == 0 ? "" : before + string.Join(", ", names);
}
