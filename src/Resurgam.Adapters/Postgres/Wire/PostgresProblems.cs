using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Everything that can go wrong between us and a PostgreSQL server.</summary>
public static class PostgresProblems
{
    internal const string ConnectionLostCode = "postgres-connection-lost";
    internal const string AuthenticationFailedCode = "postgres-auth-failed";
    internal const string TlsFailedCode = "postgres-tls-failed";

    public static ResurgamException PasswordMissing(string server, string user) =>
        Of(
            "postgres-password-missing",
            Remedy.Fix,
            $"{server} asks for the password of '{user}', and there is none",
            "Give it as PGPASSWORD or as a line host:port:database:user:password in ~/.pgpass (mode 600), where the "
                + "database of a replication connection is 'replication'."
        );

    public static ResurgamException PasswordFile(string path, string reason, Exception? cause = null) =>
        Of(
            "postgres-password-file",
            Remedy.Fix,
            $"password file '{path}' {reason}",
            $"Run 'ls -l {path}': it must be a plain file of this user; 'chmod 600 {path}' sets the mode.",
            cause
        );

    public static ResurgamException Unreachable(string server, string reason, Exception? cause) =>
        Of(
            "postgres-unreachable",
            Remedy.Retry,
            $"cannot reach {server}: {reason}",
            "Check that the server runs and listens there: 'pg_isready -h HOST -p PORT', listen_addresses and "
                + "unix_socket_directories in postgresql.conf.",
            cause
        );

    public static ResurgamException ConnectionLost(string server, Exception? cause) =>
        Of(
            ConnectionLostCode,
            Remedy.Retry,
            cause is null ? $"{server} closed the connection" : $"the connection to {server} broke: {cause.Message}",
            "Look into the server's log for the reason; check firewalls that cut idle connections.",
            cause
        );

    public static ResurgamException ShuttingDown(string server) =>
        Of(
            "postgres-not-ready",
            Remedy.Retry,
            $"{server} shuts down and ended the WAL stream",
            "Start the server again; the stream goes on where it ended."
        );

    public static ResurgamException Protocol(string what) =>
        Of(
            "postgres-protocol",
            Remedy.Report,
            what,
            "Check that a PostgreSQL server from 14 on answers there and not a pooler or another program; then report this."
        );

    public static ResurgamException VersionUnsupported(string server, string version) =>
        Of(
            "postgres-version-unsupported",
            Remedy.Fix,
            $"{server} runs PostgreSQL {version}",
            "Versions from 14 on are supported: upgrade the server with pg_upgrade."
        );

    public static ResurgamException AuthenticationUnsupported(string server, string method) =>
        Of(
            "postgres-auth-unsupported",
            Remedy.Fix,
            $"{server} asks for authentication by {method}",
            "Give this user a line with scram-sha-256 (or cert, peer, md5) in the server's pg_hba.conf."
        );

    public static ResurgamException ServerNotGenuine(string server, string reason) =>
        Of(
            "postgres-server-not-genuine",
            Remedy.Fix,
            $"{server} cannot prove that it knows the password: {reason}",
            "Something stands between here and the server: check host and port, and use sslmode=verify-full."
        );

    public static ResurgamException TlsNotOffered(string server) =>
        Of(
            "postgres-tls-not-offered",
            Remedy.Fix,
            $"{server} offers no TLS, which the connection requires",
            "Set ssl = on with a certificate on the server, or sslmode=disable where the network is trusted."
        );

    public static ResurgamException TlsFailed(string server, string reason, Exception? cause) =>
        Of(
            TlsFailedCode,
            Remedy.Fix,
            $"no TLS with {server}: {reason}",
            "Compare sslmode, sslrootcert and host with 'openssl s_client -starttls postgres -connect HOST:PORT'.",
            cause
        );

    public static ResurgamException TlsFile(string parameter, string path, string reason, Exception? cause = null) =>
        Of(
            "postgres-tls-file",
            Remedy.Fix,
            $"{parameter} '{path}' {reason}",
            "It must be a readable PEM file ('openssl x509 -in FILE -text'); a key must have mode 600.",
            cause
        );

    internal static ResurgamException FromServer(string server, CommandKind command, ServerError error)
    {
        var (code, remedy, hint) = Judge(command, error);
        return new ResurgamException(
            new Problem(
                code,
                remedy,
                $"{server}: {error}",
                error.Hint is null ? hint : $"{hint} The server says: {error.Hint}"
            ),
            new PostgresErrorException(error)
        );
    }

