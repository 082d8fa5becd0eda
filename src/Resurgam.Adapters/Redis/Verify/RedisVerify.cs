using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Redis.Restore;
using Resurgam.Adapters.Redis.Servers;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Problems;
using Resurgam.Core.Redis;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Redis.Verify;

/// <summary>What is verified, and with what.</summary>
public sealed record RedisVerificationRequest
{
    /// <summary>Folder of this asset's verifications; emptied before and after each.</summary>
    public required string Folder { get; init; }

    public required RedisRecord Record { get; init; }

    /// <summary>Folder with Redis' programs; null: found in <c>PATH</c>.</summary>
    public string? Binaries { get; init; }

    /// <summary>The commands behind the snapshot, which are to be replayed as well; null: there are none.</summary>
    public CommandRecovery? Commands { get; init; }
}

/// <summary>Restores a snapshot into a scratch folder, starts a server on it in isolation, and compares its keys.</summary>
public sealed class RedisVerify(Vault vault, RedisVerificationRequest request, IWorkProgress progress)
{
    private readonly TimeProvider _time = vault.Host.Time;
    private readonly List<VerificationCheck> _checks = [];
    private readonly VerificationClock _clock = new(vault.Host.Time);
    private readonly string _data = Path.Combine(request.Folder, "data");
    private ReplayedCommands? _replayed;
    private readonly string _run = Path.Combine(request.Folder, "run");
    private long? _bytes;

    /// <summary>The step in which a server comes up and reads its data.</summary>
    public const string StartStep = "start and load";

    private RedisRecord Recorded => request.Record;

