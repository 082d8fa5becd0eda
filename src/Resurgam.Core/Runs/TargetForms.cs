using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

/// <summary>How one kind of target is written in a plan.</summary>
internal sealed class TargetForm
{
    private readonly PlanKey<PlanMapping?>? _drill;
    private readonly Func<TargetId, PlanMapping, Target> _read;

    /// <param name="keys">Of the target, and of what takes its place in a drill.</param>
    /// <param name="drillExample">Null: no drill touches this kind.</param>
    public TargetForm(
        string kind,
        (string OfTarget, string OfDrill) about,
        IReadOnlyList<PlanKey> keys,
        Func<TargetId, PlanMapping, Target> read,
        string? drillExample
    )
    {
        (Kind, _read) = (kind, read);
        if (drillExample is not null)
        {
            PlanSection section = new($"targets.NAME.drill (kind: {kind})", about.OfDrill, keys);
            DrillSection = section;
            _drill = new("drill", new("group", null, value => new PlanMapping(value, section)))
            {
                DefaultInWords = "none: no drill touches it",
                Example = drillExample,
                About = "What takes its place in a drill.",
            };
        }
        Section = new PlanSection(
            $"targets.NAME (kind: {kind})",
            about.OfTarget,
            _drill is null ? [TargetKeys.Kind, .. keys] : [TargetKeys.Kind, .. keys, _drill]
        );
    }

    /// <summary>The key <c>kind</c>.</summary>
    public string Kind { get; }

    public PlanSection Section { get; }

    /// <summary>Null: no drill touches this kind.</summary>
    public PlanSection? DrillSection { get; }

    public Target Read(TargetId id, PlanMapping keys) =>
        _read(id, keys) with
        {
            Text = RunbookText.OfTarget(keys.Self.Node, Section),
            Drill = _drill is not null && keys.Get(_drill) is { } drill ? _read(id, drill) : null,
        };

    public bool IsDrill(PlanKey key) => key == _drill;
}

/// <summary>All kinds of targets.</summary>
internal static class TargetForms
{
    /// <summary>In the order of the reference.</summary>
    public static IReadOnlyList<TargetForm> All { get; } =
    [
        TargetKeys.Postgres,
        Target.Redis.Form,
        TargetKeys.Web,
        TargetKeys.Webhook,
        Target.Mail.Form,
        Target.Dns.Form,
        Target.Route53.Form,
        Target.Git.Form,
        TargetKeys.Service,
        Target.Kubernetes.Form,
    ];

    /// <summary>In the order of the reference.</summary>
    public static IReadOnlyList<PlanSection> Sections { get; } =
    [.. All.SelectMany(form => new[] { form.Section, form.DrillSection }).OfType<PlanSection>()];

    public static TargetForm? Find(string kind) => All.FirstOrDefault(form => form.Kind == kind);

    /// <summary>The section of what takes a target's place in a drill; null when the key is not of that.</summary>
    public static PlanSection? DrillSectionBelow(PlanKey key) =>
        All.FirstOrDefault(form => form.IsDrill(key))?.DrillSection;
}
