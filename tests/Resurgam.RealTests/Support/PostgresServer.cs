using System.Diagnostics;
using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;

namespace Resurgam.RealTests.Support;

/// <summary>How a test wants its server.</summary>
public sealed record PostgresServerOptions
{
    /// <summary>Lines of postgresql.conf, <c>name = value</c>; they win over the fixture's own, which replace the file.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Lines of pg_hba.conf that come before the fixture's <c>trust</c> on the unix socket.</summary>
    public IReadOnlyList<string> HostRules { get; init; } = [];

    /// <summary>Listen on 127.0.0.1, too, with TLS, and scram-sha-256 for everybody who comes that way.</summary>
    public bool Tls { get; init; }

    /// <summary>Listen on 127.0.0.1, too, without TLS, and scram-sha-256 for everybody who comes that way.</summary>
    public bool Tcp { get; init; }

    /// <summary>Really sync: only for tests that look at what survives.</summary>
    public bool Fsync { get; init; }

    /// <summary>Page checksums in the cluster.</summary>
    public bool Checksums { get; init; } = true;

    /// <summary>Start as a copy of this data directory, with <c>standby.signal</c> when it is a standby.</summary>
    public PostgresServer? StandbyOf { get; init; }

    /// <summary>Start on a data directory that a test has restored; it is moved into the server's folder.</summary>
    public string? RestoredDirectory { get; init; }

    /// <summary>False: the folder and its settings are made, the server is not started.</summary>
    public bool Start { get; init; } = true;
}

public enum StopMode
{
    Smart,
    Fast,
    Immediate,
}

