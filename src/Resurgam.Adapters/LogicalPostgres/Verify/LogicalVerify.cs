using Resurgam.Adapters.Files;
using Resurgam.Adapters.LogicalPostgres.Restore;
using Resurgam.Adapters.LogicalPostgres.Servers;
using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Adapters.Postgres.Restore;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Adapters.Postgres.Verify;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Assets;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.LogicalPostgres.Verify;

/// <summary>What is verified, and with what.</summary>
public sealed record LogicalVerificationRequest
{
    /// <summary>Folder of this asset's verifications.</summary>
    public required string Folder { get; init; }

    public required LogicalRecord Record { get; init; }

    /// <summary>The plan's folder of programs; null: found by the version.</summary>
    public string? Binaries { get; init; }

    /// <summary>The user that PostgreSQL runs as when we are root.</summary>
    public string ServerUser { get; init; } = "postgres";

    /// <summary>As the plan has them now.</summary>
    public IReadOnlyList<SourceQuestion> Questions { get; init; } = [];
}

/// <summary>Makes an empty private server, loads every dump of a snapshot into it, and questions it.</summary>
public sealed class LogicalVerify(Vault vault, LogicalVerificationRequest request, IWorkProgress progress)
{
    private const string Superuser = "postgres";

    private readonly TimeProvider _time = vault.Host.Time;
    private readonly List<VerificationCheck> _checks = [];
    private readonly List<VerificationStep> _steps = [];
    private readonly string _data = Path.Combine(request.Folder, "data");
    private readonly string _run = Path.Combine(request.Folder, "run");
    private readonly LogicalRecord _record = request.Record;
    private long _bytes;

