using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Carries out what OpenTofu has saved, and nothing else.</summary>
    public sealed record TofuApply : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "tofu-apply",
                "Carries out a saved plan of OpenTofu or Terraform, after the same look at it as `tofu-plan` takes; done when a new plan finds nothing left to do. It needs an approval, nothing undoes it, and no drill does it.",
                [TofuKeys.Folder, TofuKeys.File, TofuKeys.MayDelete, TofuKeys.Program],
                keys => new TofuApply
                {
                    Folder = keys.Get(TofuKeys.Folder),
                    File = keys.Get(TofuKeys.File),
                    MayDelete = keys.Get(TofuKeys.MayDelete),
                    Program = keys.Get(TofuKeys.Program),
                }
            );

        public required string Folder { get; init; }

        public required string File { get; init; }

        public required ValueList<string> MayDelete { get; init; }

        public required string Program { get; init; }

        public override string Kind => Form.Name;

        /// <summary>A saved plan is good for once.</summary>
        public override bool IsIdempotent => false;

        public override bool IsOutward => true;

        public override string Describe() => $"let {Program} carry out {File}";
    }
}
