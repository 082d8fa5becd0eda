using System.Globalization;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Processes;

namespace Resurgam.Adapters.LogicalPostgres.Servers;

/// <summary><c>pg_dump</c>, <c>pg_dumpall</c> and <c>pg_restore</c> of one version.</summary>
public sealed class DumpPrograms
{
    private const string Dump = "pg_dump";
    private const string DumpAll = "pg_dumpall";
    private const string Restore = "pg_restore";

    /// <summary>Looked for where packages put programs; a newer one is found by the plan's folder or <c>PATH</c>.</summary>
    private const int NewestMajor = 20;

    private readonly string _folder;

    private DumpPrograms(string folder, int major) => (_folder, Major) = (folder, major);

    public int Major { get; }

    /// <summary>The plan's folder; else that of the server's own version, a newer one, or what <c>PATH</c> finds.</summary>
    /// <exception cref="Core.Problems.ResurgamException">There is none, or it is older than the server.</exception>
    public static Task<DumpPrograms> FindForServerAsync(
        int serverMajor,
        string? configured,
        TimeProvider time,
        CancellationToken cancellationToken
    ) => FindAsync(serverMajor, "the server", configured, time, cancellationToken);

    /// <summary>As <see cref="FindForServerAsync"/>, to read a dump: not older than what wrote it.</summary>
    /// <exception cref="Core.Problems.ResurgamException">There is none, or it is older than the dump.</exception>
    public static Task<DumpPrograms> FindForDumpAsync(
        int dumpMajor,
        string? configured,
        TimeProvider time,
        CancellationToken cancellationToken
    ) => FindAsync(dumpMajor, "the dump", configured, time, cancellationToken);

    private static async Task<DumpPrograms> FindAsync(
        int major,
        string of,
        string? configured,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        (string Folder, int Major)? older = null;
        foreach (var folder in FoldersFor(major, configured))
        {
            if (!File.Exists(Path.Combine(folder, Dump)) || !File.Exists(Path.Combine(folder, Restore)))
                continue;
            var found = await AskMajorAsync(Path.Combine(folder, Dump), time, cancellationToken);
            if (found >= major)
                return new DumpPrograms(folder, found);
            if (older is null || older.Value.Major < found)
                older = (folder, found);
        }
        throw older is { } best
            ? DumpProblems.TooOld(best.Folder, best.Major, major, of)
            : DumpProblems.NoPrograms(major, of, configured);
    }

    /// <summary>Writes one database as it was when a snapshot was exported.</summary>
    public ProcessPipe StartDump(ConnectionSettings server, string database, string snapshot) =>
        Start(
            Dump,
            server with
            {
                Database = database,
            },
            [
                "--format=custom",
                "--compress=0", // so that equal rows stay equal bytes for the chunker (docs/adr/0017-logical-dumps.md)
                $"--snapshot={snapshot}",
                "--lock-wait-timeout=300s", // behind a schema change; then the backup fails, and the change goes on
                "--no-password",
            ]
        );

    public ProcessPipe StartGlobals(ConnectionSettings server, bool hasPasswords) =>
        Start(
            DumpAll,
            server,
            [
                "--globals-only",
                "--no-password",
                $"--database={server.Database}",
                .. (hasPasswords ? (IReadOnlyList<string>)[] : ["--no-role-passwords"]),
            ]
        );

    /// <summary>Loads a dump from its standard input into a database that is there and empty.</summary>
    /// <param name="goesOn">Errors do not end it: who reads them decides (<see cref="LoadErrors"/>).</param>
    internal ProcessPipe StartLoad(ConnectionSettings server, string database, bool goesOn) =>
        Start(
            Restore,
            server,
            [
                "--format=custom",
                .. (goesOn ? (IReadOnlyList<string>)[] : ["--exit-on-error"]),
                "--no-tablespaces", // those of another machine
                "--no-password",
                $"--dbname=dbname='{database.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'",
            ]
        );

    private ProcessPipe Start(string program, ConnectionSettings server, IReadOnlyList<string> arguments) =>
        ProcessPipe.Start(
            new ProcessRequest
            {
                Program = Path.Combine(_folder, program),
                Arguments = [.. arguments],
                Environment = VariablesFor(server),
                MaxOutputBytes = 1 << 16,
            }
        );

    private static IEnumerable<string> FoldersFor(int serverMajor, string? configured)
    {
        if (configured is not null)
        {
            yield return configured;
            yield break;
        }
        for (var major = serverMajor; major <= NewestMajor; major++)
            foreach (var folder in PostgresBinaries.Folders(major))
                yield return folder;
        if (ProgramPath.TryFind(Dump, out var path))
            yield return Path.GetDirectoryName(path) ?? "/";
        for (var major = serverMajor - 1; major >= 14; major--)
            foreach (var folder in PostgresBinaries.Folders(major))
                yield return folder;
    }

    /// <summary><c>pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)</c></summary>
    private static async Task<int> AskMajorAsync(string program, TimeProvider time, CancellationToken cancellationToken)
    {
        var result = await new ProcessRunner(time).RunWellAsync(
            new ProcessRequest { Program = program, Arguments = ["--version"] },
            cancellationToken
        );
        var words = result.OutputText.Split(
            ' ',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
        var version = words.SkipWhile(word => word != "(PostgreSQL)").Skip(1).FirstOrDefault() ?? "";
        var digits = version.TakeWhile(char.IsAsciiDigit).ToArray();
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? major
            : throw DumpProblems.NoVersion(program, result.OutputText.Trim());
    }

    /// <summary>As libpq reads them: nothing of how to get in stands in a process list.</summary>
    private static Dictionary<string, string?> VariablesFor(ConnectionSettings server) =>
        new()
        {
            ["PGHOST"] = server.Host,
            ["PGHOSTADDR"] = server.HostAddress,
            ["PGPORT"] = server.Port.ToString(CultureInfo.InvariantCulture),
            ["PGUSER"] = server.User,
            ["PGDATABASE"] = server.Database,
            ["PGPASSWORD"] = server.Password.Given,
            ["PGPASSFILE"] = server.Password.FilePath,
            ["PGSSLMODE"] = server.SslMode switch
            {
                SslMode.Disable => "disable",
                SslMode.Prefer => "prefer",
                SslMode.Require => "require",
                SslMode.VerifyCa => "verify-ca",
                SslMode.VerifyFull => "verify-full",
            },
            ["PGSSLROOTCERT"] = server.SslRootCert,
            ["PGSSLCERT"] = server.SslCert,
            ["PGSSLKEY"] = server.SslKey,
            ["PGCHANNELBINDING"] = server.ChannelBinding switch
            {
                ChannelBinding.Disable => "disable",
                ChannelBinding.Prefer => "prefer",
                ChannelBinding.Require => "require",
            },
            ["PGOPTIONS"] = server.Options,
            ["PGAPPNAME"] = server.ApplicationName,
            ["PGCONNECT_TIMEOUT"] = ((int)server.ConnectTimeout.TotalSeconds).ToString(CultureInfo.InvariantCulture),
            ["PGSERVICE"] = null,
            ["LC_ALL"] = "C",
        };
}
