using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Wire;

/// <summary>Finds out which cluster is meant: from kubeconfig files, or inside of a pod from what Kubernetes lays there.</summary>
internal static class ContextFile
{
    private const string InClusterName = "in-cluster";
    private const string AccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    public static async Task<KubeContext> ReadAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        var files = FilesOf(settings);
        if (files.Count == 0)
            return FindInCluster(settings) ?? throw KubernetesProblems.NoConfig();
        Kubeconfig config = new();
        foreach (var file in files)
            config.Add(await ReadTextAsync(file, cancellationToken), file);
        return config.Get(settings.Context);
    }

    private static IReadOnlyList<string> FilesOf(ConnectionSettings settings)
    {
        if (settings.Kubeconfig is { } named)
            return [named];
        if (settings.FindVariable("KUBECONFIG") is { Length: > 0 } list)
            return
            [
                .. list.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(Path.GetFullPath).Where(File.Exists),
            ];
        var usual = settings.FindVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".kube/config") : null;
        return usual is not null && File.Exists(usual) ? [Path.GetFullPath(usual)] : [];
    }

    private static KubeContext? FindInCluster(ConnectionSettings settings)
    {
        var host = settings.FindVariable("KUBERNETES_SERVICE_HOST");
        var port = settings.FindVariable("KUBERNETES_SERVICE_PORT") ?? "443";
        if (host is not { Length: > 0 } || !File.Exists($"{AccountFolder}/token"))
            return null;
        if (settings.Context is not (null or InClusterName))
            return null;
        return new KubeContext
        {
            Name = InClusterName,
            Server = $"https://{(host.Contains(':') ? $"[{host}]" : host)}:{port}",
            CaFile = $"{AccountFolder}/ca.crt",
            TokenFile = $"{AccountFolder}/token",
        };
    }

    private static async Task<string> ReadTextAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw KubernetesProblems.ConfigUnreadable(file, e);
        }
    }
}
