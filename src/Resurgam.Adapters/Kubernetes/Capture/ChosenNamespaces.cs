using System.IO.Enumeration;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Capture;

/// <summary>The namespaces of a cluster that the plan chooses.</summary>
internal sealed class ChosenNamespaces(ApiConnection api, IReadOnlyList<string> patterns)
{
    /// <summary>Of Kubernetes itself: what is in them comes with the cluster.</summary>
    private static readonly HashSet<string> Own = ["kube-system", "kube-public", "kube-node-lease"];

    private static readonly ResourceType Type = new("", "v1", "namespaces", "Namespace", IsNamespaced: false);

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public IReadOnlySet<string> Names => _names;

    /// <summary>Whoever has chosen some may have rights there alone.</summary>
    public bool AreAll => patterns.Count == 0;

    /// <param name="findings">Gets a line for each name that is not there.</param>
    public async Task ReadAsync(List<string> findings, CancellationToken cancellationToken)
    {
        foreach (var name in patterns.Where(pattern => !pattern.Contains('*')))
            if (await api.FindAsync(Type.PathOf(name: name), cancellationToken) is not null)
                _names.Add(name);
            else
                findings.Add($"there is no namespace {name}");
        if (!AreAll && !patterns.Any(pattern => pattern.Contains('*')))
            return;
        var (result, refusal) = await new ObjectList(api).ReadAsync(new ListRequest(Type), cancellationToken);
        if (result is null)
            throw KubernetesProblems.Denied(api.Server, refusal?.Message ?? "the list of namespaces");
        var there = result.Items.Select(item => item.FindText("metadata", "name")).OfType<string>().ToList();
        foreach (var name in there.Where(name => AreAll ? !Own.Contains(name) : patterns.Any(each => Fits(each, name))))
            _names.Add(name);
        foreach (var pattern in patterns.Where(each => each.Contains('*') && !there.Any(name => Fits(each, name))))
            findings.Add($"there is no namespace {pattern}");
    }

    private static bool Fits(string pattern, string name) =>
        FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
