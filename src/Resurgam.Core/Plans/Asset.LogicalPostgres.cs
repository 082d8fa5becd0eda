using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

public abstract partial record Asset
{
    /// <summary>Databases of a PostgreSQL server that gives nothing but SQL: a managed one, mostly.</summary>
    public sealed record LogicalPostgres : Asset
    {
        /// <summary>What its snapshots are called: they hold no cluster.</summary>
        public const string SnapshotKindName = "postgres-logical";

        public override string Kind => Postgres.KindName;

        public override string SnapshotKind => SnapshotKindName;

        /// <summary>How to reach it, as libpq has it. Never with a password.</summary>
        public required string Connection { get; init; }

        /// <summary>Folder with <c>pg_dump</c> and <c>pg_restore</c>. Null: found by the server's version.</summary>
        public string? Binaries { get; init; }

        /// <summary>Empty: all that the role may connect to.</summary>
        public ValueList<string> Databases { get; init; } = [];

        /// <summary>Asked of every restored copy, in the connection's database. Each name once.</summary>
        public ValueList<Question> Questions { get; init; } = [];
    }
}
