using Resurgam.Core.Git;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Core.Drills;

/// <summary>A drill that could touch the real thing is not begun. The interpreter would not let it either: in a drill it knows no other targets.</summary>
/// <param name="runbook">Of the drill.</param>
/// <param name="variable">
/// The environment that its steps connect in: a connection that names no host goes where that says. Null for each: the plan alone.
/// </param>
public sealed class DrillGuard(Plan plan, Runbook runbook, Func<string, string?> variable)
{
    private static readonly string[] HostKeys = ["host", "hostaddr"];

    /// <exception cref="ResurgamException"><c>drill-refused</c>: the first of what <see cref="Refusals"/> finds.</exception>
    public void Check()
    {
        if (Refusals().FirstOrDefault() is { } refusal)
            throw new ResurgamException(refusal.Problem);
    }

    /// <summary>Each step without a place of its own, each place that is the real thing, and each fault outside of the places.</summary>
    public IEnumerable<DrillRefusal> Refusals()
    {
        var steps = runbook.Steps.Where(step => step.InDrill == DrillBehaviour.Run).ToList();
        foreach (var step in steps)
        foreach (var what in UnboundOf(step))
            yield return new DrillRefusal(step.Id, DrillProblems.NoPlace(step, what).Problem);
        foreach (var place in Places().Distinct())
            if (RealThings().FirstOrDefault(one => Overlaps(place, one)) is { } real)
                yield return new DrillRefusal(Step: null, DrillProblems.NotIsolated(place, real.Words).Problem);
        List<string> folders = [.. FoldersOf(steps)];
        foreach (var step in steps)
            if (step.Action is StepAction.DestroyFiles destroy && !folders.Exists(f => IsWithin(destroy.Path, f)))
                yield return new DrillRefusal(step.Id, DrillProblems.NotOfDrill(step, destroy.Path).Problem);
    }

    /// <summary>What a drill needs for itself alone while it runs.</summary>
    public IReadOnlyList<DrillPlace> Places()
    {
        var steps = runbook.Steps.Where(step => step.InDrill == DrillBehaviour.Run).ToList();
        var touched = steps.SelectMany(TouchedBy).ToHashSet();
        return
        [
            .. plan
                .Targets.Where(target => touched.Contains(target.Id))
                .SelectMany(target => target.Drill is { } drill ? PlacesOf(drill) : []),
            .. steps.Select(step => step.Action).OfType<StepAction.VaultRestore>().SelectMany(ToOf),
            .. steps.Select(step => step.Action).OfType<StepAction.GitPush>().SelectMany(FromOf),
            .. steps
                .Select(step => step.Action)
                .OfType<StepAction.CutNetwork>()
                .Select(cut => new DrillPlace(DrillPlaceKind.Network, cut.Namespace)),
        ];
    }

    private static IEnumerable<DrillPlace> FromOf(StepAction.GitPush push) =>
        push.DrillFrom is { } folder ? [new DrillPlace(DrillPlaceKind.Folder, folder)] : [];

    private static IEnumerable<DrillPlace> ToOf(StepAction.VaultRestore restore) =>
        restore.DrillTo is { } folder ? [new DrillPlace(DrillPlaceKind.Folder, folder)] : [];

    /// <summary>What it would act on, and has nothing in its place in a drill.</summary>
    private IEnumerable<string> UnboundOf(RunbookStep step)
    {
        if (step.Action is StepAction.VaultRestore { DrillTo: null } restore)
            yield return restore.To;
        if (step.Action is StepAction.GitPush { DrillFrom: null } push)
            yield return push.From;
        foreach (var id in TouchedBy(step).Distinct())
            if (plan.Targets.Any(target => target.Id == id && target.Drill is null))
                yield return $"target {id}";
    }

    private static IEnumerable<TargetId> TouchedBy(RunbookStep step)
    {
        TargetId?[] touched =
        [
            step.Action.Target,
            step.Undo?.Target,
            step.Precondition?.Target,
            step.Postcondition?.Target,
            .. step.Action.Conditions.Select(condition => condition.Target),
        ];
        return touched.OfType<TargetId>();
    }

