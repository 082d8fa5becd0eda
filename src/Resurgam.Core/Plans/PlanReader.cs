using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Runs;

namespace Resurgam.Core.Plans;

/// <summary>Text in; a plan or all problems out. After it nobody checks a plan again.</summary>
/// <remarks>
/// Text → <see cref="YamlTree"/> → <see cref="PlanMapping"/>s, whose keys are those of <see cref="PlanKeys"/> → the
/// plan. Each section is a class of its own below <c>Sections</c> and <c>Kinds</c>; what concerns several sections is checked
/// at the end of the one that holds them.
/// </remarks>
public static class PlanReader
{
    /// <summary>Largest file that is read, in UTF-8.</summary>
    public const int MaxLengthBytes = YamlTree.MaxLengthBytes;

    private const string SupportedVersion = "1";

    /// <param name="yaml">The file's text.</param>
    /// <param name="file">Its path, for messages, for the default name and for what lies beside it.</param>
    public static PlanReading Read(string yaml, string file)
    {
        var report = new PlanReport(file);
        if (YamlTree.Read(yaml, report) is not { } root)
            return report.ToReading();

        var top = new PlanMapping(
            new PlanValue(root, PlanKeys.RootPath, $"{PlanKeys.Version.Name}: {PlanKeys.Version.Example}", report),
            PlanKeys.Root
        );
        var version = top.Get(PlanKeys.Version);
        if (version.Length > 0 && version != SupportedVersion)
            report.Add(top.MarkOf(PlanKeys.Version), PlanProblems.Version(version));
        var plan = new Plan
        {
            Name = top.Get(PlanKeys.Name) ?? Path.GetFileNameWithoutExtension(file),
            StateDirectory = top.Get(PlanKeys.State),
            Vault = top.Get(PlanKeys.Vault),
            Assets = top.Get(PlanKeys.Assets),
            RecoverySets = top.Get(RecoverySetSection.Key),
            Document = top.Get(DocumentSection.Key),
            Objectives = top.Get(ObjectiveSection.Key),
            Schedules = top.Get(ScheduleSection.Key),
            Retention = top.Get(RetentionSection.Key),
            Services = top.Get(ServiceSection.Key),
            Dependencies = top.Get(ServiceSection.DependencyKey),
            Keys = top.Get(ServiceSection.KeysKey),
            Scenarios = top.Get(ScenarioSection.Key),
            Drills = top.Get(ScenarioSection.DrillKey),
            People = top.Get(PeopleSection.Key),
            Channels = top.Get(PeopleSection.ChannelKey),
            OnCall = top.Get(PeopleSection.OnCallKey),
            Severities = top.Get(IncidentSection.Key),
            Templates = top.Get(IncidentSection.TemplateKey),
            Vendors = top.Get(PeopleSection.VendorKey),
            Metrics = top.Get(IncidentSection.MetricKey),
            Targets = top.Get(TargetKeys.Targets),
            Runbooks = top.Get(RunbookKeys.Runbooks),
        };
        RunbookReferences.Check(root, plan, report);
        if (report.IsClean)
            return new PlanReading.Good(plan) { Marks = report.Marks };
        return report.ToReading() with { Draft = plan.Vault is null ? null : plan, Marks = report.Marks };
    }
}
