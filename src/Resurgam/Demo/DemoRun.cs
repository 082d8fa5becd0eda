using System.Globalization;
using System.Text.Json;
using Resurgam.Cli;
using Resurgam.Core.Values;

namespace Resurgam.Demo;

/// <summary>The main job, from an empty folder to a recovered database. Every step is one of the program's own commands.</summary>
internal sealed class DemoRun(Session session, DemoCluster cluster, string folder, int scale, bool isAll)
{
    private const string Asset = "db";
    private const int Writers = 2;

    /// <summary>How long the load runs beside the backup and the verification, at the least.</summary>
    private static readonly TimeSpan LoadBeforeDisaster = TimeSpan.FromSeconds(3);

    private readonly DemoStory _story = new(session);
    private readonly DemoProgram _program = new(Path.Combine(folder, "resurgam.yaml"), folder, session.Time);
    private readonly List<DemoWriter> _writers = [];

    public async Task<DemoDocument> RunAsync(CancellationToken cancellationToken)
    {
        var began = session.Time.GetTimestamp();
        await using DemoAll? all = isAll ? new(session, _story, _program, folder) : null;
        var databaseBytes = await BuildPlatformAsync(all, cancellationToken);
        await ProtectAsync(all, cancellationToken);
        using var stream = await StreamAsync(cancellationToken);
        await (all?.StreamAsync(cancellationToken) ?? Task.CompletedTask);
        var first = await BackupAsync("A base backup, encrypted and deduplicated.", cancellationToken);
        using CancellationTokenSource stop = new();
        var writing = StartWriters(stop.Token);
        var second = await BackupAsync(
            "The platform works meanwhile. A second backup stores only what changed.",
            cancellationToken
        );
        var verification = await VerifyAsync(cancellationToken);
        var isProven = all is null || await all.ProtectAsync(cancellationToken);
        await Task.Delay(LoadBeforeDisaster, session.Time, cancellationToken);

        var destroyedAt = await DestroyAsync(cancellationToken);
        await (all?.DestroyAsync(cancellationToken) ?? Task.CompletedTask);
        await stop.CancelAsync();
        await writing;
        await (all?.StopStreamAsync(cancellationToken) ?? Task.CompletedTask);
        await StopStreamAsync(stream, cancellationToken);
        await RestoreAsync(cancellationToken);
        var recovery = session.Time.GetElapsedTime(destroyedAt);
        await (all?.RestoreAsync(destroyedAt, cancellationToken) ?? Task.CompletedTask);
        var document = await JudgeAsync(began, databaseBytes, first, second, verification, recovery, cancellationToken);
        return all is null ? document : await AddAllAsync(document, all, isProven, began, cancellationToken);
    }

    private async Task<DemoDocument> AddAllAsync(
        DemoDocument document,
        DemoAll all,
        bool isProven,
        long began,
        CancellationToken cancellationToken
    )
    {
        DemoAsset database = new(Asset, "postgres", document.Lost, document.RecoverySeconds);
        return document with
        {
            VerificationPassed = document.VerificationPassed && isProven,
            Assets = [database, .. await all.JudgeAsync(cancellationToken)],
            LeftOut = all.LeftOut,
            Duration = session.Time.GetElapsedTime(began).TotalSeconds,
        };
    }

    private async Task<long> BuildPlatformAsync(DemoAll? all, CancellationToken cancellationToken)
    {
        _story.Chapter("A healthcare platform: PostgreSQL with users, patients, commits and an audit log.");
        await cluster.CreateAsync(cancellationToken);
        var bytes = await DemoPlatform.LoadAsync(cluster, scale, cancellationToken);
        _story.Fact($"{new ByteSize(bytes)} in {cluster.DataDirectory}");
        await (all?.BuildAsync(cancellationToken) ?? Task.CompletedTask);
        return bytes;
    }

    private async Task ProtectAsync(DemoAll? all, CancellationToken cancellationToken)
    {
        _story.Chapter("A plan says what must survive; a vault will hold the copies.");
        await DemoPlan.WriteAsync(folder, cluster, Asset, session.Entropy, cancellationToken);
        var plan = Path.Combine(folder, "resurgam.yaml");
        await (all?.AddToPlanAsync(plan, Asset, cancellationToken) ?? Task.CompletedTask);
        _story.Fact(plan);
        _story.Command("vault", "create");
        await _program.RunAsync(["vault", "create"], cancellationToken);
    }

    /// <summary>Starts the stream and makes it part of every commit.</summary>
    private async Task<DemoStream> StreamAsync(CancellationToken cancellationToken)
    {
        _story.Chapter("The WAL stream: from now on a commit counts when its record is on disk here, too.");
        _story.Command("wal", "stream", Asset);
        var stream = await DemoStream.StartAsync(_program, cluster, Asset, session.Time, cancellationToken);
        _story.Fact($"synchronous_standby_names = '{stream.Slot}': a loss of the database loses nothing");
        return stream;
    }

