using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>From a plan's text to targets.</summary>
internal static class TargetReader
{
    public static ValueList<Target> Read(PlanValue value)
    {
        if (value.Node is not YamlNode.Mapping mapping)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a group of targets", value.Node.Shape, value.Example));
            return [];
        }
        List<Target> targets = [];
        foreach (var entry in PlanMapping.Once(mapping, value))
            if (!AssetId.TryParse(entry.Key.Text, out _))
                value.Report.Add(entry.Key.At, RunbookProblems.Name(value.Path, entry.Key.Text));
            else if (ReadTarget(new TargetId(entry.Key.Text), value.Child(entry.Value, entry.Key.Text)) is { } target)
                targets.Add(target);
        return [.. targets];
    }

    private static Target? ReadTarget(TargetId id, PlanValue value)
    {
        var kind = value.Node.Find(TargetKeys.Kind.Name);
        if (kind is YamlNode.Scalar known && TargetForms.Find(known.Text) is { } form)
            return form.Read(id, new PlanMapping(value, form.Section));
        value.Report.Add(
            kind?.At ?? value.Node.At,
            kind is YamlNode.Scalar { IsNothing: false } other
                ? PlanProblems.UnknownKind(value.Path, other.Text, [.. TargetForms.All.Select(one => one.Kind)])
                : PlanProblems.MissingKey(value.Path, TargetKeys.Kind.Name, $"kind: {TargetKeys.Kind.Example}")
        );
        return null;
    }
}