    public async Task<VerificationReport> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        var programs = await DumpPrograms.FindForDumpAsync(
            _record.DumpMajor,
            request.Binaries,
            _time,
            cancellationToken
        );
        var binaries = FindServer(programs.Major);
        var owner = FindOwner();
        PrivateServer server = new(
            new ServerRequest
            {
                Binaries = binaries,
                DataDirectory = _data,
                Settings = ScratchSettings.For(_run, "false"),
                LogFile = Path.Combine(_run, "server.log"),
                User = owner is null ? null : request.ServerUser,
            },
            _time
        );
        await PrepareAsync(server, binaries, owner, cancellationToken);
        try
        {
            await server.StartAsync(cancellationToken);
            await LoadAndAskAsync(snapshot, programs, cancellationToken);
        }
        finally
        {
            await server.StopAsync(isLasting: false, CancellationToken.None);
            Directory.Delete(_data, recursive: true);
        }
        return new VerificationReport(_checks, _steps, Lsn: null, LastCommitAt: null)
        {
            AsOf = _record.StartedAt,
            BytesTotal = _bytes,
            BytesWritten = _bytes,
        };
    }

    /// <summary>Of the captured version, or newer: a dump is no data directory.</summary>
    private PostgresBinaries FindServer(int newest)
    {
        if (request.Binaries is { } folder && File.Exists(Path.Combine(folder, "postgres")))
            return new PostgresBinaries(folder);
        for (var major = _record.MajorVersion; major <= newest; major++)
            if (PostgresBinaries.FindNewest(major, major) is { } found)
                return found;
        return PostgresBinaries.Get(_record.MajorVersion, null);
    }

    private (uint User, uint Group)? FindOwner()
    {
        if (!Environment.IsPrivilegedProcess)
            return null;
        var names = UserNames.Read();
        var user = names.FindUser(request.ServerUser) ?? throw ServerProblems.NoServerUser(request.ServerUser);
        return (user, names.FindGroup(request.ServerUser) ?? user);
    }

    private async Task PrepareAsync(
        PrivateServer server,
        PostgresBinaries binaries,
        (uint User, uint Group)? owner,
        CancellationToken cancellationToken
    )
    {
        progress.Stage("making a private server");
        if (Directory.Exists(_data))
        {
            await server.StopAsync(isLasting: false, cancellationToken); // left behind by a verification that was killed
            Directory.Delete(_data, recursive: true);
        }
        Directory.CreateDirectory(request.Folder);
        ConfigurationFiles.MakeFolder(_run, owner);
        ConfigurationFiles.MakeFolder(_data, owner);
        File.Delete(Path.Combine(_run, "server.log"));
        await new ProcessRunner(_time).RunWellAsync(
            new ProcessRequest
            {
                Program = Path.Combine(binaries.Folder, "initdb"),
                Arguments = ["-D", _data, "-U", Superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
                User = owner is null ? null : request.ServerUser,
                Timeout = TimeSpan.FromMinutes(5),
            },
            cancellationToken
        );
        foreach (var (name, content) in ScratchSettings.Files)
        {
            var path = Path.Combine(_run, name);
            await File.WriteAllTextAsync(path, content, cancellationToken);
            if (owner is { } to)
                FileMetadata.ChangeOwner(path, to);
        }
    }

    private async Task LoadAndAskAsync(
        SnapshotEntry snapshot,
        DumpPrograms programs,
        CancellationToken cancellationToken
    )
    {
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        var settings = ConnectionSettings.Parse(
            $"host={_run} port=5432 user={Superuser} dbname={Superuser} sslmode=disable",
            _ => null
        );
        await using var admin = await ConnectAsync("template1", cancellationToken);
        await TimedAsync("roles", () => MakeRolesAsync(admin, reader, snapshot, cancellationToken));
        DatabaseLoad load = new(settings, admin.ServerVersion, programs, reader, progress);
        DatabaseProof proof = new(_record, new QuestionChecks(_record.Answers, request.Questions));
        foreach (var database in _record.Databases)
        {
            var isLoaded = false;
            await TimedAsync(
                "restore",
                async () => isLoaded = await LoadAsync(load, admin, snapshot, database, cancellationToken)
            );
            if (!isLoaded)
                continue;
            progress.Stage($"checking {database.Name}");
            await TimedAsync(
                "questions",
                async () =>
                {
                    await using var session = await ConnectAsync(database.Name, cancellationToken);
                    _checks.AddRange(await proof.CheckAsync(session, database, cancellationToken));
                }
            );
        }
    }

    private async Task MakeRolesAsync(
        PostgresConnection admin,
        SnapshotReader reader,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        progress.Stage("making roles");
        await MissingRoles.MakeAsync(admin, reader, snapshot, _record, cancellationToken);
        var left = await MissingRoles.FindAsync(admin, _record, cancellationToken);
        _checks.Add(
            new VerificationCheck(
                "roles",
                left.Count == 0,
                left.Count == 0 ? $"{_record.Roles.Count} roles" : $"not in the dump: {string.Join(", ", left)}"
            )
        );
    }

    private async Task<bool> LoadAsync(
        DatabaseLoad load,
        PostgresConnection admin,
        SnapshotEntry snapshot,
        LogicalDatabase database,
        CancellationToken cancellationToken
    )
    {
        var name = $"{database.Name}: restore";
        try
        {
            var isThere = database.Name == Superuser; // initdb makes it
            var hasLocale =
                isThere
                || await DatabaseLoad.CreateAsync(
                    admin,
                    database,
                    database.Name,
                    allowsOtherLocale: true,
                    cancellationToken
                );
            await DatabaseLoad.OpenAsync(admin, database.Name, cancellationToken);
            await DatabaseLoad.SetPropertiesAsync(admin, database, database.Name, cancellationToken);
            var bytes = await load.LoadAsync(snapshot, database, database.Name, cancellationToken);
            _bytes += bytes;
            var told = hasLocale ? "" : $"; sorted as C does, locale {database.Collation} is not on this machine";
            _checks.Add(new VerificationCheck(name, true, $"{new ByteSize(bytes)} loaded without an error{told}"));
            return true;
        }
        catch (ResurgamException e) when (e.Problem.Code.StartsWith("postgres-", StringComparison.Ordinal))
        {
            _checks.Add(new VerificationCheck(name, false, e.Problem.What));
            return false;
        }
    }

    private Task<PostgresConnection> ConnectAsync(string database, CancellationToken cancellationToken) =>
        PrivateServer.ConnectAsync(_run, Superuser, database, _time, cancellationToken);

    /// <summary>Steps of one name are one step: what databases take together.</summary>
    private async Task TimedAsync(string step, Func<Task> work)
    {
        var began = _time.GetTimestamp();
        await work();
        var took = _time.GetElapsedTime(began);
        var known = _steps.FindIndex(each => each.Name == step);
        if (known < 0)
            _steps.Add(new VerificationStep(step, took));
        else
            _steps[known] = _steps[known] with { Duration = _steps[known].Duration + took };
    }
}