    private static (string Code, Remedy Remedy, string Hint) Judge(CommandKind command, ServerError error) =>
        (error.SqlState, command) switch
        {
            ("28P01", _) => (
                AuthenticationFailedCode,
                Remedy.Fix,
                "Check user and password: PGPASSWORD wins over ~/.pgpass."
            ),
            ("28000", _) => (
                "postgres-access-denied",
                Remedy.Fix,
                "Check that the role exists and may log in, and that pg_hba.conf has a line for it from this address; "
                    + "replication connections need a line of their own with database 'replication'."
            ),
            ("53300", _) when error.Message.Contains("max_wal_senders", StringComparison.Ordinal) => (
                "postgres-wal-senders",
                Remedy.Retry,
                "See who holds them with 'select * from pg_stat_replication'; raise max_wal_senders (a restart), which "
                    + "needs wal_level = replica."
            ),
            ("53300", _) => (
                "postgres-too-many-connections",
                Remedy.Retry,
                "See who holds them with 'select * from pg_stat_activity'; raise max_connections or the role's limit."
            ),
            ("57P01" or "57P02" or "57P03" or "57P05", _) => (
                "postgres-not-ready",
                Remedy.Retry,
                "The server starts, stops or recovers: look at its log."
            ),
            ("42501", CommandKind.ReplicationStartup) => (
                "postgres-no-replication-right",
                Remedy.Fix,
                "Run 'ALTER ROLE name REPLICATION' as a superuser."
            ),
            ("42501", _) => (
                "postgres-permission-denied",
                Remedy.Fix,
                "Give the role the right that the message names."
            ),
            ("3D000", _) => ("postgres-no-database", Remedy.Fix, "List databases with 'psql -l'; set dbname."),
            _ => JudgeReplication(command, error),
        };

    private static (string Code, Remedy Remedy, string Hint) JudgeReplication(CommandKind command, ServerError error) =>
        (error.SqlState, command) switch
        {
            // Parameter names are never translated, so they are safe to look for.
            ("55000", _)
                when error.Message.Contains("wal_level", StringComparison.Ordinal)
                    || error.Hint?.Contains("wal_level", StringComparison.Ordinal) == true => (
                "postgres-wal-level",
                Remedy.Fix,
                "Set wal_level = replica in postgresql.conf and restart the server."
            ),
            (_, CommandKind.UploadManifest) => Incremental,
            ("55000", CommandKind.BaseBackup) when error.Message.Contains("WAL summar", StringComparison.Ordinal) =>
                Incremental,
            ("58P01", CommandKind.Stream) => (
                "postgres-wal-removed",
                Remedy.Fix,
                "The server no longer has the WAL that comes next: take a new base backup, and stream with a slot from then on."
            ),
            ("42704", CommandKind.Slot or CommandKind.Stream) => (
                "postgres-slot-missing",
                Remedy.Fix,
                "List slots with 'select * from pg_replication_slots': the slot was dropped, or the server is another one."
            ),
            ("42710", CommandKind.Slot) => (
                "postgres-slot-exists",
                Remedy.Fix,
                "List slots with 'select * from pg_replication_slots' and choose another name or drop it."
            ),
            ("55006", CommandKind.Slot or CommandKind.Stream) => (
                "postgres-slot-in-use",
                Remedy.Retry,
                "Another receiver streams with this slot: see active_pid in pg_replication_slots."
            ),
            ("53400", CommandKind.Slot) => (
                "postgres-no-free-slot",
                Remedy.Fix,
                "Drop a slot that nobody uses, or raise max_replication_slots and restart the server."
            ),
            ("55000", CommandKind.Slot or CommandKind.Stream) => (
                "postgres-slot-unusable",
                Remedy.Fix,
                "See wal_status in pg_replication_slots: a lost slot must be dropped, and a new base backup taken."
            ),
            _ => (
                "postgres-server-error",
                IsPassing(error.SqlState) ? Remedy.Retry : Remedy.Fix,
                "Look up the SQLSTATE in the manual's appendix 'PostgreSQL Error Codes' and read the server's log."
            ),
        };

    private static readonly (string, Remedy, string) Incremental = (
        "postgres-incremental-refused",
        Remedy.Fix,
        "Set summarize_wal = on (and wal_summary_keep_time longer than the backup interval) and take a full backup."
    );

    /// <summary>Connection trouble, deadlocks and the like, which the next try may not meet.</summary>
    private static bool IsPassing(string sqlState) =>
        sqlState.StartsWith("08", StringComparison.Ordinal)
        || sqlState is "40001" or "40P01" or "55P03" or "53200" or "53100";

    private static ResurgamException Of(
        string code,
        Remedy remedy,
        string what,
        string hint,
        Exception? cause = null
    ) => new(new Problem(code, remedy, what, hint), cause);
}
