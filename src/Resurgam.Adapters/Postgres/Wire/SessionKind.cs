namespace Resurgam.Adapters.Postgres.Wire;

public enum SessionKind
{
    /// <summary>SQL against a database.</summary>
    Sql,

    /// <summary>Replication commands of the whole cluster; no SQL.</summary>
    PhysicalReplication,
}
