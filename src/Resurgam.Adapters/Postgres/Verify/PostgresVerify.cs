using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Adapters.Postgres.Recovery;
using Resurgam.Adapters.Postgres.Restore;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Assets;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Verify;

/// <summary>What is verified, and with what.</summary>
public sealed record VerificationRequest
{
    /// <summary>Folder of this asset's verifications; what is left there makes the next one cheaper.</summary>
    public required string Folder { get; init; }

    public required PostgresBinaries Binaries { get; init; }
    public required PostgresRecord Record { get; init; }

    /// <summary>The WAL that follows the snapshot; replayed to its end.</summary>
    public required WalArchive Archive { get; init; }

    /// <summary>This program, for the server's restore_command.</summary>
    public required string Program { get; init; }

    /// <summary>The user that PostgreSQL runs as when we are root.</summary>
    public string ServerUser { get; init; } = "postgres";

    /// <summary>The cluster's superuser and the database that the questions are asked in.</summary>
    public required string Superuser { get; init; }

    public required string Database { get; init; }

    /// <summary>As the plan has them now.</summary>
    public IReadOnlyList<SourceQuestion> Questions { get; init; } = [];

    /// <summary>Replay no further than the end of the backup, where the recorded answers are known.</summary>
    public bool IsSnapshotOnly { get; init; }

    /// <summary>Replay to here; null: to the end of all WAL, or of the backup.</summary>
    public RecoveryTarget? Target { get; init; }
}

/// <summary>Restores a snapshot into a scratch folder, starts it in isolation, and questions it.</summary>
public sealed class PostgresVerify(Vault vault, VerificationRequest request, IWorkProgress progress)
{
    /// <summary>Name of the step in which the server comes up with all of its WAL.</summary>
    public const string StartStep = "start and replay";

    private const string Amcheck = "pg_amcheck";

    /// <summary>The server tells the end of a streamed backup in whole seconds; the record has the next one.</summary>
    private static readonly TimeSpan StopTimeGrain = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = vault.Host.Time;
    private readonly List<VerificationCheck> _checks = [];
    private readonly VerificationClock _clock = new(vault.Host.Time);
    private readonly string _data = Path.Combine(request.Folder, "data");
    private readonly string _run = Path.Combine(request.Folder, "run");
    private (uint User, uint Group)? _owner;
    private (long Total, long Written)? _bytes;

