using System.Globalization;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Restore;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Verify;

/// <summary>Holds the objects of a snapshot against those of a server.</summary>
internal sealed class ObjectComparison(ApiConnection api, SnapshotObjects source)
{
    private const int MostShown = 10;

    private readonly List<string> _wrong = [];

    /// <summary>Of all objects, as the snapshot has them, when the cluster was asked about them.</summary>
    public long BytesTotal { get; private set; }

    /// <summary>Of these, what it could be asked about.</summary>
    public long BytesAsked { get; private set; }

    /// <summary>Every object, read back, must be the one of the snapshot, field for field.</summary>
    /// <param name="recorded">How many there must be.</param>
    public async Task<VerificationCheck> CompareAsync(long recorded, CancellationToken cancellationToken)
    {
        var types = await new ApiDiscovery(api).RunAsync(cancellationToken);
        var objects = await source.ListAsync(only: [], cancellationToken);
        foreach (var each in objects)
        {
            var json = await source.ReadAsync(each, cancellationToken);
            var found = types.Find(each.Key.Group, each.Key.Version, each.Key.Kind) is { } type
                ? await api.FindAsync(type.PathOf(each.Key.Namespace, each.Key.Name), cancellationToken)
                : null;
            if (found is null)
                _wrong.Add($"{each.Key} is not there");
            else
                Compare(each.Key, json, ServerFields.Strip(found), isPart: false);
        }
        return ToCheck("objects", objects.Count, recorded, "came back equal");
    }

    /// <summary>The cluster would make of every object at least what the snapshot says.</summary>
    public async Task<VerificationCheck> AskAsync(KubernetesRecord record, CancellationToken cancellationToken)
    {
        var facts = await ClusterFacts.ReadAsync(api, cancellationToken);
        if (facts.Uid != record.ClusterUid)
            throw KubernetesProblems.OtherCluster(api.Server, facts.Uid, record.ClusterUid);
        var objects = await source.ListAsync(only: [], cancellationToken);
        ObjectPlace place = new(api, objects, NamespaceMap.None, isDryRun: true, notes: []);
        await place.DiscoverAsync(cancellationToken);
        ApplyMode mode = new(Force: true, IsDryRun: true);
        ObjectApply apply = new(api, mode);
        OtherVersions versions = new(api, place, mode);
        var unasked = 0;
        foreach (var each in objects)
        {
            var json = await source.ReadAsync(each, cancellationToken);
            BytesTotal += each.Node.SizeBytes;
            if (place.WhyNotYet(each.Key) is not null)
            {
                unasked++;
                continue;
            }
            BytesAsked += each.Node.SizeBytes;
            var (type, whyNot) = (place.Find(each.Key), "");
            if (type is null)
                (type, whyNot) = await versions.FindAsync(each.Key, json, cancellationToken);
            if (type is null)
            {
                _wrong.Add($"{each.Key}: {whyNot}");
                continue;
            }
            var asked = (JsonObject)json.DeepClone();
            await place.NameOwnersAsync(each.Key, asked, cancellationToken);
            var result = await apply.RunAsync(each.Key with { Version = type.Version }, type, asked, cancellationToken);
            if (apply.Answered is { } answered)
                Compare(each.Key, json, answered, isPart: true);
            else
                _wrong.Add($"{each.Key}: {result.Detail}");
        }
        return ToCheck(
            "objects",
            objects.Count,
            record.Objects,
            unasked == 0
                ? "would come back equal"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"would come back equal, but {unasked} could not be asked: their namespace or definition is not there"
                )
        );
    }

    public static string Join(IEnumerable<string> lines)
    {
        var all = lines.ToList();
        var shown = string.Join("; ", all.Take(MostShown));
        return all.Count <= MostShown
            ? shown
            : string.Create(CultureInfo.InvariantCulture, $"{shown}; and {all.Count - MostShown} more");
    }

    /// <param name="isPart">What the server has beyond the snapshot does not count.</param>
    private void Compare(ObjectKey key, JsonObject stored, JsonObject found, bool isPart)
    {
        var changes = isPart ? ObjectDiff.LostBetween(stored, found) : ObjectDiff.Between(stored, found);
        // What a field held says a restore's dry run; reports of verifications go to more people.
        if (changes.Count > 0)
            _wrong.Add($"{key} differs in {string.Join(", ", changes.Take(3).Select(change => change.Path))}");
    }

    private VerificationCheck ToCheck(string name, int objects, long recorded, string good)
    {
        if (objects != recorded)
            _wrong.Insert(
                0,
                string.Create(CultureInfo.InvariantCulture, $"{objects} objects in the snapshot, {recorded} recorded")
            );
        return new VerificationCheck(
            name,
            _wrong.Count == 0,
            _wrong.Count == 0
                ? string.Create(CultureInfo.InvariantCulture, $"{objects} of {recorded} {good}")
                : Join(_wrong)
        );
    }
}
