using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

public abstract partial record Asset
{
    /// <summary>A PostgreSQL cluster.</summary>
    public sealed record Postgres : Asset
    {
        public const string KindName = "postgres";

        public override string Kind => KindName;

        /// <summary>How to reach it, as libpq has it: <c>host=/var/run/postgresql user=postgres</c>. Never with a password.</summary>
        public required string Connection { get; init; }

        /// <summary>Absolute path; the cluster is read there. Null: it is read by the replication protocol.</summary>
        public string? DataDirectory { get; init; }

        /// <summary>Folder with <c>postgres</c> and <c>pg_ctl</c>. Null: found by the cluster's version.</summary>
        public string? Binaries { get; init; }

        /// <summary>Most bytes a second that a backup reads. Null: no limit.</summary>
        public ByteSize? MaxRate { get; init; }

        public required WalSettings Wal { get; init; }

        /// <summary>Asked of every restored copy in its verification. Each name once.</summary>
        public ValueList<Question> Questions { get; init; } = [];
    }
}

/// <summary>How the write-ahead log is followed.</summary>
public sealed record WalSettings
{
    /// <summary>Name of the replication slot: 1 to 63 of <c>a-z 0-9 _</c>.</summary>
    public required string Slot { get; init; }

    /// <summary>Longest a commit may hang on us before the watchdog leaves the synchronous set.</summary>
    public required TimeSpan SynchronousWait { get; init; }

    /// <summary>A fragment goes to the store when it is this old ...</summary>
    public required TimeSpan FragmentInterval { get; init; }

    /// <summary>... or this large, whichever comes first.</summary>
    public required ByteSize FragmentSize { get; init; }
}

/// <summary>Something a restored copy must be able to answer.</summary>
/// <param name="Name">For reports.</param>
/// <param name="Sql">One query that gives one value.</param>
/// <param name="Expect">The value as text. Null: compared with the answer recorded at the snapshot.</param>
public sealed record Question(string Name, string Sql, string? Expect);
