using Resurgam.Adapters.Git.Capture;
using Resurgam.Adapters.Git.Change;
using Resurgam.Adapters.Git.Wire;
using Resurgam.Adapters.Kubernetes.Capture;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Adapters.Secrets;
using Resurgam.Core.Predictions;
using Resurgam.Core.Readiness;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Readiness;

/// <summary>Sources as they are: there, and the ones that the plan means.</summary>
public static class SourceLook
{
    /// <exception cref="Core.Problems.ResurgamException">It cannot be reached, or refuses us.</exception>
    public static async Task<IReadOnlyList<AssetFinding>> AtRedisAsync(
        Redis.Wire.ConnectionSettings connection,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        await using var session = await RedisConnection.OpenAsync(connection, time, cancellationToken);
        await session.ReadInfoAsync(cancellationToken);
        return [];
    }

    public static IReadOnlyList<AssetFinding> AtFolder(string path) =>
        Directory.Exists(path) ? [] : [ReadinessFindings.NoFolder(path)];

    /// <summary>Every repository that is named answers. What an organisation has lost its backup finds out.</summary>
    /// <exception cref="Core.Problems.ResurgamException">The first one that does not.</exception>
    public static async Task<IReadOnlyList<AssetFinding>> AtRepositoriesAsync(
        GitSource source,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        GitProgram git = new(source.Access, time);
        foreach (var address in source.Repositories)
            await git.ListRemoteAsync(address, cancellationToken);
        return [];
    }

    /// <summary>The repository answers, and has the branch.</summary>
    /// <exception cref="Core.Problems.ResurgamException">It does not, or has not.</exception>
    public static async Task AtBranchAsync(
        Target.Git target,
        SecretReader secrets,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var access = await BranchCopy.AccessOfAsync(target, secrets, cancellationToken);
        await BranchCopy.AskAsync(target, [], new GitProgram(access, time), cancellationToken);
    }

    /// <exception cref="Core.Problems.ResurgamException">It cannot be reached, or refuses us.</exception>
    public static async Task<IReadOnlyList<AssetFinding>> AtClusterAsync(
        KubernetesSource source,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        List<AssetFinding> findings = [];
        using var api = await ApiConnection.OpenAsync(source.Connection, time, cancellationToken);
        var facts = await ClusterFacts.ReadAsync(api, cancellationToken);
        if (source.ClusterUid is { } expected && facts.Uid != expected)
            findings.Add(ReadinessFindings.OtherSource("uid", facts.Uid, expected));
        if (source.Namespaces.Count == 0 || !await MayListAsync(api, cancellationToken))
            return findings;
        ChosenNamespaces all = new(api, []);
        ChosenNamespaces chosen = new(api, source.Namespaces);
        List<string> absent = [];
        await all.ReadAsync(absent, cancellationToken);
        await chosen.ReadAsync(absent, cancellationToken);
        if (all.Names.Except(chosen.Names).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } others)
            findings.Add(ReadinessFindings.Uncovered("namespace", others));
        return findings;
    }

    /// <summary>Whoever has chosen some namespaces may have rights there alone.</summary>
    private static async Task<bool> MayListAsync(ApiConnection api, CancellationToken cancellationToken)
    {
        var answer = await api.SendAsync(ApiRequest.Get("/api/v1/namespaces?limit=1"), cancellationToken);
        return answer.IsGood;
    }
}
