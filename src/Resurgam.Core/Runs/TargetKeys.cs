using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>The keys of <c>targets</c>.</summary>
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
        About = "What the target is; it decides the other keys: `postgres`, `web`, `webhook` or `service`.",
    };

    public static readonly PlanKey<string> Connection = new("connection", PlanTypes.Connection)
    {
        IsRequired = true,
        Example = "host=db1.internal user=postgres",
        About = "How the server is reached, in libpq's form, without a password.",
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

    public static readonly PlanKey<PlanMapping?> PostgresDrill = DrillKey(
        "{ connection: 'host=/tmp/drill user=postgres' }",
        TargetReader.PostgresDrillType
    );

    public static readonly PlanKey<PlanMapping?> WebDrill = DrillKey(
        "{ url: 'http://127.0.0.1:8080' }",
        TargetReader.WebDrillType
    );

    public static readonly PlanKey<PlanMapping?> ServiceDrill = DrillKey(
        "{ unit: api-drill.service }",
        TargetReader.ServiceDrillType
    );

    public static readonly PlanSection PostgresDrillSection = new(
        "targets.NAME.drill (kind: postgres)",
        "What takes the place of a PostgreSQL server in a drill.",
        [Connection, DataDirectory, Binaries]
    );

    public static readonly PlanSection WebDrillSection = new(
        "targets.NAME.drill (kind: web)",
        "What takes the place of a server in a drill.",
        [Url, Token]
    );

    public static readonly PlanSection ServiceDrillSection = new(
        "targets.NAME.drill (kind: service)",
        "What takes the place of a service in a drill.",
        [Unit, Start, Stop, Probe]
    );

    public static readonly PlanSection PostgresSection = new(
        "targets.NAME (kind: postgres)",
        "A PostgreSQL server.",
        [Kind, .. PostgresDrillSection.Keys, PostgresDrill]
    );

    public static readonly PlanSection WebSection = new(
        "targets.NAME (kind: web)",
        "A server that speaks HTTP.",
        [Kind, .. WebDrillSection.Keys, WebDrill]
    );

    public static readonly PlanSection WebhookSection = new(
        "targets.NAME (kind: webhook)",
        "An address that takes messages as `{\"text\": \"...\"}` by POST. No drill writes there.",
        [Kind, SecretUrl]
    );

    public static readonly PlanSection ServiceSection = new(
        "targets.NAME (kind: service)",
        "A program of this machine: `unit`, or `start`, `stop` and `probe`.",
        [Kind, .. ServiceDrillSection.Keys, ServiceDrill]
    );

    /// <summary>In the order of the reference.</summary>
    public static IReadOnlyList<PlanSection> Sections { get; } =
    [
        PostgresSection,
        PostgresDrillSection,
        WebSection,
        WebDrillSection,
        WebhookSection,
        ServiceSection,
        ServiceDrillSection,
    ];

    public static IReadOnlyList<string> Kinds { get; } =
    [Target.Postgres.KindName, Target.Web.KindName, Target.Webhook.KindName, Target.Service.KindName];

    /// <summary>The section of what takes a target's place in a drill; null when the key is not of that.</summary>
    public static PlanSection? DrillSectionBelow(PlanKey key, PlanSection target) =>
        key.Name != WebDrill.Name ? null
        : target == PostgresSection ? PostgresDrillSection
        : target == WebSection ? WebDrillSection
        : target == ServiceSection ? ServiceDrillSection
        : null;

    private static PlanKey<PlanMapping?> DrillKey(string example, PlanType<PlanMapping?> type) =>
        new("drill", type)
        {
            DefaultInWords = "none: no drill touches it",
            Example = example,
            About = "What takes its place in a drill.",
        };
}
