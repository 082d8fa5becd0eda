using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Processes;

namespace Resurgam.Demo;

/// <summary>The demo's own PostgreSQL, in a folder of its own, on a socket of its own.</summary>
internal sealed class DemoCluster
{
    private const string ServerUser = "postgres";
    private const string Superuser = "postgres";

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly ProcessRunner _runner;
    private readonly (uint User, uint Group)? _owner;

    public DemoCluster(string folder, PostgresBinaries binaries, TimeProvider time)
    {
        (_folder, Binaries, _time) = (folder, binaries, time);
        _runner = new ProcessRunner(time);
        if (!Environment.IsPrivilegedProcess)
            return;
        var names = UserNames.Read();
        var user = names.FindUser(ServerUser) ?? throw DemoProblems.NoServerUser(ServerUser);
        _owner = (user, names.FindGroup(ServerUser) ?? user);
    }

    public PostgresBinaries Binaries { get; }

    public string DataDirectory => Path.Combine(_folder, "data");

    public string SocketFolder => Path.Combine(_folder, "socket");

    public bool HasServer => File.Exists(Path.Combine(DataDirectory, "postmaster.pid"));

    /// <summary>As a plan has it.</summary>
    public string Connection(string database) => $"host={SocketFolder} port=5432 user={Superuser} dbname={database}";

    public ConnectionSettings SettingsFor(string database) => ConnectionSettings.Parse(Connection(database), _ => null);

    public Task<PostgresConnection> ConnectAsync(string database, CancellationToken cancellationToken) =>
        PostgresConnection.OpenAsync(SettingsFor(database), SessionKind.Sql, _time, cancellationToken);

    /// <summary>Where a server can be restored to.</summary>
    /// <param name="sockets">Folders for sockets beside its own.</param>
    public void MakePlace(params IReadOnlyList<string> sockets)
    {
        MakeFolder(_folder, isOwnedByServer: false);
        MakeFolder(SocketFolder, isOwnedByServer: true);
        foreach (var socket in sockets)
            MakeFolder(Path.Combine(_folder, socket), isOwnedByServer: true);
    }

    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        MakePlace();
        MakeFolder(DataDirectory, isOwnedByServer: true);
        await RunAsync(
            Path.Combine(Binaries.Folder, "initdb"),
            ["-D", DataDirectory, "-U", Superuser, "-A", "trust", "-k", "-E", "UTF8", "--locale=C", "--no-sync"],
            cancellationToken
        );
        await File.AppendAllTextAsync(
            Path.Combine(DataDirectory, "postgresql.conf"),
            $"""

            listen_addresses = ''
            unix_socket_directories = '{SocketFolder}'
            port = 5432
            wal_level = replica
            max_wal_senders = 10
            shared_buffers = 128MB
            logging_collector = off

            """,
            cancellationToken
        );
        await StartAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) =>
        RunAsync(
            Binaries.Control,
            [
                "-D",
                DataDirectory,
                "-w",
                "-l",
                Path.Combine(SocketFolder, "server.log"),
                "-p",
                Binaries.Postgres,
                "start",
            ],
            cancellationToken
        );

    public Task StopAsync(CancellationToken cancellationToken) =>
        _runner.RunAsync(
            Request(Binaries.Control, ["-D", DataDirectory, "-w", "-m", "immediate", "stop"]),
            cancellationToken
        );

    /// <summary>The disaster: every process of the server killed without warning, then its files removed.</summary>
    public async Task DestroyAsync(CancellationToken cancellationToken)
    {
        var pidFile = Path.Combine(DataDirectory, "postmaster.pid");
        var first = (await File.ReadAllLinesAsync(pidFile, cancellationToken))[0];
        var postmaster = int.Parse(first, CultureInfo.InvariantCulture);
        using (var server = System.Diagnostics.Process.GetProcessById(postmaster))
            server.Kill(entireProcessTree: true);
        while (ThisProcess.IsAlive(postmaster))
            await Task.Delay(TimeSpan.FromMilliseconds(5), _time, cancellationToken);
        Directory.Delete(DataDirectory, recursive: true);
    }

    private void MakeFolder(string path, bool isOwnedByServer)
    {
        Directory.CreateDirectory(path);
        const UnixFileMode own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(path, isOwnedByServer ? own : own | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        if (isOwnedByServer && _owner is { } owner)
            UserNames.Give(path, owner);
    }

    private Task<ProcessResult> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken
    ) => _runner.RunWellAsync(Request(program, arguments), cancellationToken);

    private ProcessRequest Request(string program, IReadOnlyList<string> arguments) =>
        new()
        {
            Program = program,
            Arguments = [.. arguments],
            User = _owner is null ? null : ServerUser,
            Timeout = TimeSpan.FromMinutes(5),
        };
}
