using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Checks;

/// <summary>Every name that the plan uses is a name that the plan has.</summary>
internal static class ReferenceRules
{
    /// <param name="isNamed">What has the name stands in the file and could not be read; null: all could.</param>
    public static IEnumerable<Finding> Check(Plan plan, Func<string, bool>? isNamed = null)
    {
        var names = new PlanNames(plan);
        foreach (var (path, name, known, what) in Uses(plan, names))
            if (!known.Contains(name) && isNamed?.Invoke(name) != true)
                yield return Found.Error(
                    "name-unknown",
                    path,
                    $"{path} names '{name}', and the plan has no such {what}",
                    Nearest.Of(name, known) is { } near ? $"Did you mean '{near}'?"
                        : known.Count == 0 ? $"The plan has none at all: add it, or remove the name here."
                        : $"Known: {string.Join(", ", known.Order(StringComparer.Ordinal))}."
                );
    }

    private static IEnumerable<(string Path, string Name, IReadOnlyCollection<string> Known, string What)> Uses(
        Plan plan,
        PlanNames names
    ) =>
        [
            .. plan.Schedules.SelectMany(s => One($"schedules.{s.Name}.asset", s.Asset, names.Assets, "asset")),
            .. plan.Schedules.SelectMany(s => One($"schedules.{s.Name}.drill", s.Drill, names.Drills, "drill")),
            .. plan.RecoverySets.SelectMany(s =>
                All($"recovery-sets.{s.Name}.assets", s.Assets, names.Assets, "asset")
            ),
            .. plan.Drills.SelectMany(d => One($"drills.{d.Name}.from", d.From, names.Replicas, "replica")),
            .. plan.Services.SelectMany(s =>
                All($"services.{s.Name}.needs", s.Needs, names.Things, "service, asset or dependency")
            ),
            .. plan.Dependencies.SelectMany(d =>
                One($"dependencies.{d.Name}.vendor", d.Vendor, names.Vendors, "vendor")
            ),
            .. plan.Keys.SelectMany(k => All($"keys.{k.Name}.opens", k.Opens, [.. names.Assets, "vault"], "asset")),
            .. plan.Keys.SelectMany(k => All($"keys.{k.Name}.backed-up-in", k.BackedUpIn, names.Assets, "asset")),
            .. plan.Scenarios.SelectMany(s =>
                All($"scenarios.{s.Name}.affects", s.Affects, names.Things, "service, asset or dependency")
            ),
            .. plan.Scenarios.SelectMany(s =>
                One($"scenarios.{s.Name}.severity", s.Severity, names.Severities, "severity")
            ),
            .. plan.People.SelectMany(p => All($"people.{p.Name}.reach", p.Reach, names.Channels, "channel")),
            .. plan.Vendors.SelectMany(v => All($"vendors.{v.Name}.reach", v.Reach, names.Channels, "channel")),
            .. plan.OnCall.SelectMany(call => One("on-call", call.Who, names.People, "person")),
            .. plan.Severities.SelectMany(s =>
                All($"severities.{s.Name}.notify", s.Notify, [.. names.People, .. names.Channels], "person or channel")
            ),
            .. One("document.owner", plan.Document?.Owner, names.People, "person"),
            .. One("document.approver", plan.Document?.Approver, names.People, "person"),
            .. All("document.reviewers", plan.Document?.Reviewers ?? [], names.People, "person"),
        ];

    private static IEnumerable<(string, string, IReadOnlyCollection<string>, string)> One(
        string path,
        string? name,
        IReadOnlyCollection<string> known,
        string what
    ) => name is null ? [] : [(path, name, known, what)];

    private static IEnumerable<(string, string, IReadOnlyCollection<string>, string)> All(
        string path,
        ValueList<string> names,
        IReadOnlyCollection<string> known,
        string what
    ) => names.Select(name => (path, name, known, what));
}

/// <summary>The names that a plan has, by what they name.</summary>
internal sealed class PlanNames(Plan plan)
{
    public IReadOnlyCollection<string> Assets { get; } = [.. plan.Assets.Select(asset => asset.Id.Value)];

    public IReadOnlyCollection<string> Drills { get; } = [.. plan.Drills.Select(drill => drill.Name)];

    public IReadOnlyCollection<string> Replicas { get; } = [.. plan.Vault.Replicas.Select(replica => replica.Name)];

    /// <summary>What a scenario can hit and a service can need.</summary>
    public IReadOnlyCollection<string> Things { get; } =
    [
        .. plan.Assets.Select(asset => asset.Id.Value),
        .. plan.Services.Select(service => service.Name),
        .. plan.Dependencies.Select(dependency => dependency.Name),
    ];

    public IReadOnlyCollection<string> Vendors { get; } = [.. plan.Vendors.Select(vendor => vendor.Name)];

    public IReadOnlyCollection<string> Severities { get; } = [.. plan.Severities.Select(severity => severity.Name)];

    public IReadOnlyCollection<string> People { get; } = [.. plan.People.Select(person => person.Name)];

    public IReadOnlyCollection<string> Channels { get; } = [.. plan.Channels.Select(channel => channel.Name)];
}
