namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>What we asked for: one SQLSTATE means different things to different commands.</summary>
internal enum CommandKind
{
    Startup,
    ReplicationStartup,
    Sql,
    Slot,
    TimelineHistory,
    BaseBackup,
    UploadManifest,
    Stream,
}
