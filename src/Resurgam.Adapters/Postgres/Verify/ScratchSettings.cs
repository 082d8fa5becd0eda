namespace Resurgam.Adapters.Postgres.Verify;

/// <summary>How a copy under verification runs: alone, seen by nobody, touching nothing outside of its folder.</summary>
internal static class ScratchSettings
{
    /// <param name="scratch">Folder with the configuration files and the socket.</param>
    public static IReadOnlyList<(string Name, string Value)> For(string scratch, string restoreCommand) =>
        [
            ("config_file", Path.Combine(scratch, "postgresql.conf")),
            ("hba_file", Path.Combine(scratch, "pg_hba.conf")),
            ("ident_file", Path.Combine(scratch, "pg_ident.conf")),
            ("listen_addresses", ""),
            ("unix_socket_directories", scratch),
            ("unix_socket_permissions", "0700"),
            ("port", "5432"),
            ("cluster_name", "resurgam-verify"),
            ("archive_mode", "off"),
            ("ssl", "off"),
            ("logging_collector", "off"),
            ("log_destination", "stderr"),
            ("log_min_messages", "log"),
            ("autovacuum", "off"),
            ("fsync", "off"), // it is thrown away
            ("hot_standby", "off"), // so that it answers when recovery is over, and not before
            ("primary_conninfo", ""),
            ("primary_slot_name", ""),
            ("synchronous_standby_names", ""),
            ("shared_preload_libraries", ""),
            ("max_prepared_transactions", "100"),
            ("max_connections", "20"),
            ("shared_buffers", "128MB"),
            ("max_wal_size", "4GB"),
            ("restore_command", restoreCommand),
        ];

    /// <summary>Files that the settings name. Trust is safe: the socket's folder lets only the server's user in.</summary>
    public static IReadOnlyList<(string Name, string Content)> Files =>
        [
            ("postgresql.conf", "# nothing: all is on the command line\n"),
            ("pg_hba.conf", "local all all trust\n"),
            ("pg_ident.conf", ""),
        ];
}
