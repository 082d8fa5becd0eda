using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Saves what OpenTofu would do, and refuses what would delete data.</summary>
    public sealed record TofuPlan : StepAction
    {
        internal static ActionForm Form { get; } =
            new(
                "tofu-plan",
                "Saves a plan of OpenTofu or Terraform (`plan -out`) and counts what it would do. A plan that deletes or replaces what `may-delete` does not name fails the step and is not kept. In a drill it runs only when the step says `drill: run`.",
                [TofuKeys.Folder, TofuKeys.File, TofuKeys.MayDelete, TofuKeys.Program],
                keys => new TofuPlan
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

        public override bool IsIdempotent => true;

        public override bool IsHarmless => true;

        public override bool IsBound => false;

        public override string Describe() => $"save what {Program} would do in {Folder}";
    }
}
