namespace Resurgam.Demo.Scenarios;

/// <summary>What the platform has beside its database: policies, manifests, and the keys of sealed secrets.</summary>
internal sealed class ReferenceFiles(ReferencePlatform platform)
{
    /// <summary>As the plan calls the assets, and as it calls their folders.</summary>
    private static readonly IReadOnlyList<(string Asset, string Folder)> Assets =
    [
        ("policies", "git"),
        ("manifests", "manifests"),
        ("sealing-keys", "sealing-keys"),
    ];

    /// <summary>Makes them, with a first backup of each.</summary>
    public async Task ProtectAsync(CancellationToken cancellationToken)
    {
        foreach (var (_, folder) in Assets)
            Directory.CreateDirectory(Path.Combine(platform.Folder, folder));
        await WriteAsync(
            "manifests/phi-service.yaml",
            "{ kind: Deployment, metadata: { name: phi-service } }",
            cancellationToken
        );
        await WriteAsync("sealing-keys/tls.key", "the key that sealed secrets are opened with", cancellationToken);
        await WriteAsync(
            "recovery/region.plan",
            """{"format_version":"1.2","resource_changes":[{"address":"platform.second","type":"platform","change":{"actions":["create"]}}]}""",
            cancellationToken
        );
        if (DemoRepository.IsPossible)
        {
            var policies = RepositoryOf("policies");
            await policies.CreateAsync(cancellationToken);
            await policies.CommitAsync("phi: two approvals", cancellationToken);
        }
        else
            await WriteAsync("git/policy", "phi: two approvals", cancellationToken);
        await Task.WhenAll(Assets.Select(one => platform.RunAsync(["backup", one.Asset], cancellationToken)));
    }

    /// <summary>What auth-service is rolled out of: a release that has held, and is tagged so. Null: left out.</summary>
    public async Task<DemoRepository?> ReleaseAsync(string release, CancellationToken cancellationToken)
    {
        if (!DemoRepository.IsPossible)
        {
            platform.LeaveOut("auth-releases", "git", "git is not installed here");
            return null;
        }
        var releases = RepositoryOf("auth-service");
        await releases.CreateAsync(cancellationToken);
        await releases.CommitAsync(release, cancellationToken);
        await releases.TagAsync("good", cancellationToken);
        return releases;
    }

    public void Destroy()
    {
        foreach (var (_, folder) in Assets)
            Directory.Delete(Path.Combine(platform.Folder, folder), recursive: true);
    }

    /// <summary>Where the runbooks put them.</summary>
    public bool AreBack => IsBack("manifests", "phi-service.yaml") && IsBack("sealing-keys", "tls.key");

    /// <summary>Where traffic is sent; empty: to where it always went.</summary>
    public string TrafficGoesTo
    {
        get
        {
            var file = Path.Combine(platform.Folder, "dns");
            return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        }
    }

    private DemoRepository RepositoryOf(string name) =>
        new(Path.Combine(platform.Folder, "git", $"{name}.git"), platform.Time);

    private bool IsBack(string folder, string file) =>
        File.Exists(Path.Combine(platform.Folder, "recovery", folder, file));

    private Task WriteAsync(string path, string text, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(Path.Combine(platform.Folder, path), $"{text}\n", cancellationToken);
}