    private IEnumerable<DrillPlace> PlacesOf(Target target) =>
        target switch
        {
            Target.Postgres postgres =>
            [
                .. ServersOf(postgres.Connection)
                    .Concat(postgres.Clients is { } clients ? ServersOf(clients) : [])
                    .Distinct(),
                .. postgres.DataDirectory is { } data ? new DrillPlace[] { new(DrillPlaceKind.Folder, data) } : [],
            ],
            Target.Redis redis => [new(DrillPlaceKind.Server, redis.Socket ?? $"{HostOf(redis.Host)}:{redis.Port}")],
            Target.Web web => [new(DrillPlaceKind.Address, web.Url)],
            Target.Git git => PlacesOf(git.Address),
            Target.Kubernetes cluster =>
            [
                new(
                    DrillPlaceKind.Namespace,
                    $"{cluster.Namespace} of cluster {cluster.ClusterUid ?? cluster.ClusterUidFile}"
                ),
            ],
            Target.Service { Unit: { } unit } => [new(DrillPlaceKind.Unit, unit)],
            Target.Service { Start: { } start } => [new(DrillPlaceKind.Program, string.Join(' ', start))],
            _ => [],
        };

    /// <summary>All that is not there for drills.</summary>
    private IEnumerable<RealThing> RealThings()
    {
        foreach (var target in plan.Targets)
        foreach (var place in PlacesOf(target with { Drill = null }))
            yield return new RealThing(place, $"target {target.Id}");
        foreach (var asset in plan.Assets)
            if (asset is Asset.Postgres postgres)
            {
                foreach (var place in ServersOf(postgres.Connection))
                    yield return new RealThing(place, $"asset {asset.Id}");
                if (postgres.DataDirectory is { } data)
                    yield return new RealThing(new(DrillPlaceKind.Folder, data), $"asset {asset.Id}");
            }
            else if (asset is Asset.Redis redis)
                yield return new RealThing(
                    new(DrillPlaceKind.Server, redis.Socket ?? $"{HostOf(redis.Host)}:{redis.Port}"),
                    $"asset {asset.Id}"
                );
            else if (asset is Asset.Git git)
                foreach (var place in git.Repositories.SelectMany(PlacesOf).Concat(PlacesOf(git.GitHub)))
                    yield return new RealThing(place, $"asset {asset.Id}");
            else if (asset is Asset.Files files)
                yield return new RealThing(new(DrillPlaceKind.Folder, files.Path), $"asset {asset.Id}");
        foreach (var step in plan.Runbooks.SelectMany(runbook => runbook.Steps))
            if (step.Action is StepAction.GitPush push)
                yield return new RealThing(
                    new(DrillPlaceKind.Folder, push.From),
                    $"what step {step.Id} pushes in earnest"
                );
            else if (step.Action is StepAction.VaultRestore restore && restore.To != restore.DrillTo)
                yield return new RealThing(
                    new(DrillPlaceKind.Folder, restore.To),
                    $"what step {step.Id} restores in earnest"
                );
        StorePlace[] stores = [plan.Vault.Primary, .. plan.Vault.Replicas.Select(replica => replica.Place)];
        foreach (var store in stores)
            if (store.Store.Kind == StoreKind.Folder)
                yield return new RealThing(new(DrillPlaceKind.Folder, store.Store.Value), "the vault");
    }

    /// <summary>All branches of a repository are one place, by whatever transport it is reached; one of this machine is a folder, too.</summary>
    private static IEnumerable<DrillPlace> PlacesOf(GitAddress address) =>
        address.Folder is { } folder
            ?
            [
                new(DrillPlaceKind.Repository, address.Place),
                new(DrillPlaceKind.Folder, folder),
                // Git takes it for one without its ending, too.
                .. folder.EndsWith(".git", StringComparison.Ordinal)
                    ? []
                    : new DrillPlace[] { new(DrillPlaceKind.Folder, $"{folder.TrimEnd('/')}.git") },
            ]
            : [new(DrillPlaceKind.Repository, address.Place)];

