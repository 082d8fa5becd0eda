using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>A PostgreSQL cluster.</summary>
internal static class PostgresKeys
{
    public static readonly PlanKey<string> Connection = new("connection", PlanTypes.Connection)
    {
        IsRequired = true,
        Example = "host=/var/run/postgresql user=postgres",
        About =
            "How the server is reached, in libpq's `key=value` form. Passwords belong into `~/.pgpass` or a `passfile`.",
    };

    public static readonly PlanKey<CaptureWay> Capture = new(
        "capture",
        DocumentTypes.Choice(("physical", CaptureWay.Physical), ("logical", CaptureWay.Logical))
    )
    {
        Default = "physical",
        Example = "logical",
        About =
            "`physical` reads the whole cluster and its WAL. `logical` dumps the databases by SQL: for managed servers that give no replication right.",
    };

    public static readonly PlanKey<ValueList<string>> Databases = OptionalKey.Of(
        "databases",
        DocumentTypes.Texts,
        "[shop, billing]",
        "Only for `capture: logical`: these databases.",
        "all that the role may connect to"
    );

    public static readonly PlanKey<string?> DataDirectory = new("data-directory", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "read by the replication protocol",
        Example = "/var/lib/postgresql/15/main",
        About = "The cluster's data directory, when it is on this machine: then it is read there, in parallel.",
    };

    public static readonly PlanKey<string?> Binaries = new("binaries", PlanTypes.AbsolutePath.OrNone)
    {
        DefaultInWords = "found by the cluster's version",
        Example = "/usr/lib/postgresql/15/bin",
        About = "Folder with PostgreSQL's programs, for verification, for restores that are started, and for dumps.",
    };

    public static readonly PlanKey<ByteSize?> MaxRate = new(
        "max-rate",
        new(PlanTypes.Rate.Name, null, value => PlanTypes.Rate.Read(value))
    )
    {
        DefaultInWords = "no limit",
        Example = "50 MiB/s",
        About = "Most that a backup reads in a second.",
    };

    public static readonly PlanKey<ValueList<Question>> Questions = new("questions", PostgresKind.QuestionsType)
    {
        DefaultInWords = "none",
        Example = "[{ name: audit rows, sql: select count(*) from audit_logs }]",
        About = "Asked of every restored copy when it is verified.",
    };

    public static readonly PlanKey<PlanMapping?> Wal = new("wal", PostgresKind.WalType)
    {
        DefaultInWords = "as the section's defaults",
        Example = "{ synchronous-wait: 10s }",
        About = "How the write-ahead log is followed.",
    };

    public static readonly PlanKey<string?> Slot = new("slot", PlanTypes.Slot.OrNone)
    {
        DefaultInWords = "`resurgam_NAME`, with `_` for each `-` of the asset's name",
        Example = "resurgam_db",
        About = "Name of the replication slot, for this asset alone.",
    };

    public static readonly PlanKey<TimeSpan> SynchronousWait = new(
        "synchronous-wait",
        PlanTypes.DurationBetween(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1))
    )
    {
        Default = "10s",
        Example = "10s",
        About = "Longest that commits may hang on our acknowledgement before we leave `synchronous_standby_names`.",
    };

    public static readonly PlanKey<TimeSpan> FragmentInterval = new(
        "fragment-interval",
        PlanTypes.DurationBetween(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1))
    )
    {
        Default = "1s",
        Example = "1s",
        About = "A piece of WAL goes to the store when it is this old: bounds what the loss of the whole site costs.",
    };

    public static readonly PlanKey<ByteSize> FragmentSize = new("fragment-size", PlanTypes.Size)
    {
        Default = "256 KiB",
        Example = "256 KiB",
        About = "A piece of WAL goes to the store when it is this large, if that comes first.",
    };

    public static readonly PlanKey<string> QuestionName = new("name", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "audit rows",
        About = "What reports call the question; each name once in an asset.",
    };

    public static readonly PlanKey<string> QuestionSql = new("sql", PlanTypes.Text)
    {
        IsRequired = true,
        Example = "select count(*) from audit_logs",
        About =
            "One statement that reads, in a read-only transaction of at most a minute; the first column of its first row is the answer.",
    };

    public static readonly PlanKey<string?> QuestionExpect = new("expect", PlanTypes.Text.OrNone)
    {
        DefaultInWords = "the answer recorded at the snapshot",
        Example = "'0'",
        About = "The value that must come, as text.",
    };

    public static readonly PlanSection Section = AssetKeys.SectionOf(
        Asset.Postgres.KindName,
        "A PostgreSQL cluster.",
        [Connection, Capture, DataDirectory, Databases, Binaries, MaxRate, Wal, Questions]
    );

    public static readonly PlanSection WalSection = new(
        "assets.NAME.wal",
        "The write-ahead log of a PostgreSQL cluster.",
        [Slot, SynchronousWait, FragmentInterval, FragmentSize]
    );

    public static readonly PlanSection QuestionSection = new(
        "assets.NAME.questions[]",
        "One question to a restored copy.",
        [QuestionName, QuestionSql, QuestionExpect]
    );
}

internal enum CaptureWay
{
    Physical,
    Logical,
}
