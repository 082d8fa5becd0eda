using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Runs a program on this machine, never through a shell.</summary>
    public sealed record Command : StepAction
    {
        private static readonly PlanKey<ValueList<string>> ArgvKey = new("argv", PlanTypes.Argv)
        {
            IsRequired = true,
            Example = "[/usr/local/bin/drain, --pool, api]",
            About = "Program and arguments, without a shell; exit code 0 is a good end.",
        };

        private static readonly PlanKey<ValueList<string>?> ProbeKey = new("probe", PlanTypes.Argv.OrNone)
        {
            DefaultInWords = "none: after a crash a person decides",
            Example = "[/usr/local/bin/is-drained, api]",
            About = "A program that changes nothing and ends with 0 when the effect is there. Asked after a crash.",
        };

        private static readonly PlanKey<bool> IdempotentKey = new("idempotent", PlanTypes.YesOrNo)
        {
            Default = "false",
            Example = "true",
            About = "Whether running it twice leaves what running it once leaves: then it is repeated after a crash.",
        };

        internal static ActionForm Form { get; } =
            new(
                "command",
                "Runs a program. In a drill it runs only when the step says `drill: run`; `RESURGAM_DRILL` is then `1` for it.",
                [ArgvKey, ProbeKey, IdempotentKey],
                keys => new Command
                {
                    Argv = keys.Get(ArgvKey),
                    Probe = keys.Get(ProbeKey),
                    MayRepeat = keys.Get(IdempotentKey),
                }
            );

        public required ValueList<string> Argv { get; init; }

        public ValueList<string>? Probe { get; init; }

        public bool MayRepeat { get; init; }

        public override string Kind => Form.Name;

        public override bool IsIdempotent => MayRepeat;

        public override bool IsBound => false;

        public override string Describe() => $"run {string.Join(' ', Argv)}";
    }
}
