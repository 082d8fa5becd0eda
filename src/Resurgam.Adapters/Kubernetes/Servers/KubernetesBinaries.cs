using Resurgam.Adapters.Processes;

namespace Resurgam.Adapters.Kubernetes.Servers;

/// <summary>Where the programs of an API server are.</summary>
/// <param name="ApiServer">Path of <c>kube-apiserver</c>.</param>
/// <param name="Etcd">Path of <c>etcd</c>, where it keeps its objects.</param>
/// <param name="Version"><c>v1.32.4</c></param>
public sealed record KubernetesBinaries(string ApiServer, string Etcd, string Version)
{
    private static readonly string[] Folders = ["/usr/local/bin", "/usr/bin", "/opt/kubernetes/bin"];

    /// <param name="configured">Folder from the plan.</param>
    /// <returns>Null when one of them is not installed.</returns>
    public static async Task<KubernetesBinaries?> FindAsync(
        string? configured,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (Find("kube-apiserver", configured) is not { } server || Find("etcd", configured) is not { } etcd)
            return null;
        ProcessRequest request = new() { Program = server, Arguments = ["--version"] };
        var result = await new ProcessRunner(time).RunWellAsync(request, cancellationToken);
        return new KubernetesBinaries(server, etcd, result.OutputText.Trim().Split(' ')[^1]);
    }

    /// <summary>Versions of one minor number have the same fields and the same defaults.</summary>
    public bool IsLike(string version) => MinorOf(Version) is { } minor && minor == MinorOf(version);

    /// <returns><c>v1.32</c> of <c>v1.32.4-gke.1</c>; null for another text.</returns>
    public static string? MinorOf(string version) =>
        version.Split('.') is [var major, var minor, ..] ? $"{major}.{minor}" : null;

    private static string? Find(string name, string? configured)
    {
        if (configured is null && ProgramPath.TryFind(name, out var path))
            return path;
        IReadOnlyList<string> folders = configured is null ? Folders : [configured];
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}