    public async Task<VerificationReport> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        _owner = FindOwner();
        PrepareFolders();
        await using var feed = FeedFolder.Create(
            request.Archive,
            request.Record.WalSegmentBytes,
            _data,
            _owner,
            vault.Host.Entropy,
            _time
        );
        PrivateServer server = new(ServerOf(feed), _time);
        await server.StopAsync(isLasting: false, cancellationToken); // left behind by a verification that was killed
        await _clock.TimeAsync("restore", () => RestoreAsync(snapshot, cancellationToken));
        await _clock.TimeAsync("verify files", () => VerifyFilesAsync(cancellationToken));
        CheckPages();
        RecoveredPoint? point = null;
        try
        {
            await _clock.TimeAsync(StartStep, () => server.StartAsync(cancellationToken));
            _checks.Add(new VerificationCheck("start", true, "the server came up and replayed its WAL"));
            await using var session = await ConnectAsync(request.Database, cancellationToken);
            point = await RecoveredServer.AskAsync(session, cancellationToken);
            await _clock.TimeAsync("questions", () => AskAsync(session, point, cancellationToken));
            await _clock.TimeAsync("check relations", () => CheckRelationsAsync(session, cancellationToken));
        }
        catch (ResurgamException e) when (e.Problem.Code == "postgres-not-started")
        {
            _checks.Add(new VerificationCheck("start", false, e.Problem.What));
        }
        finally
        {
            await server.StopAsync(isLasting: false, CancellationToken.None);
        }
        return new VerificationReport(_checks, _clock.Steps, point?.Lsn, point?.LastCommitAt)
        {
            BytesTotal = _bytes?.Total,
            BytesWritten = _bytes?.Written,
            WalBytes =
                Lsn.TryParse(point?.Lsn, out var reached) && reached >= request.Record.Start
                    ? (long)(reached - request.Record.Start)
                    : null,
        };
    }

    private (uint User, uint Group)? FindOwner()
    {
        if (!Environment.IsPrivilegedProcess)
            return null;
        var names = UserNames.Read();
        var user = names.FindUser(request.ServerUser) ?? throw ServerProblems.NoServerUser(request.ServerUser);
        return (user, names.FindGroup(request.ServerUser) ?? user);
    }

    private void PrepareFolders()
    {
        Directory.CreateDirectory(request.Folder);
        ConfigurationFiles.MakeFolder(_run, _owner);
        foreach (var (name, content) in ScratchSettings.Files)
        {
            var path = Path.Combine(_run, name);
            File.WriteAllText(path, content);
            if (_owner is { } owner)
                FileMetadata.ChangeOwner(path, owner);
        }
    }

    private ServerRequest ServerOf(FeedFolder feed) =>
        new()
        {
            Binaries = request.Binaries,
            DataDirectory = _data,
            Settings =
            [
                .. ScratchSettings.For(_run, feed.RestoreCommand(request.Program)),
                .. (
                    request.Target
                    ?? (
                        request.IsSnapshotOnly
                            ? (RecoveryTarget)new RecoveryTarget.Consistent()
                            : new RecoveryTarget.Latest()
                    )
                ).Settings,
            ],
            LogFile = Path.Combine(_run, "server.log"),
            User = _owner is null ? null : request.ServerUser,
        };

    private async Task RestoreAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        File.Delete(Path.Combine(_run, "server.log"));
        PostgresRestoreRequest restore = new()
        {
            Target = _data,
            IsDelta = true, // of the last verification: its cost follows what has changed
            IsForced = true,
            Owner = _owner,
            Tablespaces = request.Record.Tablespaces.ToDictionary(
                tablespace => tablespace.Oid,
                tablespace =>
                    Path.Combine(
                        request.Folder,
                        string.Create(CultureInfo.InvariantCulture, $"tablespace-{tablespace.Oid}")
                    )
            ),
            RecoverySettings = [("restore_command", "false")],
        };
        var result = await new PostgresRestore(vault, restore, progress).RunAsync(snapshot, cancellationToken);
        _bytes = (result.BytesTotal, result.BytesWritten);
        _checks.Add(
            new VerificationCheck(
                "restore",
                true,
                $"{new ByteSize(result.BytesTotal)} restored, {new ByteSize(result.BytesWritten)} of it differed from the last verification"
            )
        );
    }

    /// <summary>PostgreSQL's own check of every file against the manifest.</summary>
    private async Task VerifyFilesAsync(CancellationToken cancellationToken)
    {
        progress.Stage("verifying files");
        if (request.Binaries.FindTool("pg_verifybackup") is not { } program)
        {
            _checks.Add(await new ManifestVerification(_data).RunAsync(vault.Host.Workers, cancellationToken));
            return;
        }
        var result = await RunToolAsync(program, ["--no-parse-wal", "--quiet", _data], cancellationToken);
        var told = result.ExitCode == 0 ? "every file is as it was at the backup" : Shorten(result.Error);
        _checks.Add(new VerificationCheck("pg_verifybackup", result.ExitCode == 0, told));
    }

    private void CheckPages()
    {
        var damaged = request.Record.DamagedPages;
        if (request.Record.HasDataChecksums)
            _checks.Add(
                new VerificationCheck(
                    "page checksums",
                    damaged.Count == 0,
                    damaged.Count == 0
                        ? "no page was damaged at the backup"
                        : $"damaged at the source: {string.Join(", ", damaged.Take(5))}"
                )
            );
    }

    private async Task AskAsync(PostgresConnection session, RecoveredPoint point, CancellationToken cancellationToken)
    {
        progress.Stage("asking the plan's questions");
        QuestionChecks questions = new(request.Record.Answers, request.Questions)
        {
            HasLaterCommits =
                point.Lsn is { } end
                && Lsn.Parse(end) > request.Record.Stop
                && point.LastCommitAt > request.Record.StoppedAt - StopTimeGrain,
        };
        _checks.AddRange(await questions.RunAsync(session, cancellationToken));
    }

    /// <summary>PostgreSQL's own check of every table and index, where its extension is there.</summary>
    private async Task CheckRelationsAsync(PostgresConnection session, CancellationToken cancellationToken)
    {
        progress.Stage("checking relations");
        var isThere = await session.ScalarAsync(
            "select count(*) from pg_available_extensions where name = 'amcheck'",
            cancellationToken
        );
        var program = request.Binaries.FindTool(Amcheck);
        if (isThere != "1" || program is null)
        {
            _checks.Add(
                VerificationCheck.NotMade(
                    Amcheck,
                    isThere != "1"
                        ? "the server has no extension amcheck; install its contrib package"
                        : $"the program {Amcheck} is not in {request.Binaries.Folder}; install it beside the server"
                )
            );
            return;
        }
        var result = await RunToolAsync(
            program,
            [
                "--host",
                _run,
                "--port",
                "5432",
                "--username",
                request.Superuser,
                "--all",
                "--install-missing",
                "--jobs",
                "2",
                "--no-password",
            ],
            cancellationToken
        );
        var told = result.ExitCode == 0 ? "no table or index is corrupt" : Shorten(result.OutputText + result.Error);
        _checks.Add(new VerificationCheck(Amcheck, result.ExitCode == 0, told));
    }

    private Task<ProcessResult> RunToolAsync(
        string program,
        ReadOnlySpan<string> arguments,
        CancellationToken cancellationToken
    ) =>
        new ProcessRunner(_time).RunAsync(
            new ProcessRequest
            {
                Program = program,
                Arguments = [.. arguments],
                User = _owner is null ? null : request.ServerUser,
                Timeout = TimeSpan.FromHours(24),
            },
            cancellationToken
        );

    private Task<PostgresConnection> ConnectAsync(string database, CancellationToken cancellationToken) =>
        PrivateServer.ConnectAsync(_run, request.Superuser, database, _time, cancellationToken);

    private static string Shorten(string text)
    {
        const int most = 500;
        text = text.Trim().ReplaceLineEndings("; ");
        return text.Length > most ? text[..most] + " …" : text;
    }
}
