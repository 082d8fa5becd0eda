using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Gives each keyword its value: from the string, then from the environment, then the default.</summary>
/// <remarks>Source: the manual, libpq, "Parameter Key Words" and "Environment Variables".</remarks>
internal sealed class ConninfoReader
{
    /// <summary>What we understand, and the variable that stands in where libpq has one.</summary>
    private static readonly Dictionary<string, string?> Keywords = new(StringComparer.Ordinal)
    {
        ["host"] = "PGHOST",
        ["hostaddr"] = "PGHOSTADDR",
        ["port"] = "PGPORT",
        ["user"] = "PGUSER",
        ["dbname"] = "PGDATABASE",
        ["passfile"] = "PGPASSFILE",
        ["sslmode"] = "PGSSLMODE",
        ["sslrootcert"] = "PGSSLROOTCERT",
        ["sslcert"] = "PGSSLCERT",
        ["sslkey"] = "PGSSLKEY",
        ["channel_binding"] = "PGCHANNELBINDING",
        ["connect_timeout"] = "PGCONNECT_TIMEOUT",
        ["application_name"] = "PGAPPNAME",
        ["fallback_application_name"] = null,
        ["options"] = "PGOPTIONS",
        ["keepalives"] = null,
        ["keepalives_idle"] = null,
        ["keepalives_interval"] = null,
        ["keepalives_count"] = null,
        ["tcp_user_timeout"] = null,
    };

    private readonly Dictionary<string, string> _values;
    private readonly Func<string, string?> _environment;

    public ConninfoReader(Dictionary<string, string> values, Func<string, string?> environment)
    {
        (_values, _environment) = (values, environment);
        if (values.ContainsKey("password") || values.ContainsKey("sslpassword"))
            throw PostgresProblems.PasswordInConninfo();
        foreach (var name in values.Keys.Where(name => !Keywords.ContainsKey(name)))
        {
            throw Invalid(
                $"unknown keyword '{name}' in the connection",
                $"Known are {string.Join(", ", Keywords.Keys.Order(StringComparer.Ordinal))}."
            );
        }
    }

    public ConnectionSettings Read()
    {
        var user = Find("user") ?? Environment.UserName;
        var port = Number("port", 5432, 1, 65535);
        var sslRootCert = Find("sslrootcert") ?? DefaultFile("root.crt");
        var sslCert = Find("sslcert") ?? DefaultFile("postgresql.crt");
        return new ConnectionSettings
        {
            Host = OneHost(Find("host")) ?? (Find("hostaddr") ?? SocketFolder(port)),
            HostAddress = OneHost(Find("hostaddr")),
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

    private string? Find(string name)
    {
        // As in libpq an empty value stands for the default, and not for the variable.
        if (_values.TryGetValue(name, out var value))
            return value.Length > 0 ? value : null;
        return Keywords[name] is { } variable && _environment(variable) is { Length: > 0 } set ? set : null;
    }

    private static string? OneHost(string? host) =>
        host?.Contains(',', StringComparison.Ordinal) == true
            ? throw Invalid(
                $"the connection names several hosts: '{host}'",
                "Name one: a backup must know which server it reads."
            )
            : host;

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
            var other => throw Invalid(
                $"sslmode '{other}' is not supported",
                "Choose disable, prefer, require, verify-ca or verify-full."
            ),
        };
        // Anybody can get a certificate from a public authority, so the name must match.
        if (isSystem && mode != SslMode.VerifyFull)
            throw Invalid("sslrootcert=system with a weak sslmode", "Set sslmode=verify-full.");
        if (mode is SslMode.VerifyCa or SslMode.VerifyFull && sslRootCert is null)
            throw Invalid(
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
            var other => throw Invalid($"channel_binding '{other}' is not known", "Choose disable, prefer or require."),
        };

    /// <summary>0 is libpq's "for ever", which becomes our default: nothing here waits for ever.</summary>
    private TimeSpan ReadConnectTimeout() =>
        Number("connect_timeout", 0, 0, 86400) is > 0 and var seconds
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.FromSeconds(30);

    private Keepalive ReadKeepalive()
    {
        var usual = new Keepalive();
        return new Keepalive
        {
            IsOn = Number("keepalives", 1, 0, 1) == 1,
            Idle = Seconds("keepalives_idle", usual.Idle),
            Interval = Seconds("keepalives_interval", usual.Interval),
            Count = Number("keepalives_count", 0, 0, 127) is > 0 and var count ? count : usual.Count,
            UserTimeout = Number("tcp_user_timeout", 0, 0, int.MaxValue) is > 0 and var milliseconds
                ? TimeSpan.FromMilliseconds(milliseconds)
                : usual.UserTimeout,
        };
    }

    private TimeSpan Seconds(string name, TimeSpan usual) =>
        Number(name, 0, 0, 32767) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : usual;

    private PasswordSource ReadPassword()
    {
        if (_environment("PGPASSWORD") is { Length: > 0 } password)
            return PasswordSource.Of(password);
        if (Find("passfile") is { } file)
            return PasswordSource.File(file);
        return _environment("HOME") is { Length: > 0 } home
            ? PasswordSource.File(Path.Combine(home, ".pgpass"))
            : PasswordSource.None;
    }

    private string? DefaultFile(string name) =>
        _environment("HOME") is { Length: > 0 } home
        && Path.Combine(home, ".postgresql", name) is var path
        && File.Exists(path)
            ? path
            : null;

    private int Number(string name, int usual, int least, int most)
    {
        var text = Find(name);
        if (text is null)
            return usual;
        return
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most
            ? number
            : throw Invalid($"{name} '{text}' is not a number from {least} to {most}", $"Correct {name}.");
    }

    private static ResurgamException Invalid(string what, string hint) => PostgresProblems.ConninfoInvalid(what, hint);
}
