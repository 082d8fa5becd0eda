using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>From a plan's text to targets.</summary>
internal static class TargetReader
{
    public static PlanType<PlanMapping?> PostgresDrillType { get; } =
        new("group", null, value => new PlanMapping(value, TargetKeys.PostgresDrillSection));

    public static PlanType<PlanMapping?> WebDrillType { get; } =
        new("group", null, value => new PlanMapping(value, TargetKeys.WebDrillSection));

    public static PlanType<PlanMapping?> ServiceDrillType { get; } =
        new("group", null, value => new PlanMapping(value, TargetKeys.ServiceDrillSection));

    /// <summary>The section that a target's node is of; null when it names no kind.</summary>
    private static PlanSection? SectionOf(YamlNode target) =>
        target.Find(TargetKeys.Kind.Name) is YamlNode.Scalar kind
            ? kind.Text switch
            {
                Target.Postgres.KindName => TargetKeys.PostgresSection,
                Target.Web.KindName => TargetKeys.WebSection,
                Target.Webhook.KindName => TargetKeys.WebhookSection,
                Target.Service.KindName => TargetKeys.ServiceSection,
                _ => null,
            }
            : null;

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
        if (SectionOf(value.Node) is not { } section)
        {
            var kind = value.Node.Find(TargetKeys.Kind.Name);
            value.Report.Add(
                kind?.At ?? value.Node.At,
                kind is YamlNode.Scalar { IsNothing: false } other
                    ? PlanProblems.UnknownKind(value.Path, other.Text, TargetKeys.Kinds)
                    : PlanProblems.MissingKey(value.Path, TargetKeys.Kind.Name, $"kind: {TargetKeys.Kind.Example}")
            );
            return null;
        }
        PlanMapping keys = new(value, section);
        Target target =
            section == TargetKeys.PostgresSection ? ReadPostgres(id, keys)
            : section == TargetKeys.WebSection ? ReadWeb(id, keys)
            : section == TargetKeys.ServiceSection ? ReadService(id, value, keys)
            : new Target.Webhook { Id = id, Url = keys.Get(TargetKeys.SecretUrl) };
        return target with
        {
            Text = RunbookText.OfTarget(value.Node, section),
            Drill = ReadDrill(id, value, section, keys),
        };
    }

    /// <summary>What takes the target's place in a drill; null when nothing does.</summary>
    private static Target? ReadDrill(TargetId id, PlanValue value, PlanSection section, PlanMapping keys)
    {
        if (section == TargetKeys.PostgresSection)
            return keys.Get(TargetKeys.PostgresDrill) is { } postgres ? ReadPostgres(id, postgres) : null;
        if (section == TargetKeys.WebSection)
            return keys.Get(TargetKeys.WebDrill) is { } web ? ReadWeb(id, web) : null;
        return section == TargetKeys.ServiceSection && keys.Get(TargetKeys.ServiceDrill) is { } service
            ? ReadService(id, value, service)
            : null;
    }

    private static Target.Postgres ReadPostgres(TargetId id, PlanMapping keys) =>
        new()
        {
            Id = id,
            Connection = keys.Get(TargetKeys.Connection),
            DataDirectory = keys.Get(TargetKeys.DataDirectory),
            Binaries = keys.Get(TargetKeys.Binaries),
        };

    private static Target.Web ReadWeb(TargetId id, PlanMapping keys) =>
        new()
        {
            Id = id,
            Url = keys.Get(TargetKeys.Url),
            Token = keys.Get(TargetKeys.Token),
        };

    private static Target.Service ReadService(TargetId id, PlanValue value, PlanMapping keys)
    {
        var programs = new PlanKey[] { TargetKeys.Start, TargetKeys.Stop, TargetKeys.Probe }.Count(keys.Has);
        if (keys.Has(TargetKeys.Unit) ? programs > 0 : programs < 3)
            value.Refuse(RunbookProblems.ServiceChoice(value.Path));
        return new Target.Service
        {
            Id = id,
            Unit = keys.Get(TargetKeys.Unit),
            Start = keys.Get(TargetKeys.Start),
            Stop = keys.Get(TargetKeys.Stop),
            Probe = keys.Get(TargetKeys.Probe),
        };
    }
}
