using System.Diagnostics;
using System.Globalization;
using System.Net;
using Resurgam.Adapters.Stores.Azure;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Support;

/// <summary>A server of Azure Blob Storage (Azurite), started by the first test that wants it; it ends with this process, however that ends.</summary>
internal sealed class AzureServer
{
    public const string Account = "devstoreaccount1";

    /// <summary>Azurite's manual prints it: it opens nothing else.</summary>
    public const string Key =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly Lazy<Task<AzureServer>> Shared = new(StartAsync);

    // Its standard input stays open as long as this process lives.
    private readonly Process _script;

    private AzureServer(Process script, string endpoint) => (_script, Endpoint) = (script, endpoint);

    public string Endpoint { get; }

    /// <summary>Skips the test where Azurite is not installed; in CI that is a failure.</summary>
    public static async Task<AzureServer> RequireAsync()
    {
        if (!File.Exists(Path.Combine(Servers.Cache, "azurite/.version")))
        {
            const string message = "Azurite is not here; run 'scripts/install tests'";
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Assert.Fail(message);
            Assert.Skip(message);
        }
        var server = await Shared.Value;
        Assert.False(server._script.HasExited, "the Azure server has ended");
        return server;
    }

    /// <summary>A new container.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> MakeContainerAsync(CancellationToken cancellationToken)
    {
        var name = $"container-{Path.GetRandomFileName().Replace('.', '-')}";
        using HttpRequestMessage request = new(HttpMethod.Put, $"{Endpoint}/{name}?restype=container");
        request.Headers.Add("x-ms-version", "2021-12-02");
        request.Headers.Add("x-ms-date", DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture));
        AzureSigning.Sign(request, Account, Convert.FromBase64String(Key));
        using HttpClient client = new();
        using var response = await client.SendAsync(request, cancellationToken);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return name;
    }

    public AzureOptions OptionsFor(string container) =>
        new()
        {
            Account = Account,
            Endpoint = Endpoint,
            Container = container,
            Prefix = "some/vault",
            Credentials = AzureCredentials.OfKey(Key, Account),
        };

    private static async Task<AzureServer> StartAsync()
    {
        var port = Loopback.FreePort();
        ProcessStartInfo start = new(Path.Combine(Repository.Root, "scripts/azure-server"), [$"{port}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var script =
            Process.Start(start) ?? throw new InvalidOperationException("scripts/azure-server was not started");
        using CancellationTokenSource limit = new(StartLimit);
        var line = await script.StandardOutput.ReadLineAsync(limit.Token);
        return line == "ready"
            ? new AzureServer(script, $"http://127.0.0.1:{port}/{Account}")
            : throw new InvalidOperationException(
                "scripts/azure-server did not come up; its words are on standard error"
            );
    }
}
