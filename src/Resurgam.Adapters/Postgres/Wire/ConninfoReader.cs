using System.Diagnostics;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Gives each keyword its value: from the string, then from the environment, then the default.</summary>
/// <param name="values">As <see cref="Conninfo.Parse"/> gives them.</param>
/// <remarks>Source: the manual, libpq, "Parameter Key Words" and "Environment Variables".</remarks>
internal sealed class ConninfoReader(IReadOnlyDictionary<string, string> values, Func<string, string?> environment)
{
    public ConnectionSettings Read()
    {
        var user = Find("user") ?? Environment.UserName;
        var port = Number("port", 5432);
        var sslRootCert = Find("sslrootcert") ?? DefaultFile("root.crt");
        var sslCert = Find("sslcert") ?? DefaultFile("postgresql.crt");
        return new ConnectionSettings
        {
            Host = Find("host") ?? Find("hostaddr") ?? SocketFolder(port),
            HostAddress = Find("hostaddr"),
            Port = port,
            User = user,
            Database = Find("dbname") ?? user,
            SslMode = ReadSslMode(sslRootCert),
            SslRootCert = sslRootCert,
            SslCert = sslCert,
            SslKey = sslCert is null ? null : Find("sslkey") ?? DefaultFile("postgresql.key"),
            ChannelBinding = ReadChannelBinding(),
            ConnectTimeout = ReadConnectTimeout(),
            ApplicationName = Find("application_name") ?? Find("fallback_application_name") ?? "resurgam",
            Options = Find("options"),
            Keepalive = ReadKeepalive(),
            Password = ReadPassword(),
        };
    }

    private string? Find(string name) => Conninfo.Find(values, name, environment);

    /// <summary>Debian's folder, or that of a server built from source; the one that has the socket wins.</summary>
    private static string SocketFolder(int port)
    {
        string[] folders = ["/var/run/postgresql", "/tmp"];
        return folders.FirstOrDefault(folder => File.Exists($"{folder}/.s.PGSQL.{port}"))
            ?? folders.First(Directory.Exists);
    }

    private SslMode ReadSslMode(string? sslRootCert)
    {
        var isSystem = sslRootCert == "system";
        SslMode mode = Find("sslmode") switch
        {
            null => isSystem ? SslMode.VerifyFull : SslMode.Prefer,
            "disable" => SslMode.Disable,
            "prefer" => SslMode.Prefer,
            "require" => SslMode.Require,
            "verify-ca" => SslMode.VerifyCa,
            "verify-full" => SslMode.VerifyFull,
            _ => throw new UnreachableException("a word that the check lets pass"),
        };
        // Anybody can get a certificate from a public authority, so the name must match.
        if (isSystem && mode != SslMode.VerifyFull)
            throw ConninfoProblems.WeakSslMode();
        if (mode is SslMode.VerifyCa or SslMode.VerifyFull && sslRootCert is null)
            throw ConninfoProblems.Invalid(
                $"sslmode={Find("sslmode")} without root certificates",
                "Name the file with sslrootcert=FILE, or put it at ~/.postgresql/root.crt."
            );
        return mode;
    }

    private ChannelBinding ReadChannelBinding() =>
        Find("channel_binding") switch
        {
            null or "prefer" => ChannelBinding.Prefer,
            "disable" => ChannelBinding.Disable,
            "require" => ChannelBinding.Require,
            _ => throw new UnreachableException("a word that the check lets pass"),
        };

    /// <summary>0 is libpq's "for ever", which becomes our default: nothing here waits for ever.</summary>
    private TimeSpan ReadConnectTimeout() =>
        Number("connect_timeout", 0) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromSeconds(30);

    private Keepalive ReadKeepalive()
    {
        var usual = new Keepalive();
        return new Keepalive
        {
            IsOn = Number("keepalives", 1) == 1,
            Idle = Seconds("keepalives_idle", usual.Idle),
            Interval = Seconds("keepalives_interval", usual.Interval),
            Count = Number("keepalives_count", 0) is > 0 and var count ? count : usual.Count,
            UserTimeout = Number("tcp_user_timeout", 0) is > 0 and var milliseconds
                ? TimeSpan.FromMilliseconds(milliseconds)
                : usual.UserTimeout,
        };
    }

    private TimeSpan Seconds(string name, TimeSpan usual) =>
        Number(name, 0) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : usual;

    private PasswordSource ReadPassword()
    {
        if (environment("PGPASSWORD") is { Length: > 0 } password)
            return PasswordSource.Of(password);
        if (Find("passfile") is { } file)
            return PasswordSource.File(file);
        return environment("HOME") is { Length: > 0 } home
            ? PasswordSource.File(Path.Combine(home, ".pgpass"))
            : PasswordSource.None;
    }

    private string? DefaultFile(string name) =>
        environment("HOME") is { Length: > 0 } home
        && Path.Combine(home, ".postgresql", name) is var path
        && File.Exists(path)
            ? path
            : null;

    private int Number(string name, int usual) => Find(name) is { } text ? Conninfo.Number(name, text) : usual;
}
