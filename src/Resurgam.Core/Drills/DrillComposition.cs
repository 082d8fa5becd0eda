using System.Text.Json;
using System.Text.Json.Nodes;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Core.Drills;

/// <summary>
/// Makes one runbook of a drill and of the runbook that it rehearses: prepare, see that all is well, break, recover, see
/// that it holds. The interpreter of runs does the rest: intents before effects, and undo in reverse, whatever happens.
/// </summary>
public static class DrillComposition
{
    private const string PreparePrefix = "prepare-";

    private const string FaultPrefix = "fault-";

    /// <summary>Is all well before anything is broken?</summary>
    public static readonly StepId Well = new("drill-well");

    /// <summary>When the newest data was written, before the faults.</summary>
    public static readonly StepId Before = new("drill-newest-before");

    /// <summary>Do the conditions hold, and keep holding?</summary>
    public static readonly StepId Hold = new("drill-hold");

    /// <summary>When the newest data was written, at the end.</summary>
    public static readonly StepId After = new("drill-newest-after");

    /// <summary>What has no RTO is waited for so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private const double LeastGraceSeconds = 10;

    private const double MostGraceSeconds = 60;

    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(7);

    /// <exception cref="ResurgamException"><c>drill-refused</c>: the names of its steps are taken.</exception>
    public static Runbook Compose(Drill drill, Runbook runbook, TimeSpan? rto)
    {
        var root = Parse(runbook.Text);
        var own = drill.Text.Length > 0 ? Parse(drill.Text) : [];
        var steps = Take(root, "steps");
        JsonObject all = [];
        List<string> gate = Add(all, Take(own, "prepare"), PreparePrefix, []);
        foreach (var step in all)
            step.Value?.AsObject()["drill"] ??= "run";
        if (root["steady-state"] is JsonArray { Count: > 0 } steady)
            gate = Add(
                all,
                Well,
                HoldOf("All is well before", steady, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(2)),
                gate
            );
        if (Take(own, "newest-before") is { Count: > 0 } before)
            gate = Add(all, Before, MeasureOf("Newest data before", before), gate);
        if (Take(own, "inject") is { Count: > 0 } faults)
            gate = Add(all, faults, FaultPrefix, gate);
        var last = Add(all, steps, "", gate);
        if (own["holds"] is JsonArray { Count: > 0 } holds)
        {
            var timeout = (rto ?? Patience) + drill.HoldFor + GraceOf(rto ?? Patience);
            last = Add(all, Hold, HoldOf("All holds, and keeps holding", holds, drill.HoldFor, timeout), last);
        }
        if (Take(own, "newest-after") is { Count: > 0 } after)
            Add(all, After, MeasureOf("Newest data at the end", after), last);
        // What the drill prepares is gone at the end, and the steady state with it.
        if (drill.Prepare.Count > 0)
            root.Remove("steady-state");
        root["title"] = drill.Title;
        root["steps"] = all;
        using var text = JsonDocument.Parse(root.ToJsonString());
        using var noTargets = JsonDocument.Parse("{}");
        var composed = RunbookReader.TryRead(runbook.Id, text.RootElement, noTargets.RootElement);
        Require.That(composed is not null, "what is made of two runbooks that were read can be read");
        return composed.Value.Runbook;
    }

    /// <summary>How late it came is told, up to this: as much again, of a short promise.</summary>
    private static TimeSpan GraceOf(TimeSpan rto) =>
        TimeSpan.FromSeconds(Math.Clamp(rto.TotalSeconds, LeastGraceSeconds, MostGraceSeconds));

    /// <summary>What the steps below <c>prepare</c> are called in what <see cref="Compose"/> makes.</summary>
    public static IEnumerable<StepId> PreparedOf(Drill drill) => drill.Prepare.Select(PreparedName);

    /// <summary>The same of those below <c>inject</c>.</summary>
    public static IEnumerable<StepId> FaultsOf(Drill drill) => drill.Inject.Select(FaultName);

    internal static StepId PreparedName(RunbookStep step) => new($"{PreparePrefix}{step.Id}");

    internal static StepId FaultName(RunbookStep step) => new($"{FaultPrefix}{step.Id}");

    /// <summary>Adds one step, behind those that it waits for.</summary>
    private static List<string> Add(JsonObject all, StepId id, JsonObject step, List<string> needs)
    {
        step["needs"] = ArrayOf(needs);
        AddOnce(all, id.Value, step);
        return [id.Value];
    }

    /// <summary>Adds steps under their names with a prefix; those that need nothing wait for the gate.</summary>
    /// <returns>What comes next waits for these; the gate itself when there are none.</returns>
    private static List<string> Add(JsonObject all, JsonObject steps, string prefix, List<string> gate)
    {
        List<string> added = [];
        foreach (var (name, written) in steps.ToList())
        {
            steps.Remove(name);
            var step = written as JsonObject ?? [];
            var needs = (step["needs"] as JsonArray ?? []).Select(need => $"{prefix}{need}").ToList();
            step["needs"] = ArrayOf(needs.Count > 0 ? needs : gate);
            AddOnce(all, $"{prefix}{name}", step);
            added.Add($"{prefix}{name}");
        }
        return added.Count > 0 ? added : gate;
    }

    private static void AddOnce(JsonObject all, string id, JsonObject step)
    {
        if (!AssetId.TryParse(id, out _))
            throw DrillProblems.NameTooLong(id);
        if (!all.TryAdd(id, step))
            throw DrillProblems.NameTaken(new StepId(id));
    }

    private static JsonObject HoldOf(string title, JsonArray conditions, TimeSpan span, TimeSpan timeout) =>
        new()
        {
            ["title"] = title,
            ["action"] = "hold",
            ["with"] = new JsonObject { ["conditions"] = conditions.DeepClone(), ["for"] = Written(span) },
            ["timeout"] = Written(timeout < LongestTimeout ? timeout : LongestTimeout),
        };

    private static JsonObject MeasureOf(string title, JsonObject with) =>
        new()
        {
            ["title"] = title,
            ["action"] = "measure",
            ["with"] = with.DeepClone(),
            ["timeout"] = "1m",
        };

    private static string Written(TimeSpan span) => Values.Duration.Format(span);

    private static JsonArray ArrayOf(IEnumerable<string> texts) =>
        new([.. texts.Select(text => (JsonNode)JsonValue.Create(text))]);

    private static JsonObject Take(JsonObject from, string key)
    {
        var found = from[key] as JsonObject ?? [];
        from.Remove(key);
        return found;
    }

    private static JsonObject Parse(string text) => JsonNode.Parse(text) as JsonObject ?? [];
}
