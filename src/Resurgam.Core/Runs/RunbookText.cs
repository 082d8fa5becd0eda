using System.Text;
using System.Text.Json;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Plans.Yaml;

namespace Resurgam.Core.Runs;

/// <summary>
/// Runbooks and targets as canonical JSON: the keys of the plan in the order of the reference, defaults written out, all
/// values as text. It is part of the plan's identity, and what a run embeds, to be read back on any machine.
/// </summary>
internal static class RunbookText
{
    public static string OfRunbook(YamlNode runbook) =>
        Write(json => WriteGroup(json, runbook, RunbookKeys.RunbookSection));

    /// <summary>How a drill is carried out: what it adds to the runbook.</summary>
    public static string OfDrill(YamlNode drill) => Write(json => WriteGroup(json, drill, DrillKeys.Section));

    /// <summary>What a plan has of both; nothing for a plan without them, whose identity is older than they are.</summary>
    public static void Write(Utf8JsonWriter json, Plan plan)
    {
        if (plan.Targets.Count > 0)
        {
            json.WritePropertyName(TargetKeys.Targets.Name);
            json.WriteRawValue(OfTargets(plan.Targets));
        }
        if (plan.Runbooks.Count == 0)
            return;
        json.WriteStartObject(RunbookKeys.Runbooks.Name);
        foreach (var runbook in plan.Runbooks.OrderBy(runbook => runbook.Id.Value, StringComparer.Ordinal))
        {
            json.WritePropertyName(runbook.Id.Value);
            json.WriteRawValue(runbook.Text);
        }
        json.WriteEndObject();
    }

    public static string OfTarget(YamlNode target, PlanSection section) =>
        Write(json => WriteGroup(json, target, section));

    /// <summary>What lies below its own keys is as written.</summary>
    public static string OfAsset(YamlNode asset, PlanSection section) =>
        Write(json => WriteGroup(json, asset, section));

    /// <summary>One object with all of them, as the plan's key <c>targets</c> has it.</summary>
    public static string OfTargets(IEnumerable<Target> targets) =>
        OfAll(targets.Select(target => (target.Id.Value, target.Text)));

    /// <summary>One object with all of them, as the plan's key <c>assets</c> has it.</summary>
    public static string OfAssets(IEnumerable<Asset> assets) =>
        OfAll(assets.Select(asset => (asset.Id.Value, asset.Text)));

    private static string OfAll(IEnumerable<(string Name, string Text)> groups) =>
        Write(json =>
        {
            json.WriteStartObject();
            foreach (var (name, text) in groups.OrderBy(group => group.Name, StringComparer.Ordinal))
            {
                json.WritePropertyName(name);
                json.WriteRawValue(text);
            }
            json.WriteEndObject();
        });

    /// <summary>JSON as the reader of plans takes it; it has no places.</summary>
    public static YamlNode ToYaml(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object => new YamlNode.Mapping(
                [
                    .. json.EnumerateObject()
                        .Select(member => new YamlEntry(
                            new YamlNode.Scalar(member.Name, IsPlain: false, default),
                            ToYaml(member.Value)
                        )),
                ],
                default
            ),
            JsonValueKind.Array => new YamlNode.Sequence([.. json.EnumerateArray().Select(ToYaml)], default),
            JsonValueKind.String => new YamlNode.Scalar(json.GetString() ?? "", IsPlain: false, default),
            _ => new YamlNode.Scalar(json.GetRawText(), IsPlain: true, default),
        };

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
            write(json);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void WriteGroup(Utf8JsonWriter json, YamlNode group, PlanSection section)
    {
        json.WriteStartObject();
        foreach (var key in section.Keys)
            if (group.Find(key.Name) is { } node)
            {
                json.WritePropertyName(key.Name);
                WriteValue(json, node, SectionBelow(key, group));
            }
            else if (key.Default is { } written)
                json.WriteString(key.Name, written);
        json.WriteEndObject();
    }

    /// <param name="section">Of the group, or of each group of a list; null where the names are the plan's own.</param>
    private static void WriteValue(Utf8JsonWriter json, YamlNode node, PlanSection? section)
    {
        switch (node)
        {
            case YamlNode.Scalar scalar:
                json.WriteStringValue(scalar.Text);
                break;
            case YamlNode.Sequence sequence:
                json.WriteStartArray();
                foreach (var item in sequence.Items)
                    WriteValue(json, item, section);
                json.WriteEndArray();
                break;
            case YamlNode.Mapping mapping when section == RunbookKeys.StepSection:
                json.WriteStartObject();
                foreach (var entry in mapping.Entries.DistinctBy(entry => entry.Key.Text))
                {
                    json.WritePropertyName(entry.Key.Text);
                    WriteGroup(json, entry.Value, RunbookKeys.StepSection);
                }
                json.WriteEndObject();
                break;
            case YamlNode.Mapping when section is not null:
                WriteGroup(json, node, section);
                break;
            case YamlNode.Mapping mapping:
                json.WriteStartObject();
                foreach (var entry in mapping.Entries.DistinctBy(entry => entry.Key.Text))
                {
                    json.WritePropertyName(entry.Key.Text);
                    WriteValue(json, entry.Value, null);
                }
                json.WriteEndObject();
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"no text is written for {node.Shape}");
        }
    }

    private static PlanSection? SectionBelow(PlanKey key, YamlNode group) =>
        key == RunbookKeys.Steps ? RunbookKeys.StepSection
        : key == RunbookKeys.Approval ? RunbookKeys.ApprovalSection
        : key == RunbookKeys.Undo ? RunbookKeys.UndoSection
        : key == RunbookKeys.SqlCondition ? RunbookKeys.SqlSection
        : key == RunbookKeys.HttpCondition ? RunbookKeys.HttpSection
        : key == RunbookKeys.CommandCondition ? RunbookKeys.CommandSection
        : key == RunbookKeys.With && group.Find(RunbookKeys.Action.Name) is YamlNode.Scalar action
            ? ActionForms.Find(action.Text)?.Section
        : key == RunbookKeys.Precondition
        || key == RunbookKeys.Postcondition
        || key == RunbookKeys.SteadyState
        || key == StepAction.Hold.ConditionsKey
            ? RunbookKeys.ConditionSection
        : TargetForms.DrillSectionBelow(key) ?? DrillKeys.SectionBelow(key);
}
