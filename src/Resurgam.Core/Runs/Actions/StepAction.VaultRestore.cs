using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>Brings an asset back into a folder, and a cluster into life when asked to.</summary>
    public sealed record VaultRestore : StepAction
    {
        /// <summary>The recovery point that the run was begun with.</summary>
        public const string AtOfRun = "run";

        private static readonly PlanKey<string> ToKey = new("to", PlanTypes.AbsolutePath)
        {
            IsRequired = true,
            Example = "/srv/postgresql-restored",
            About = "The folder: empty, or with `delta` one that holds it already.",
        };

        private static readonly PlanKey<string?> DrillToKey = new("drill-to", PlanTypes.AbsolutePath.OrNone)
        {
            DefaultInWords = "none: then no drill does this step",
            Example = "/srv/drill/postgresql",
            About = "The folder in a drill.",
        };

        private static readonly PlanKey<string?> PathKey = new("path", PlanTypes.Text.OrNone)
        {
            DefaultInWords = "all of the snapshot",
            Example = "/srv/manifests",
            About =
                "Only this file or folder of the snapshot; what is in the folder lies right in `to`. Without it a folder's files lie below `to` with their whole path.",
        };

        private static readonly PlanKey<string> AtKey = new("at", PlanTypes.Text)
        {
            Default = AtOfRun,
            Example = "latest",
            About =
                "Recovery point, as `restore --at` takes it: of what has no log its newest snapshot of that time or before; `run`: the one that `run --at` names, else the latest.",
        };

        private static readonly PlanKey<bool> DeltaKey = new("delta", PlanTypes.YesOrNo)
        {
            Default = "false",
            Example = "true",
            About = "Keep what is equal in the folder, replace the rest.",
        };

        private static readonly PlanKey<bool> StartKey = new("start", PlanTypes.YesOrNo)
        {
            Default = "false",
            Example = "true",
            About = "Start the cluster and wait until it is recovered.",
        };

        private static readonly PlanKey<ValueList<string>> SettingsKey = new("settings", RunbookTypes.Texts)
        {
            DefaultInWords = "none",
            Example = "['port=5433']",
            About = "With `start`: settings for the server's command line, `NAME=VALUE`.",
        };

        private static readonly PlanKey<ValueList<string>> DrillSettingsKey = new("drill-settings", RunbookTypes.Texts)
        {
            DefaultInWords = "as `settings`",
            Example = "['unix_socket_directories=/srv/drill/socket']",
            About = "The same in a drill, where the cluster has to listen elsewhere.",
        };

        internal static ActionForm Form { get; } =
            new(
                "vault-restore",
                "Brings an asset back from the vault, as `restore` does.",
                [
                    ActionForms.Asset,
                    ToKey,
                    DrillToKey,
                    PathKey,
                    AtKey,
                    DeltaKey,
                    StartKey,
                    SettingsKey,
                    DrillSettingsKey,
                ],
                keys => new VaultRestore
                {
                    Of = keys.Get(ActionForms.Asset),
                    To = keys.Get(ToKey),
                    DrillTo = keys.Get(DrillToKey),
                    Path = keys.Get(PathKey) ?? "",
                    At = keys.Get(AtKey),
                    IsDelta = keys.Get(DeltaKey),
                    Start = keys.Get(StartKey),
                    Settings = keys.Get(SettingsKey),
                    DrillSettings = keys.Has(DrillSettingsKey) ? keys.Get(DrillSettingsKey) : null,
                }
            );

        public required string Of { get; init; }

        /// <summary>Absolute.</summary>
        public required string To { get; init; }

        /// <summary>Absolute. Null: a drill cannot do it.</summary>
        public string? DrillTo { get; init; }

        /// <summary>Of the snapshot, as written; empty: all of it.</summary>
        public string Path { get; init; } = "";

        public required string At { get; init; }

        public bool IsDelta { get; init; }

        public bool Start { get; init; }

        public ValueList<string> Settings { get; init; } = [];

        /// <summary>Null: as <see cref="Settings"/>.</summary>
        public ValueList<string>? DrillSettings { get; init; }

        public override string Kind => Form.Name;

        public override string? Asset => Of;

        public override bool IsBound => DrillTo is not null;

        /// <summary>What a drill has restored for itself goes again; a folder that was not empty before is left alone.</summary>
        public override bool UndoesItselfInDrill => DrillTo is not null;

        /// <summary>What was restored in part is restored on, by content.</summary>
        public override bool IsIdempotent => true;

        public override string Describe() =>
            $"restore {Of}{(Path.Length > 0 ? $" ({Path})" : "")} to {To}{(Start ? " and start it" : "")}";
    }
}