/// <summary>A real server of a test's own, on a unix socket in a temporary folder. Disposal removes everything.</summary>
/// <remarks>
/// initdb runs once per major version; each test gets a copy of that cluster. The servers refuse root, so for root they
/// run as the user postgres. The superuser is always <c>postgres</c>; its password over TCP is <see cref="Password"/>.
/// </remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    public const string Password = "correct horse battery staple";

    private static readonly SemaphoreSlim Making = new(1);

    private readonly string _bin;
    private readonly string _folder;
    private readonly PostgresServerOptions _options;

    private PostgresServer(int major, string bin, string folder, int port, PostgresServerOptions options)
    {
        (Major, _bin, _folder, Port, _options) = (major, bin, folder, port, options);
    }

    public int Major { get; }

    public string DataDirectory => Path.Combine(_folder, "data");

    /// <summary>Folder of the unix socket.</summary>
    public string SocketDirectory => Path.Combine(_folder, "socket");

    public int Port { get; }

    /// <summary>The server's log, for assertions and for people.</summary>
    public string LogFile => Path.Combine(_folder, "log");

    /// <summary>The certificate that signed the server's, with <see cref="PostgresServerOptions.Tls"/>.</summary>
    public string RootCertificate => Path.Combine(_folder, "tls", "root.crt");

    /// <summary>Over the unix socket, as the superuser.</summary>
    public string ConnectionString => $"host={SocketDirectory} port={Port} user=postgres dbname=postgres";

    /// <summary>Over TCP, as the superuser; the password is apart.</summary>
    public string TcpConnectionString => $"host=127.0.0.1 port={Port} user=postgres dbname=postgres";

    public ConnectionSettings Settings => ConnectionSettings.Parse(ConnectionString, NoEnvironment);

    public static string? NoEnvironment(string name) => null;

    /// <summary>Process id of the postmaster; null when the server does not run.</summary>
    public int? ProcessId =>
        File.Exists(PidFile) ? int.Parse(File.ReadLines(PidFile).First(), CultureInfo.InvariantCulture) : null;

    private string PidFile => Path.Combine(DataDirectory, "postmaster.pid");

    public static async Task<PostgresServer> StartAsync(
        int major,
        PostgresServerOptions? options,
        CancellationToken cancellationToken
    )
    {
        var bin = Servers.Require(major);
        options ??= new PostgresServerOptions();
        var folder = Directory.CreateTempSubdirectory($"resurgam-pg{major}-").FullName;
        var server = new PostgresServer(major, bin, folder, Loopback.FreePort(), options);
        try
        {
            await server.MakeAsync(cancellationToken);
            if (options.Start)
                await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a server that was stopped or killed, and waits until it accepts connections.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        // -w waits until connections are taken; a standby is ready when it is consistent.
        var arguments = $"start -w -t 60 -s -D {DataDirectory} -l {LogFile}";
        var (exitCode, output) = await RunAsync(Path.Combine(_bin, "pg_ctl"), arguments, cancellationToken);
        if (exitCode != 0)
            throw new InvalidOperationException($"{output}\n{await File.ReadAllTextAsync(LogFile, cancellationToken)}");
    }

    public async Task StopAsync(StopMode mode, CancellationToken cancellationToken)
    {
        if (ProcessId is null)
            return;
        var word = mode switch
        {
            StopMode.Smart => "smart",
            StopMode.Fast => "fast",
            StopMode.Immediate => "immediate",
        };
        var (exitCode, output) = await RunAsync(
            Path.Combine(_bin, "pg_ctl"),
            $"stop -w -s -t 60 -m {word} -D {DataDirectory}",
            cancellationToken
        );
        if (exitCode != 0)
            throw new InvalidOperationException(output);
    }

    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await StopAsync(StopMode.Fast, cancellationToken);
        await StartAgainAsync(cancellationToken);
    }

    /// <summary>kill -9 of the postmaster and all its children, as a machine that loses its power.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (ProcessId is not { } id)
            return;
        var children = Children(id);
        foreach (var process in new[] { id }.Concat(children))
            Kill(process);
        foreach (var process in new[] { id }.Concat(children))
        {
            await Eventually.HoldsAsync(
                $"process {process} is gone",
                () => !Directory.Exists($"/proc/{process}") || IsZombie(process),
                cancellationToken
            );
        }
        File.Delete(PidFile);
        // A dead postmaster that nobody has waited for still has its number, and the next one would believe this file.
        File.Delete(Path.Combine(SocketDirectory, $".s.PGSQL.{Port}.lock"));
    }

    /// <summary>Sends the postmaster, and no child of it, a signal: "STOP" makes a server that does not get round to anything.</summary>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await RunAsync("kill", $"-{signal} {ProcessId}", cancellationToken);
        if (exitCode != 0)
            throw new InvalidOperationException(output);
    }

    /// <summary>Ends recovery of a standby; returns when it takes writes.</summary>
    public async Task PromoteAsync(CancellationToken cancellationToken)
    {
        var (exitCode, output) = await RunAsync(
            Path.Combine(_bin, "pg_ctl"),
            $"promote -w -s -t 60 -D {DataDirectory}",
            cancellationToken
        );
        if (exitCode != 0)
            throw new InvalidOperationException(output);
    }

    /// <summary>A new empty folder that belongs to the server's user, for a tablespace or an archive.</summary>
    public async Task<string> MakeFolderAsync(string name, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        await OwnAsync(folder, cancellationToken);
        return folder;
    }

    public Task<PostgresConnection> OpenAsync(CancellationToken cancellationToken) =>
        PostgresConnection.OpenAsync(Settings, SessionKind.Sql, TimeProvider.System, cancellationToken);

    public Task<PostgresConnection> OpenReplicationAsync(CancellationToken cancellationToken) =>
        PostgresConnection.OpenAsync(Settings, SessionKind.PhysicalReplication, TimeProvider.System, cancellationToken);

    /// <summary>Runs SQL on a new connection to the database postgres.</summary>
    public async Task<IReadOnlyList<string?[]>> QueryAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await connection.QueryAsync(sql, cancellationToken);
    }

    public async Task<string?> ScalarAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await connection.ScalarAsync(sql, cancellationToken);
    }

    /// <summary>Runs Debian's psql: another pair of eyes on what our own client says.</summary>
    public async Task<string> PsqlAsync(string sql, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Servers.RequireTool("psql"))
        {
            ArgumentList = { "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", ConnectionString, "-c", sql },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var (exitCode, output) = await RunAsync(start, cancellationToken);
        return exitCode == 0 ? output.Trim() : throw new InvalidOperationException(output);
    }

    /// <summary>Waits until SQL answers <paramref name="expected"/>: for states that the server reaches by itself.</summary>
    public async Task WaitForAsync(string sql, string expected, CancellationToken cancellationToken)
    {
        string? last = null;
        await Eventually.HoldsAsync(
            () => $"'{sql}' gives '{last}', not '{expected}'",
            async () => (last = await ScalarAsync(sql, cancellationToken)) == expected,
            cancellationToken
        );
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync(CancellationToken.None);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(SocketDirectory);
        if (_options.RestoredDirectory is { } restored)
            Directory.Move(restored, DataDirectory);
        else if (_options.StandbyOf is { } primary)
            await CopyPrimaryAsync(primary, cancellationToken);
        else
            await CopyFolderAsync(await TemplateAsync(cancellationToken), DataDirectory, cancellationToken);
        if (_options.Tls)
            TestCertificates.Write(Path.Combine(_folder, "tls"));
        // postgresql.auto.conf stays as it is: a restored cluster has its recovery settings there.
        await File.WriteAllLinesAsync(
            Path.Combine(DataDirectory, "postgresql.conf"),
            ServerSettings(),
            cancellationToken
        );
        await File.WriteAllLinesAsync(
            Path.Combine(DataDirectory, "pg_hba.conf"),
            [.. _options.HostRules, "local all all trust", "local replication all trust", .. TcpRules()],
            cancellationToken
        );
        await OwnAsync(_folder, cancellationToken);
    }

    private IEnumerable<string> ServerSettings()
    {
        yield return $"port = {Port}";
        yield return $"unix_socket_directories = '{SocketDirectory}'";
        yield return $"listen_addresses = '{(_options.Tcp || _options.Tls ? "127.0.0.1" : "")}'";
        yield return $"fsync = {(_options.Fsync ? "on" : "off")}";
        yield return "shared_buffers = '32MB'";
        yield return "max_wal_size = '1GB'";
        yield return "wal_level = replica";
        yield return "hot_standby = on";
        yield return "max_wal_senders = 10";
        yield return "max_replication_slots = 10";
        yield return "autovacuum = off";
        yield return "log_checkpoints = off";
        yield return "log_replication_commands = on";
        yield return "lc_messages = 'C'";
        if (_options.Tls)
        {
            yield return "ssl = on";
            yield return $"ssl_cert_file = '{Path.Combine(_folder, "tls", "server.crt")}'";
            yield return $"ssl_key_file = '{Path.Combine(_folder, "tls", "server.key")}'";
            yield return $"ssl_ca_file = '{RootCertificate}'";
        }
        if (_options.StandbyOf is { } primary)
            yield return $"primary_conninfo = '{primary.ConnectionString} application_name=standby'";
        foreach (var setting in _options.Settings)
            yield return setting;
    }

    private IEnumerable<string> TcpRules()
    {
        if (!_options.Tls && !_options.Tcp)
            yield break;
        yield return "host all all 127.0.0.1/32 scram-sha-256";
        yield return "host replication all 127.0.0.1/32 scram-sha-256";
    }

    /// <summary>A cluster made once per version and choice of checksums, for this run of the tests.</summary>
    private async Task<string> TemplateAsync(CancellationToken cancellationToken)
    {
        var checksums =
            _options.Checksums ? "--data-checksums"
            : Major >= 18 ? "--no-data-checksums"
            : "";
        var template = Path.Combine(Templates.Folder, $"{Major}{checksums}");
        await Making.WaitAsync(cancellationToken);
        try
        {
            if (Directory.Exists(template))
                return template;
            var password = Path.Combine(Templates.Folder, "password");
            await File.WriteAllTextAsync(password, Password, cancellationToken);
            await OwnAsync(Templates.Folder, cancellationToken);
            var making = template + ".making";
            var (exitCode, output) = await RunAsync(
                Path.Combine(_bin, "initdb"),
                $"-D {making} -N -U postgres -A trust -E UTF8 --locale=C --pwfile={password} {checksums}",
                cancellationToken
            );
            if (exitCode != 0)
                throw new InvalidOperationException(output);
            Directory.Move(making, template);
            return template;
        }
        finally
        {
            Making.Release();
        }
    }

    /// <summary>A standby's data directory, by our own base backup would test us with ourselves: a cold copy it is.</summary>
    private async Task CopyPrimaryAsync(PostgresServer primary, CancellationToken cancellationToken)
    {
        await primary.StopAsync(StopMode.Fast, cancellationToken);
        await CopyFolderAsync(primary.DataDirectory, DataDirectory, cancellationToken);
        await primary.StartAgainAsync(cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(DataDirectory, "standby.signal"), "", cancellationToken);
    }

    private static async Task CopyFolderAsync(string from, string to, CancellationToken cancellationToken)
    {
        var copy = new ProcessStartInfo("cp") { ArgumentList = { "-a", "--reflink=auto", from, to } };
        var (exitCode, output) = await RunAsync(copy, cancellationToken);
        if (exitCode != 0)
            throw new InvalidOperationException(output);
    }

    private static async Task OwnAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        var own = new ProcessStartInfo("chown") { ArgumentList = { "-R", "postgres:", folder } };
        var (exitCode, output) = await RunAsync(own, cancellationToken);
        if (exitCode != 0)
            throw new InvalidOperationException(output);
    }

    /// <summary>Runs a program as a user that PostgreSQL accepts. No argument holds a space.</summary>
    private static Task<(int ExitCode, string Output)> RunAsync(
        string program,
        string arguments,
        CancellationToken cancellationToken
    )
    {
        var words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo(
                "setpriv",
                ["--reuid=postgres", "--regid=postgres", "--init-groups", program, .. words]
            )
            : new ProcessStartInfo(program, words);
        start.WorkingDirectory = "/";
        start.Environment["LC_ALL"] = "C";
        return RunAsync(start, cancellationToken);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(
        ProcessStartInfo start,
        CancellationToken cancellationToken
    )
    {
        // A server inherits what pg_ctl has; it writes to its log, so these end with the program itself.
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process =
            Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} does not start");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    private static List<int> Children(int parent)
    {
        var children = new List<int>();
        foreach (var task in Directory.EnumerateDirectories($"/proc/{parent}/task"))
        {
            foreach (
                var child in File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            )
                children.Add(int.Parse(child, CultureInfo.InvariantCulture));
        }
        return children;
    }

    private static void Kill(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It ended by itself between being listed and being killed.
        }
    }

    private static bool IsZombie(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/stat").Split(") ")[^1].StartsWith('Z');
        }
        catch (IOException)
        {
            return true;
        }
    }
}

/// <summary>Clusters fresh from initdb, for the length of one run of the tests.</summary>
internal static class Templates
{
    public static string Folder { get; } = Make();

    private static string Make()
    {
        var folder = Directory.CreateTempSubdirectory("resurgam-pg-templates-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
