using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Wire;

/// <summary>Who we are for a cluster. Tokens of files and plugins are fetched again when they are old. Thread-safe.</summary>
internal sealed class ApiCredentials(KubeContext context, TimeProvider time) : IDisposable
{
    /// <summary>The kubelet writes a new token into a pod's file long before the old one ends.</summary>
    private static readonly TimeSpan FileLifetime = TimeSpan.FromMinutes(1);

    /// <summary>A plugin's token is given up so long before its end.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PluginLimit = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _gate = new(1);
    private AuthenticationHeaderValue? _header;
    private DateTimeOffset? _until;
    private bool _isRead;

    /// <summary>What a plugin gave us as PEM; null when it gave none, or there is no plugin.</summary>
    public string? PluginCertificate { get; private set; }

    public string? PluginKey { get; private set; }

    /// <param name="isStale">The server refused what we had.</param>
    /// <returns>Null: certificates alone say who we are.</returns>
    public async Task<AuthenticationHeaderValue?> FindHeaderAsync(bool isStale, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_isRead || isStale || (_until is { } until && time.GetUtcNow() >= until))
                await ReadAsync(cancellationToken);
            return _header;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (context.OldProvider is { } provider)
            throw KubernetesProblems.OldProvider(context.Name, provider);
        if (context.Exec is { } plugin)
            await RunAsync(plugin, cancellationToken);
        else if (context.TokenFile is { } file)
        {
            _header = Bearer(await ReadFileAsync(file, cancellationToken));
            _until = time.GetUtcNow() + FileLifetime;
        }
        else if (context.Token is { Length: > 0 } token)
            _header = Bearer(token);
        else if (context.User is { } user)
            _header = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{context.Password}"))
            );
        _isRead = true;
    }

    private async Task<string> ReadFileAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw KubernetesProblems.Credentials(context.Name, $"the token file {file} cannot be read: {e.Message}");
        }
    }

    /// <summary>As the reference of Kubernetes, "Authenticating", describes credential plugins.</summary>
    private async Task RunAsync(KubeExec plugin, CancellationToken cancellationToken)
    {
        ProcessRequest request = new()
        {
            Program = plugin.Command,
            Arguments = plugin.Arguments,
            Environment = new Dictionary<string, string?>(plugin.Environment)
            {
                ["KUBERNETES_EXEC_INFO"] = AskFor(plugin).ToJsonString(),
            },
            Timeout = PluginLimit,
        };
        var result = await new ProcessRunner(time).RunAsync(request, cancellationToken);
        if (result.ExitCode != 0)
            throw KubernetesProblems.Credentials(context.Name, $"{plugin.Command} ended with {result.ExitCode}");
        var status = Parse(plugin, result.Output)["status"];
        (PluginCertificate, PluginKey) = (status.FindText("clientCertificateData"), status.FindText("clientKeyData"));
        var token = status.FindText("token");
        if (token is null && PluginCertificate is null)
            throw KubernetesProblems.Credentials(
                context.Name,
                $"{plugin.Command} printed neither token nor certificate"
            );
        _header = token is null ? null : Bearer(token);
        _until = DateTimeOffset.TryParse(
            status.FindText("expirationTimestamp"),
            System.Globalization.CultureInfo.InvariantCulture,
            out var end
        )
            ? end - Margin
            : null;
    }

    private JsonObject AskFor(KubeExec plugin)
    {
        JsonObject spec = new() { ["interactive"] = false };
        if (plugin.WantsCluster)
            spec["cluster"] = new JsonObject
            {
                ["server"] = context.Server,
                ["certificate-authority-data"] = context.CaText is { } pem
                    ? Convert.ToBase64String(Encoding.ASCII.GetBytes(pem))
                    : null,
            };
        return new JsonObject
        {
            ["apiVersion"] = plugin.ApiVersion,
            ["kind"] = "ExecCredential",
            ["spec"] = spec,
        };
    }

    private JsonObject Parse(KubeExec plugin, ReadOnlyMemory<byte> output)
    {
        try
        {
            if (JsonNode.Parse(output.Span) is JsonObject answer)
                return answer;
        }
        catch (JsonException)
        {
            // said below, without a word of what was printed: it may be a secret
        }
        throw KubernetesProblems.Credentials(context.Name, $"{plugin.Command} did not print an ExecCredential");
    }

    private static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token.Trim());
}
