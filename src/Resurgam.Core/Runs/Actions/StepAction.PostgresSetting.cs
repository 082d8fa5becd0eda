using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Changes a setting of a server, by the reload or the restart that the setting takes.</summary>
    public sealed record PostgresSetting : StepAction
    {
        private static readonly PlanKey<string> NameKey = new("name", RunbookTypes.SettingName)
        {
            IsRequired = true,
            Example = "max_connections",
            About = "Name of the setting.",
        };

        private static readonly PlanKey<string> ValueKey = new("value", PlanTypes.Text)
        {
            IsRequired = true,
            Example = "'200'",
            About = "Its value, as `alter system` takes it.",
        };

        private static readonly PlanKey<bool> RestartKey = new("restart", PlanTypes.YesOrNo)
        {
            Default = "false",
            Example = "true",
            About =
                "Whether the server may be restarted for it. Without it a setting that takes a restart fails the step and changes nothing.",
        };

        internal static ActionForm Form { get; } =
            new(
                "postgres-setting",
                "Changes a setting with `alter system` and the reload or restart that it takes; done when the server says that the value counts. Undo brings the value back that was there.",
                [ActionForms.Target, NameKey, ValueKey, RestartKey],
                keys => new PostgresSetting
                {
                    On = new TargetId(keys.Get(ActionForms.Target)),
                    Name = keys.Get(NameKey),
                    Value = keys.Get(ValueKey),
                    MayRestart = keys.Get(RestartKey),
                }
            );

        public required TargetId On { get; init; }

        public required string Name { get; init; }

        public required string Value { get; init; }

        public bool MayRestart { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => On;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Postgres.KindName];

        public override bool IsIdempotent => true;

        public override bool UndoesItself => true;

        public override string Describe() => $"set {Name} of {On} to {Value}";
    }
}
