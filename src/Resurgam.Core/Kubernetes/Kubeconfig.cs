using System.Text.Json.Nodes;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Kubernetes;

/// <summary>One context of a kubeconfig file: the server, how it is recognised, and who we are. Paths are absolute.</summary>
public sealed record KubeContext
{
    /// <summary>Name of the context.</summary>
    public required string Name { get; init; }

    /// <summary><c>https://10.0.0.1:6443</c></summary>
    public required string Server { get; init; }

    /// <summary>PEM text of the certificates that are trusted; null: <see cref="CaFile"/>.</summary>
    public string? CaText { get; init; }

    /// <summary>Null: the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The name in the server's certificate, when it is not that of the address.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The file says that the server's certificate need not be looked at.</summary>
    public bool IsInsecure { get; init; }

    public string? Proxy { get; init; }

    public string? CertificateText { get; init; }
    public string? CertificateFile { get; init; }
    public string? KeyText { get; init; }
    public string? KeyFile { get; init; }

    public string? Token { get; init; }
    public string? TokenFile { get; init; }
    public string? User { get; init; }
    public string? Password { get; init; }

    /// <summary>A program that prints credentials; null: none.</summary>
    public KubeExec? Exec { get; init; }

    /// <summary>A way to log in that kubectl itself has dropped; null: none.</summary>
    public string? OldProvider { get; init; }
}

/// <summary>A credential plugin.</summary>
/// <param name="ApiVersion">Of the answer that it gives.</param>
/// <param name="Environment">Set for it in addition to ours.</param>
public sealed record KubeExec(
    string Command,
    ValueList<string> Arguments,
    string ApiVersion,
    IReadOnlyDictionary<string, string?> Environment
)
{
    /// <summary>It is told of the cluster as well.</summary>
    public bool WantsCluster { get; init; }

    /// <summary>Arguments and environment may hold secrets: they are not printed.</summary>
    public override string ToString() => Command;
}

/// <summary>Kubeconfig files, merged as kubectl merges them: whoever names a thing first has it.</summary>
public sealed class Kubeconfig
{
    private readonly List<(string File, JsonObject Json)> _files = [];

    /// <param name="file">Absolute path of the text: other paths in it are from its folder.</param>
    /// <exception cref="Problems.ResurgamException">It is no such file.</exception>
    public void Add(string yaml, string file)
    {
        PlanReport report = new(file);
        var root = YamlTree.Read(yaml, report);
        if (report.ToReading().Problems is { Count: > 0 } problems)
            throw KubernetesFormatProblems.BadConfig(file, $"line {problems[0].Line}: {problems[0].Problem.What}");
        if (root is null || ToJson(root) is not JsonObject json)
            throw KubernetesFormatProblems.BadConfig(file, "it holds no group of keys");
        _files.Add((file, json));
    }

    /// <param name="context">Null: the current one.</param>
    /// <exception cref="Problems.ResurgamException">There is no such context, or it is not complete.</exception>
    public KubeContext Get(string? context)
    {
        var files = string.Join(':', _files.Select(file => file.File));
        var name = context ?? _files.Select(file => file.Json.FindText("current-context")).FirstOrDefault(IsGiven);
        if (name is null || FindEntry("contexts", name) is not var (file, entry))
            throw KubernetesFormatProblems.NoContext(name, files, Names("contexts"));
        var clusterName = entry.FindText("context", "cluster") ?? "";
        var userName = entry.FindText("context", "user") ?? "";
        if (FindEntry("clusters", clusterName) is not var (clusterFile, clusterEntry))
            throw KubernetesFormatProblems.BadConfig(
                file,
                $"context {name} names the cluster '{clusterName}', which is not there"
            );
        var (userFile, userEntry) = FindEntry("users", userName) ?? (file, []);
        var cluster = clusterEntry["cluster"];
        var user = userEntry["user"];
        return new KubeContext
        {
            Name = name,
            Server =
                cluster.FindText("server")
                ?? throw KubernetesFormatProblems.BadConfig(clusterFile, $"cluster {clusterName} has no server"),
            CaText = Pem(cluster, "certificate-authority-data", clusterFile),
            CaFile = PathOf(cluster, "certificate-authority", clusterFile),
            TlsServerName = cluster.FindText("tls-server-name"),
            IsInsecure = cluster.FindText("insecure-skip-tls-verify") == "true",
            Proxy = cluster.FindText("proxy-url"),
            CertificateText = Pem(user, "client-certificate-data", userFile),
            CertificateFile = PathOf(user, "client-certificate", userFile),
            KeyText = Pem(user, "client-key-data", userFile),
            KeyFile = PathOf(user, "client-key", userFile),
            Token = user.FindText("token"),
            TokenFile = PathOf(user, "tokenFile", userFile),
            User = user.FindText("username"),
            Password = user.FindText("password"),
            Exec = user.Find("exec") is JsonObject exec ? ReadExec(exec, userFile) : null,
            OldProvider = user.FindText("auth-provider", "name"),
        };
    }

    private static KubeExec ReadExec(JsonObject exec, string file)
    {
        var command = exec.FindText("command");
        if (command is not { Length: > 0 })
            throw KubernetesFormatProblems.BadConfig(file, "an exec plugin has no command");
        Dictionary<string, string?> environment = [];
        foreach (var each in exec.Items("env"))
            if (each.FindText("name") is { Length: > 0 } name)
                environment[name] = each.FindText("value") ?? "";
        return new KubeExec(
            command.Contains('/') ? Absolute(command, file) : command,
            [.. exec.Texts("args")],
            exec.FindText("apiVersion") ?? "client.authentication.k8s.io/v1",
            environment
        )
        {
            WantsCluster = exec.FindText("provideClusterInfo") == "true",
        };
    }

    private (string File, JsonObject Entry)? FindEntry(string list, string name)
    {
        foreach (var (file, json) in _files)
            if (json.Items(list).FirstOrDefault(entry => entry.FindText("name") == name) is { } found)
                return (file, found);
        return null;
    }

    private IEnumerable<string> Names(string list) =>
        _files.SelectMany(file => file.Json.Items(list)).Select(entry => entry.FindText("name")).OfType<string>();

    private static bool IsGiven(string? text) => text is { Length: > 0 };

    private static string? Pem(JsonNode? group, string key, string file)
    {
        if (group.FindText(key) is not { Length: > 0 } text)
            return null;
        try
        {
            return System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException)
        {
            throw KubernetesFormatProblems.BadConfig(file, $"{key} is not in base64");
        }
    }

    private static string? PathOf(JsonNode? group, string key, string file) =>
        group.FindText(key) is { Length: > 0 } path ? Absolute(path, file) : null;

    private static string Absolute(string path, string file) =>
        Path.GetFullPath(path, Path.GetDirectoryName(file) ?? "/");

    /// <summary>Every value a text: what a text means, its reader knows.</summary>
    private static JsonNode? ToJson(YamlNode node) =>
        node switch
        {
            YamlNode.Scalar { IsNothing: true } => null,
            YamlNode.Scalar scalar => JsonValue.Create(scalar.Text),
            YamlNode.Sequence list => new JsonArray([.. list.Items.Select(ToJson)]),
            YamlNode.Mapping group => new JsonObject(
                group
                    .Entries.DistinctBy(entry => entry.Key.Text)
                    .Select(entry => KeyValuePair.Create(entry.Key.Text, ToJson(entry.Value)))
            ),
            _ => throw new System.Diagnostics.UnreachableException($"no JSON is written for {node.Shape}"),
        };
}