    public async Task<VerificationReport> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        var binaries = RedisBinaries.Get(Recorded.Program, request.Binaries);
        var user = FindUser();
        PrepareFolders(user);
        PrivateServer? server = null;
        try
        {
            // Left behind by a verification that was killed.
            await new PrivateServer(ServerOf(binaries, user, []), _time).StopAsync(cancellationToken);
            RemoveData();
            var restored = await _clock.TimeAsync("restore", () => RestoreAsync(snapshot, cancellationToken));
            await _clock.TimeAsync("verify files", () => VerifyFilesAsync(restored, cancellationToken));
            server = new PrivateServer(ServerOf(binaries, user, ScratchSettings.For(_data, restored)), _time);
            await QuestionAsync(server, restored, cancellationToken);
            if (request.Commands is { } commands)
            {
                await server.StopAsync(cancellationToken);
                RemoveData();
                server = await ReplayAsync(snapshot, commands, binaries, user, cancellationToken);
            }
        }
        finally
        {
            if (server is not null)
                await server.StopAsync(CancellationToken.None);
            RemoveData(); // what it holds lies nowhere else in clear
        }
        return new VerificationReport(_checks, _clock.Steps, Lsn: null, _replayed?.At)
        {
            AsOf = _replayed?.At ?? Recorded.StartedAt,
            BytesTotal = _bytes,
            BytesWritten = _bytes, // into an empty folder
        };
    }

    /// <summary>The snapshot once more, and all commands behind it.</summary>
    private async Task<PrivateServer> ReplayAsync(
        SnapshotEntry snapshot,
        CommandRecovery commands,
        RedisBinaries binaries,
        string? user,
        CancellationToken cancellationToken
    )
    {
        RedisRestoreRequest restore = new()
        {
            Target = _data,
            IsCheckedLater = true,
            Commands = commands,
            Binaries = request.Binaries,
        };
        var restored = await _clock.TimeAsync(
            "restore with the stream",
            () => new RedisRestore(vault, restore, progress).RunAsync(snapshot, cancellationToken)
        );
        _replayed = restored.Replayed;
        await _clock.TimeAsync("verify files", () => VerifyFilesAsync(restored, cancellationToken));
        PrivateServer server = new(ServerOf(binaries, user, ScratchSettings.For(_data, restored)), _time);
        try
        {
            await _clock.TimeAsync("replay the stream", () => server.StartAsync(cancellationToken));
            await using var session = await server.ConnectAsync(cancellationToken);
            var keys = (await ReadKeyspaceAsync(session, cancellationToken)).Values.Sum();
            _checks.Add(
                new VerificationCheck(
                    "stream",
                    true,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{_replayed?.Commands ?? 0} commands behind the snapshot were replayed, {keys} keys are served"
                    )
                )
            );
        }
        catch (ResurgamException e) when (e.Problem.Code == ServerProblems.NotStartedCode)
        {
            _checks.Add(new VerificationCheck("stream", false, e.Problem.What));
        }
        return server;
    }

    private async Task QuestionAsync(
        PrivateServer server,
        RedisRestoreResult restored,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var from = NowMs();
            await _clock.TimeAsync(StartStep, () => server.StartAsync(cancellationToken));
            _checks.Add(new VerificationCheck("start", true, "the server came up and read its data"));
            await using var session = await server.ConnectAsync(cancellationToken);
            await _clock.TimeAsync("count keys", () => CountAsync(session, restored, from, cancellationToken));
            await _clock.TimeAsync("compare samples", () => CompareAsync(session, cancellationToken));
        }
        catch (ResurgamException e) when (e.Problem.Code == ServerProblems.NotStartedCode)
        {
            _checks.Add(new VerificationCheck("start", false, e.Problem.What));
        }
    }

    /// <summary>Root lends nobody its rights: the packages' user runs the server where there is one.</summary>
    private string? FindUser() =>
        Environment.IsPrivilegedProcess && UserNames.Read().FindUser(Recorded.Program) is not null
            ? Recorded.Program
            : null;

    private void PrepareFolders(string? user)
    {
        Directory.CreateDirectory(request.Folder);
        Directory.CreateDirectory(_run);
        File.SetUnixFileMode(_run, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (user is null)
            return;
        var names = UserNames.Read();
        var owner = names.FindUser(user) ?? 0;
        FileMetadata.ChangeOwner(_run, (owner, names.FindGroup(user) ?? owner));
    }

    private void RemoveData()
    {
        if (Directory.Exists(_data))
            Directory.Delete(_data, recursive: true);
    }

    private ServerRequest ServerOf(
        RedisBinaries binaries,
        string? user,
        IReadOnlyList<(string Name, string Value)> settings
    ) =>
        new()
        {
            Binaries = binaries,
            RunFolder = _run,
            Settings = settings,
            User = user,
        };

    private async Task<RedisRestoreResult> RestoreAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        RedisRestoreRequest restore = new() { Target = _data, IsCheckedLater = true };
        var result = await new RedisRestore(vault, restore, progress).RunAsync(snapshot, cancellationToken);
        _bytes = result.BytesTotal;
        _checks.Add(new VerificationCheck("restore", true, $"{new ByteSize(result.BytesTotal)} restored"));
        return result;
    }

    private async Task VerifyFilesAsync(RedisRestoreResult restored, CancellationToken cancellationToken)
    {
        progress.Stage("verifying files");
        RedisTools tools = new(restored.Record.Program, request.Binaries, _time);
        _checks.AddRange(await tools.CheckAsync(_data, restored.DataFile, restored.Manifest, cancellationToken));
    }

    /// <summary>
    /// A server drops keys whose time is over, when it loads them or soon after. How many those may be by now tells the
    /// file itself: every key that has not expired must be there, and none that expired before the start has to.
    /// </summary>
    private async Task CountAsync(
        RedisConnection session,
        RedisRestoreResult restored,
        long fromMs,
        CancellationToken cancellationToken
    )
    {
        progress.Stage("counting keys");
        var served = await ReadKeyspaceAsync(session, cancellationToken);
        var rdb = await ScanAsync(
            Path.Combine(_data, restored.DataFile ?? ""),
            new RdbWindow(fromMs, NowMs()),
            cancellationToken
        );
        _checks.Add(
            new VerificationCheck(
                "checksum",
                rdb.Checksum == Recorded.RdbChecksum && rdb.Bytes == Recorded.RdbBytes,
                $"{rdb.Bytes} bytes with {rdb.Checksum ?? "no checksum"}, recorded {Recorded.RdbBytes} with {Recorded.RdbChecksum ?? "none"}"
            )
        );
        if (rdb.Databases is not { } inFile || Recorded.Databases is not { } recorded)
        {
            _checks.Add(new VerificationCheck("keys", true, $"not counted at the backup: {rdb.Unknown}"));
            return;
        }
        var isAsRecorded = recorded.SequenceEqual(
            inFile.Select(each => new DatabaseRecord(each.Number, each.Keys, each.Expiring))
        );
        var areExpiredKept = restored.Record.HasAppendOnly; // Redis, rdbLoadRio: dropped only from a plain RDB
        var wrong = inFile
            .Where(each =>
                served.GetValueOrDefault(each.Number) is var keys
                && (
                    keys < each.Keys - each.ExpiredAfter || keys > each.Keys - (areExpiredKept ? 0 : each.ExpiredBefore)
                )
            )
            .ToList();
        var strange = served.Keys.Except(inFile.Select(each => each.Number)).ToList();
        _checks.Add(
            new VerificationCheck(
                "keys",
                isAsRecorded && wrong.Count == 0 && strange.Count == 0,
                Describe(inFile, served)
            )
        );
        var functions = await CountFunctionsAsync(session, cancellationToken);
        if (Recorded.Functions > 0 || functions > 0)
            _checks.Add(
                new VerificationCheck(
                    "functions",
                    functions == Recorded.Functions,
                    $"{functions} libraries, recorded {Recorded.Functions}"
                )
            );
    }

    private static string Describe(IReadOnlyList<RdbDatabase> inFile, IReadOnlyDictionary<long, long> served) =>
        inFile.Count == 0
            ? "none, as recorded"
            : string.Join(
                "; ",
                inFile
                    .Take(16)
                    .Select(each =>
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"database {each.Number}: {served.GetValueOrDefault(each.Number)} served, {each.Keys} recorded, {each.ExpiredAfter} expired since"
                        )
                    )
            );

    private static async Task<IReadOnlyDictionary<long, long>> ReadKeyspaceAsync(
        RedisConnection session,
        CancellationToken cancellationToken
    )
    {
        Dictionary<long, long> keys = [];
        foreach (var (name, value) in await session.ReadInfoAsync(cancellationToken))
            if (
                name.StartsWith("db", StringComparison.Ordinal)
                && long.TryParse(name[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var database)
                && value.Split(',')[0] is ['k', 'e', 'y', 's', '=', .. var count]
            )
                keys[database] = long.Parse(count, CultureInfo.InvariantCulture);
        return keys;
    }

    private static async Task<int> CountFunctionsAsync(RedisConnection session, CancellationToken cancellationToken) =>
        await session.TryAskAsync(["FUNCTION", "LIST"], cancellationToken) is RespValue.List list
            ? list.Items.Count
            : 0;

    private static async Task<RdbSummary> ScanAsync(string file, RdbWindow window, CancellationToken cancellationToken)
    {
        RdbScanner scanner = new(salt: 0, window);
        await using var bytes = File.OpenRead(file);
        var buffer = new byte[1 << 20];
        for (int count; (count = await bytes.ReadAsync(buffer, cancellationToken)) > 0; )
            scanner.Append(buffer.AsSpan(0, count));
        return scanner.Complete();
    }

    private async Task CompareAsync(RedisConnection session, CancellationToken cancellationToken)
    {
        progress.Stage("comparing samples");
        SampleComparison comparison = new(session, _time);
        foreach (var sample in Recorded.Samples)
            await comparison.CompareAsync(sample, cancellationToken);
        _checks.Add(comparison.ToCheck(Recorded.Samples.Count));
    }

    private long NowMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
