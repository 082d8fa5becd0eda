using System.Globalization;
using System.Text;
using Resurgam.Core.Git;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Git.Wire;

/// <summary>As whom repositories are reached. Secrets go to git by its environment, never by an argument.</summary>
public sealed record GitAccess
{
    /// <summary>For HTTPS. Null: what git's own configuration says.</summary>
    public string? User { get; init; }

    /// <summary>Password or token, with <see cref="User"/>.</summary>
    public SecretBytes? Password { get; init; }

    /// <summary>Whether a web server is one that the password is meant for.</summary>
    public Predicate<Uri> MayGetPassword { get; init; } = _ => true;

    /// <summary>Private key of SSH. Null: what ssh finds by itself.</summary>
    public string? SshKey { get; init; }

    /// <summary>The keys of hosts. Null: ssh's own file.</summary>
    public string? KnownHosts { get; init; }

    /// <summary>Longest that one repository may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Nothing asks, nothing runs by itself, messages are English, and a line that has gone silent ends; what the user has
    /// configured for proxies and certificates holds.
    /// </summary>
    /// <param name="address">The repository that is reached; null: none is.</param>
    internal Dictionary<string, string?> EnvironmentFor(GitAddress? address)
    {
        List<(string Key, string Value)> settings =
        [
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
            ("core.hooksPath", "/dev/null"),
            ("core.fsmonitor", "false"),
            ("core.bigFileThreshold", "16m"), // larger ones stream, and are in memory nowhere
            ("pack.windowMemory", "32m"),
            ("pack.deltaCacheSize", "32m"),
            ("fetch.unpackLimit", "1"), // what comes stays in the pack that it came in
            ("transfer.unpackLimit", "1"),
            ("fetch.writeCommitGraph", "false"),
            ("fetch.fsckObjects", "false"), // judged once, after the fetch
            ("pack.writeReverseIndex", "false"),
            ("repack.writeBitmaps", "false"),
            ("protocol.ext.allow", "never"),
            ("http.lowSpeedLimit", "1"),
            ("http.lowSpeedTime", "60"),
            ("advice.detachedHead", "false"),
            ("lfs.concurrenttransfers", "4"),
        ];
        if (address?.Web is { } web && Password is { } password && MayGetPassword(web))
        {
            if (web.Scheme != "https" && !web.IsLoopback)
                throw GitProblems.PasswordInClear(address);
            var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{password.ToText()}"));
            settings.Add(
                ($"http.{web.GetLeftPart(UriPartial.Authority)}/.extraHeader", $"Authorization: Basic {pair}")
            );
        }
        Dictionary<string, string?> variables = new()
        {
            ["LC_ALL"] = "C",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_ASKPASS"] = "",
            ["SSH_ASKPASS"] = "",
            ["GIT_SSH_COMMAND"] = SshCommand(),
            ["GIT_SSH_VARIANT"] = "ssh",
            ["GIT_LFS_SKIP_SMUDGE"] = "1",
            ["GIT_NO_REPLACE_OBJECTS"] = "1", // a mirror has its server's refs/replace, and history is what commits say
            ["GIT_DIR"] = null,
            ["GIT_WORK_TREE"] = null,
            ["GIT_INDEX_FILE"] = null,
            ["GIT_CONFIG_COUNT"] = settings.Count.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (index, (key, value)) in settings.Index())
        {
            variables[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_KEY_{index}")] = key;
            variables[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_VALUE_{index}")] = value;
        }
        return variables;
    }

    /// <summary>Git hands this to a shell, by its own rules: paths of the plan stand in quotes.</summary>
    private string SshCommand()
    {
        StringBuilder command = new(
            "ssh -oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=15 -oServerAliveCountMax=4"
        );
        if (SshKey is { } key)
            command.Append(" -oIdentitiesOnly=yes -i ").Append(Quote(key));
        if (KnownHosts is { } hosts)
            command.Append(" -oUserKnownHostsFile=").Append(Quote(hosts));
        return command.ToString();
    }

    private static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