    /// <summary>All that an organisation has, now or later. The API of github.com is beside it, that of other servers in them.</summary>
    private static IEnumerable<DrillPlace> PlacesOf(GitHubSettings? settings)
    {
        if (settings is null || !Uri.TryCreate(settings.Api, UriKind.Absolute, out var api))
            yield break;
        const string start = "api.";
        var host = api.Host.Trim('[', ']');
        yield return new(DrillPlaceKind.Repository, GitAddress.PlaceOf(host, $"{settings.Organisation}/"));
        if (host.StartsWith(start, StringComparison.Ordinal))
            yield return new(
                DrillPlaceKind.Repository,
                GitAddress.PlaceOf(host[start.Length..], $"{settings.Organisation}/")
            );
    }

    private IEnumerable<string> FoldersOf(IReadOnlyList<RunbookStep> steps) =>
        [
            .. plan.Targets.Select(target => (target.Drill as Target.Postgres)?.DataDirectory).OfType<string>(),
            .. steps.Select(step => (step.Action as StepAction.VaultRestore)?.DrillTo).OfType<string>(),
        ];

    private static bool Overlaps(DrillPlace place, RealThing real) =>
        place.Kind == real.Place.Kind
        && (
            place.Kind == DrillPlaceKind.Folder
                ? IsWithin(place.Name, real.Place.Name) || IsWithin(real.Place.Name, place.Name)
                : place.Name == real.Place.Name
                    || (
                        place.Kind == DrillPlaceKind.Repository
                        && real.Place.Name.EndsWith('/')
                        && place.Name.StartsWith(real.Place.Name, StringComparison.Ordinal)
                    )
        );

    /// <summary>By the paths as they are written; whether one leads elsewhere is looked at right before the effect.</summary>
    private static bool IsWithin(string path, string folder)
    {
        var (inner, outer) = (Path.GetFullPath(path), Path.GetFullPath(folder).TrimEnd('/'));
        return inner == outer || inner.StartsWith($"{outer}/", StringComparison.Ordinal);
    }

    /// <summary>Host and port by every name that a connection or the environment gives them: two databases of one server are one place.</summary>
    private IEnumerable<DrillPlace> ServersOf(string connection)
    {
        var values = Conninfo.Parse(connection);
        var port = Conninfo.Find(values, "port", variable) ?? "5432";
        var names = HostKeys.Select(key => Conninfo.Find(values, key, variable)).OfType<string>().DefaultIfEmpty("");
        foreach (var name in names)
            yield return new(DrillPlaceKind.Server, $"{HostOf(name)}:{port}");
    }

    /// <summary>This machine has one name, by whichever the server's usual places on it are called.</summary>
    private static string HostOf(string? name) =>
        name is null or "" or "127.0.0.1" or "::1" or "/var/run/postgresql" or "/run/postgresql" or "/tmp"
            ? "localhost"
            : name.ToLowerInvariant();

    private sealed record RealThing(DrillPlace Place, string Words);
}

/// <summary>Why a drill does not begin.</summary>
/// <param name="Step">The step that it is about, as the composed runbook calls it; null: a place that several may use.</param>
public sealed record DrillRefusal(StepId? Step, Problem Problem);

public enum DrillPlaceKind
{
    Server,
    Folder,
    Address,
    Repository,
    Namespace,
    Unit,
    Program,
    Network,
}

/// <summary>Something that a drill has for itself while it runs.</summary>
public sealed record DrillPlace(DrillPlaceKind Kind, string Name)
{
    /// <summary>In the ledger and in messages: <c>folder /srv/drill/data</c>.</summary>
    public override string ToString() =>
        Kind switch
        {
            DrillPlaceKind.Server => $"server {Name}",
            DrillPlaceKind.Folder => $"folder {Name}",
            DrillPlaceKind.Address => $"address {Name}",
            DrillPlaceKind.Repository => $"repository {Name}",
            DrillPlaceKind.Namespace => $"namespace {Name}",
            DrillPlaceKind.Unit => $"unit {Name}",
            DrillPlaceKind.Program => $"service started by {Name}",
            DrillPlaceKind.Network => $"network namespace {Name}",
        };
}
