using System.Diagnostics;
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
    private static readonly Lazy<Task<S3Server>> Shared = new(StartAsync);

    // Its standard input stays open as long as this process lives.
    private readonly Process _script;

    private S3Server(Process script, string endpoint) => (_script, Endpoint) = (script, endpoint);

    public const string AccessKey = "access";

    public const string SecretKey = "secret";

    public string Endpoint { get; }

    /// <summary>Skips the test where Ceph is not installed; in CI that is a failure.</summary>
    public static async Task<S3Server> RequireAsync()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (
            Programs.FirstOrDefault(name => !folders.Any(folder => File.Exists(Path.Combine(folder, name)))) is
            { } missing
        )
        {
            var message = $"{missing} is not here; run 'scripts/install tests'";
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Assert.Fail(message);
            Assert.Skip(message);
        }
        var server = await Shared.Value;
        Assert.False(server._script.HasExited, "the S3 server has ended");
        return server;
    }

    /// <summary>A new bucket.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> MakeBucketAsync(CancellationToken cancellationToken)
    {
        using var client = S3Client.Create(OptionsFor("none"));
        var name = $"bucket-{Path.GetRandomFileName().Replace('.', '-')}";
        await client.PutBucketAsync(name, cancellationToken);
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

    private static async Task<S3Server> StartAsync()
    {
        var port = Loopback.FreePort();
        var folder = Path.Combine(Path.GetTempPath(), $"resurgam-s3-{Path.GetRandomFileName()}");
        ProcessStartInfo start = new(Path.Combine(Repository.Root, "scripts/s3-server"), [folder, $"{port}"])
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
