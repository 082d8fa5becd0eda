using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>The keys of <c>targets</c>, and the kinds that need no file of their own.</summary>
internal static class TargetKeys
{
    public const string WebExample = "{ kind: web, url: 'https://api.example.net' }";

    public static readonly PlanKey<ValueList<Target>> Targets = new(
        "targets",
        new("group of groups", [], TargetReader.Read)
    )
    {
        DefaultInWords = "none",
        Example = $"{{ api: {WebExample} }}",
        About = "What the steps of runbooks act on: a group for each, by its name.",
    };

    public static readonly PlanKey<string> Kind = new("kind", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "web",
        About =
            "What the target is; it decides the other keys: `postgres`, `redis`, `web`, `webhook`, `mail`, `dns`, `route53`, `git`, `service` or `kubernetes`.",
    };

    public static readonly PlanKey<string> Connection = new("connection", PlanTypes.Connection)
    {
        IsRequired = true,
        Example = "host=db1.internal user=postgres",
        About = "How the server is reached, in libpq's form, without a password.",
    };

    public static readonly PlanKey<string?> Clients = new("clients", PlanTypes.Connection.OrNone)
    {
        DefaultInWords = "unknown: then no new credential is tried",
        Example = "host=db.internal dbname=shop",
        About = "How clients reach it, in libpq's form: there `postgres-rotate` logs in with the new credential.",
    };

    public static readonly PlanKey<string?> DataDirectory = new("data-directory", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "on another machine",
        Example = "/var/lib/postgresql/15/main",
        About = "Its data directory, when it is on this machine: only then can it be restarted.",
    };

    public static readonly PlanKey<string?> Binaries = new("binaries", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "found by the cluster's version",
        Example = "/usr/lib/postgresql/15/bin",
        About = "Folder with `pg_ctl`.",
    };

    public static readonly PlanKey<string> Url = new("url", PlanTypes.Endpoint)
    {
        IsRequired = true,
        Example = "https://api.example.net:8443",
        About = "Scheme, host and port.",
    };

    public static readonly PlanKey<SecretSource?> Token = new("token", SecretSection.Type.OrNone)
    {
        DefaultInWords = "none",
        Example = "{ env: API_TOKEN }",
        About = "Where the token is found that is sent as `Authorization: Bearer`.",
    };

    public static readonly PlanKey<SecretSource> SecretUrl = new("url", SecretSection.Type)
    {
        IsRequired = true,
        Example = "{ file: /etc/resurgam/webhook }",
        About = "Where the whole address is found; who knows it can write there, so it is a secret.",
    };

    public static readonly PlanKey<string?> Unit = new("unit", RunbookTypes.Unit.OrNone)
    {
        DefaultInWords = "none: then `start`, `stop` and `probe`",
        Example = "api.service",
        About = "Unit of systemd.",
    };

    public static readonly PlanKey<ValueList<string>?> Start = new("start", PlanTypes.Argv.OrNone)
    {
        DefaultInWords = "by `unit`",
        Example = "[/srv/api/bin/start]",
        About = "Program and arguments that start it, and end when it runs.",
    };

    public static readonly PlanKey<ValueList<string>?> Stop = new("stop", PlanTypes.Argv.OrNone)
    {
        DefaultInWords = "by `unit`",
        Example = "[/srv/api/bin/stop]",
        About = "Program and arguments that stop it, and end when it is down.",
    };

    public static readonly PlanKey<ValueList<string>?> Probe = new("probe", PlanTypes.Argv.OrNone)
    {
        DefaultInWords = "by `unit`",
        Example = "[/srv/api/bin/is-running]",
        About = "Program and arguments that end with exit code 0 when it runs, and change nothing.",
    };

    public static readonly TargetForm Postgres = new(
        Target.Postgres.KindName,
        ("A PostgreSQL server.", "What takes the place of a PostgreSQL server in a drill."),
        [Connection, Clients, DataDirectory, Binaries],
        (id, keys) =>
            new Target.Postgres
            {
                Id = id,
                Connection = keys.Get(Connection),
                Clients = keys.Get(Clients),
                DataDirectory = keys.Get(DataDirectory),
                Binaries = keys.Get(Binaries),
            },
        "{ connection: 'host=/tmp/drill user=postgres' }"
    );

    public static readonly TargetForm Web = new(
        Target.Web.KindName,
        ("A server that speaks HTTP.", "What takes the place of a server in a drill."),
        [Url, Token],
        (id, keys) =>
            new Target.Web
            {
                Id = id,
                Url = keys.Get(Url),
                Token = keys.Get(Token),
            },
        "{ url: 'http://127.0.0.1:8080' }"
    );

    public static readonly TargetForm Webhook = new(
        Target.Webhook.KindName,
        ("An address that takes messages as `{\"text\": \"...\"}` by POST. No drill writes there.", ""),
        [SecretUrl],
        (id, keys) => new Target.Webhook { Id = id, Url = keys.Get(SecretUrl) },
        drillExample: null
    );

    public static readonly TargetForm Service = new(
        Target.Service.KindName,
        (
            "A program of this machine: `unit`, or `start`, `stop` and `probe`.",
            "What takes the place of a service in a drill."
        ),
        [Unit, Start, Stop, Probe],
        ReadService,
        "{ unit: api-drill.service }"
    );

    private static Target.Service ReadService(TargetId id, PlanMapping keys)
    {
        var programs = new PlanKey[] { Start, Stop, Probe }.Count(keys.Has);
        if (keys.Has(Unit) ? programs > 0 : programs < 3)
            keys.Self.Refuse(RunbookProblems.ServiceChoice(keys.Self.Path));
        return new Target.Service
        {
            Id = id,
            Unit = keys.Get(Unit),
            Start = keys.Get(Start),
            Stop = keys.Get(Stop),
            Probe = keys.Get(Probe),
        };
    }
}