    private async Task<JsonElement> BackupAsync(string text, CancellationToken cancellationToken)
    {
        _story.Chapter(text);
        _story.Command("backup", Asset);
        var backup = await _program.RunAsync(["backup", Asset], cancellationToken);
        _story.Fact(
            $"{Bytes(backup, "bytesRead")} read, {Bytes(backup, "bytesNew")} new, {Bytes(backup, "bytesStored")} stored, {Number(backup, "duration"):0.0} s"
        );
        return backup;
    }

    private async Task<JsonElement> VerifyAsync(CancellationToken cancellationToken)
    {
        _story.Chapter("Proven, not assumed: restored in isolation, replayed, checked and questioned.");
        _story.Command("verify", Asset);
        var verification = await _program.RunAsync(["verify", Asset], cancellationToken);
        foreach (var check in verification.GetProperty("checks").EnumerateArray())
            _story.Fact($"{check.GetProperty("name").GetString()}: {check.GetProperty("detail").GetString()}");
        return verification;
    }

    private async Task<long> DestroyAsync(CancellationToken cancellationToken)
    {
        _story.Chapter("The disaster: the server killed with -9 in the middle of its work, its files gone.");
        await cluster.DestroyAsync(cancellationToken);
        var destroyedAt = session.Time.GetTimestamp();
        _story.Fact(
            $"{_writers.Sum(writer => writer.Acknowledged):N0} transactions had been acknowledged to the writers"
        );
        return destroyedAt;
    }

    /// <summary>What is in the spool goes to the vault; then everything but vault and secret is removed, too.</summary>
    private async Task StopStreamAsync(DemoStream stream, CancellationToken cancellationToken)
    {
        await stream.StopAsync(cancellationToken);
        Directory.Delete(DemoPlan.StateFolder(folder), recursive: true);
        _story.Fact("this machine's spool and cache are gone, too: what is left is the vault, its secret and the plan");
    }

    private async Task RestoreAsync(CancellationToken cancellationToken)
    {
        _story.Chapter("Resurgam.");
        _story.Command("restore", Asset, "--to", cluster.DataDirectory, "--start");
        var restore = await _program.RunAsync(
            ["restore", Asset, "--to", cluster.DataDirectory, "--start"],
            cancellationToken
        );
        var point = restore.GetProperty("recoveredTo");
        _story.Fact($"recovered to {point.GetProperty("time").GetString()}, {point.GetProperty("lsn").GetString()}");
    }

    private async Task<DemoDocument> JudgeAsync(
        long began,
        long databaseBytes,
        JsonElement first,
        JsonElement second,
        JsonElement verification,
        TimeSpan recovery,
        CancellationToken cancellationToken
    )
    {
        _story.Chapter("Is every row there that a writer was told was committed?");
        await using var database = await cluster.ConnectAsync(DemoPlatform.Database, cancellationToken);
        var intact = 0L;
        foreach (var writer in _writers)
            intact += await writer.CountIntactAsync(database, cancellationToken);
        var committed = _writers.Sum(writer => writer.Acknowledged);
        var newest = await database.ScalarAsync(
            "select extract(epoch from max(occurred_at)) from audit_logs where writer is not null",
            cancellationToken
        );
        var lastRecovered = DateTimeOffset.UnixEpoch.AddSeconds(
            double.Parse(newest ?? "0", CultureInfo.InvariantCulture)
        );
        var lastAcknowledged = _writers.Max(writer => writer.AcknowledgedAt);
        var loss = committed == intact ? TimeSpan.Zero : lastAcknowledged - lastRecovered;
        var info = await _program.RunAsync(["vault", "info"], cancellationToken);
        return new DemoDocument(
            committed,
            intact,
            committed - intact,
            recovery.TotalSeconds,
            Math.Max(0, loss.TotalSeconds),
            databaseBytes,
            info.GetProperty("sizeBytes").GetInt64(),
            first.GetProperty("bytesStored").GetInt64(),
            second.GetProperty("bytesStored").GetInt64(),
            verification.GetProperty("passed").GetBoolean(),
            verification.GetProperty("duration").GetDouble(),
            session.Time.GetElapsedTime(began).TotalSeconds,
            await database.ScalarAsync("show server_version", cancellationToken) ?? "",
            folder
        );
    }

    private Task StartWriters(CancellationToken cancellationToken)
    {
        for (var number = 1; number <= Writers; number++)
            _writers.Add(new DemoWriter(number, cluster.SettingsFor(DemoPlatform.Database), session.Time));
        return Task.WhenAll(_writers.Select(writer => writer.RunAsync(cancellationToken)));
    }

    private static ByteSize Bytes(JsonElement document, string name) => new(document.GetProperty(name).GetInt64());

    private static double Number(JsonElement document, string name) => document.GetProperty(name).GetDouble();
}
