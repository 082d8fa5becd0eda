using Resurgam.Core.Plans.Kinds;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>
/// The keys of the file's top level, and the list of all sections. <see cref="PlanReader"/> can read no key that no section
/// has, and docs/reference-plan.md is made from the sections.
/// </summary>
internal static class PlanKeys
{
    /// <summary>How messages call the file's top level.</summary>
    public const string RootPath = "the plan";

    public static readonly PlanKey<string> Version = new("resurgam", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "1",
        About = "Version of the plan's form. This program reads version 1.",
    };

    public static readonly PlanKey<string?> Name = new("name", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "the file's name without its ending",
        Example = "healthcare-gitops",
        About = "What reports and messages call this plan.",
    };

    public static readonly PlanKey<string?> State = new("state", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords =
            "the variable `RESURGAM_STATE`, else `/var/lib/resurgam` for root, else `$XDG_STATE_HOME/resurgam` or `~/.local/state/resurgam`",
        Example = "/var/lib/resurgam",
        About = "Folder for the cache and the spool of this machine. It is no copy of anything but the newest WAL.",
    };

    public static readonly PlanKey<VaultPlace> Vault = new("vault", VaultSection.Type)
    {
        IsRequired = true,
        Example = "{ store: file:///srv/vault, secret: { env: RESURGAM_SECRET } }",
        About = "Where sealed copies live, and what opens them.",
    };

    public static readonly PlanKey<ValueList<Asset>> Assets = new("assets", AssetKinds.Type)
    {
        DefaultInWords = "none",
        Example = $"{{ uploads: {AssetKeys.FilesExample} }}",
        About = "What must survive: a group for each asset, by its name (1 to 40 of `a-z 0-9 - _`).",
    };

    public static readonly PlanSection Root = new(
        RootPath,
        "The top level of the file.",
        [
            Version,
            Name,
            DocumentSection.Key,
            State,
            ObjectiveSection.Key,
            Vault,
            Assets,
            RecoverySetSection.Key,
            ScheduleSection.Key,
            RetentionSection.Key,
            ServiceSection.Key,
            ServiceSection.DependencyKey,
            ServiceSection.KeysKey,
            ScenarioSection.Key,
            ScenarioSection.DrillKey,
            TargetKeys.Targets,
            RunbookKeys.Runbooks,
            PeopleSection.Key,
            PeopleSection.ChannelKey,
            PeopleSection.OnCallKey,
            IncidentSection.Key,
            IncidentSection.TemplateKey,
            PeopleSection.VendorKey,
            IncidentSection.MetricKey,
        ]
    );

    /// <summary>In the order of the reference.</summary>
    public static readonly IReadOnlyList<PlanSection> Sections =
    [
        Root,
        VaultKeys.Section,
        SecretKeys.Section,
        S3Keys.Section,
        AzureKeys.Section,
        ReplicaKeys.Section,
        .. AssetKinds.All.SelectMany(kind => kind.Sections),
        RecoverySetSection.Section,
        RecoverySetSection.BarrierSection,
        .. TargetForms.Sections,
        .. RunbookKeys.Sections,
        DocumentSection.Section,
        DocumentSection.ChangeSection,
        ObjectiveSection.Section,
        ScheduleSection.Section,
        RetentionSection.Section,
        ServiceSection.Section,
        ServiceSection.DependencySection,
        ServiceSection.KeySection,
        ScenarioSection.Section,
        ScenarioSection.DrillSection,
        DrillKeys.NewestSection,
        PeopleSection.Section,
        PeopleSection.ChannelSection,
        PeopleSection.OnCallSection,
        PeopleSection.VendorSection,
        IncidentSection.Section,
        IncidentSection.TemplateSection,
        IncidentSection.MetricSection,
    ];
}
