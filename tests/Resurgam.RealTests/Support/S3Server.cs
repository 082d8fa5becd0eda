using System.Diagnostics;
using Amazon.S3.Model;
using Resurgam.Adapters.Stores.S3;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Support;

/// <summary>A real S3 server (Ceph's), started by the first test that wants it; it ends with this process, however that ends.</summary>
internal sealed class S3Server
{
    /// <summary>Four daemons and their pools; some 15 s when nothing else runs.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private static readonly string[] Programs =
    [
        "ceph-mon",
        "ceph-osd",
        "ceph-mgr",
        "radosgw",
        "radosgw-admin",
        "curl",
    ];
    private static readonly Lazy<Task<S3Server>> Shared = new(() => StartAsync(null));
    private static readonly Lazy<Task<S3Server>> SharedNew = new(() => StartAsync(NewCeph));

    // Its standard input stays open as long as this process lives.
    private readonly Process _script;

    private S3Server(Process script, string endpoint) => (_script, Endpoint) = (script, endpoint);

    public const string AccessKey = "access";

    public const string SecretKey = "secret";

    public string Endpoint { get; }

    /// <summary>What scripts/ceph unpacked.</summary>
    private static string NewCeph => Path.Combine(Servers.Cache, "ceph-20");

    /// <summary>Skips the test where Ceph is not installed; in CI that is a failure.</summary>
    public static async Task<S3Server> RequireAsync()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (
            Programs.FirstOrDefault(name => !folders.Any(folder => File.Exists(Path.Combine(folder, name)))) is
            { } missing
        )
            Servers.Absent($"{missing} is not here; run 'scripts/install tests'");
        return await RunningAsync(Shared);
    }

    /// <summary>
    /// As <see cref="RequireAsync"/>, a newer one: it honours <c>If-None-Match</c> also where versions are kept, so that a vault can be under object lock, and when an
    /// upload in parts is completed.
    /// </summary>
    public static async Task<S3Server> RequireNewAsync()
    {
        if (!File.Exists(Path.Combine(NewCeph, "bin", "radosgw")))
            Servers.Absent($"{NewCeph} is not here; run 'scripts/install tests'");
        return await RunningAsync(SharedNew);
    }

    /// <summary>A new bucket.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> MakeBucketAsync(CancellationToken cancellationToken, bool isLocked = false)
    {
        using var client = S3Client.Create(OptionsFor("none"));
        var name = $"bucket-{Path.GetRandomFileName().Replace('.', '-')}";
        await client.PutBucketAsync(
            new PutBucketRequest { BucketName = name, ObjectLockEnabledForBucket = isLocked },
            cancellationToken
        );
        return name;
    }

    public S3Options OptionsFor(string bucket) =>
        new()
        {
            Bucket = bucket,
            Prefix = "some/vault",
            Endpoint = Endpoint,
            Region = "us-east-1",
            IsPathStyle = true,
            Credentials = new S3Credentials(AccessKey, SecretKey, sessionToken: null),
        };

    private static async Task<S3Server> RunningAsync(Lazy<Task<S3Server>> shared)
    {
        var server = await shared.Value;
        Assert.False(server._script.HasExited, "the S3 server has ended");
        return server;
    }

    /// <param name="ceph">Null: the system's own.</param>
    private static async Task<S3Server> StartAsync(string? ceph)
    {
        var port = Loopback.FreePort();
        var folder = Path.Combine(Path.GetTempPath(), $"resurgam-s3-{Path.GetRandomFileName()}");
        ProcessStartInfo start = new(
            Path.Combine(Repository.Root, "scripts/s3-server"),
            [folder, $"{port}", ceph ?? ""]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var script = Process.Start(start) ?? throw new InvalidOperationException("scripts/s3-server was not started");
        using CancellationTokenSource limit = new(StartLimit);
        var line = await script.StandardOutput.ReadLineAsync(limit.Token);
        return line == "ready"
            ? new S3Server(script, $"http://127.0.0.1:{port}")
            : throw new InvalidOperationException("scripts/s3-server did not come up; its words are on standard error");
    }
}
