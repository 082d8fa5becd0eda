using System.Diagnostics;
using System.Globalization;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Survival;

/// <summary>kill -9 in the middle of the real program's work, at moments that a seed chooses.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Points = 6;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 180_000)]
    public async Task A_backup_killed_at_any_moment_leaves_only_snapshots_that_restore()
    {
        var random = TestSeed.NewRandom(output);
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await FillAsync(world.Server);
        var length = await MeasureAsync(() => world.RunAsync("backup", ClusterWorld.Asset));
        var taken = 1;
        for (var point = 0; point < Points; point++)
        {
            await Load.InsertAsync(world.Server, megabytes: 2, Token);
            var age = length * random.NextDouble();
            var isKilled = await world.KillAfterAsync(age, "backup", ClusterWorld.Asset);
            var snapshots = await world.SnapshotsAsync();
            output.WriteLine($"point {point}: {age.TotalMilliseconds:0} ms, {(isKilled ? "killed" : "ended")}");
            Assert.InRange(snapshots.Count, isKilled ? taken : taken + 1, taken + 1);
            taken = snapshots.Count;
            await world.RunAsync("vault", "check", "--read-data");
        }

        await world.RunAsync("backup", ClusterWorld.Asset);

        await world.AssertCleanAsync();
        foreach (var snapshot in await world.SnapshotsAsync())
            Directory.Delete(await world.RestoreVerifiedAsync(snapshot), recursive: true);
        Assert.Equal(await world.Server.QueryAsync(RowsOfAll, Token), await world.AskRestoredAsync(RowsOfAll));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_restore_killed_at_any_moment_goes_on_to_the_same_bytes()
    {
        var random = TestSeed.NewRandom(output);
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await FillAsync(world.Server);
        await world.RunAsync("backup", ClusterWorld.Asset);
        var first = "";
        var length = await MeasureAsync(async () => first = await world.RestoreVerifiedAsync(ClusterWorld.Asset));
        var expected = ClusterWorld.Fingerprint(first);
        for (var point = 0; point < Points; point++)
        {
            var target = world.NewTarget();
            string[] restore = ["restore", ClusterWorld.Asset, "--to", target];
            var age = length * random.NextDouble();
            var isKilled = await world.KillAfterAsync(age, restore);
            var wasControlThere = File.Exists(Path.Combine(target, "global/pg_control"));
            var wasMarked = File.Exists(Path.Combine(target, ".resurgam-restore"));
            output.WriteLine(
                $"point {point}: {age.TotalMilliseconds:0} ms, {(isKilled ? "killed" : "ended")}, marker {wasMarked}, pg_control {wasControlThere}"
            );
            if (!isKilled || (wasControlThere && !wasMarked))
            {
                Assert.Equal(expected, ClusterWorld.Fingerprint(target));
                continue;
            }

            await world.KillAfterAsync(length * random.NextDouble(), restore); // the second try dies, too
            if (
                Directory.Exists(target)
                && !File.Exists(Path.Combine(target, ".resurgam-restore"))
                && Directory.EnumerateFileSystemEntries(target).Any()
            )
                continue; // it was through
            await world.RunAsync(restore);

            await world.VerifyAsync(target);
            Assert.Equal(expected, ClusterWorld.Fingerprint(target));
            Directory.Delete(target, recursive: true);
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task A_restore_that_died_with_nothing_but_its_marker_written_goes_on()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        await FillAsync(world.Server);
        await world.RunAsync("backup", ClusterWorld.Asset);
        var target = world.NewTarget();
        string[] restore = ["restore", ClusterWorld.Asset, "--to", target];
        var marker = Path.Combine(target, ".resurgam-restore");
        for (var age = TimeSpan.FromMilliseconds(50); !File.Exists(marker); age += TimeSpan.FromMilliseconds(20))
        {
            Assert.True(await world.KillAfterAsync(age, restore), "the restore was through before it was killed");
        }
        foreach (var entry in new DirectoryInfo(target).EnumerateFileSystemInfos().Where(e => e.FullName != marker))
        {
            if (entry is DirectoryInfo folder)
                folder.Delete(recursive: true);
            else
                entry.Delete();
        }

        await world.RunAsync(restore);

        await world.VerifyAsync(target);
    }

    /// <summary>Commits wait for the stream. It dies again and again, then the server dies, too: every row that was acknowledged is there.</summary>
    [Fact(Timeout = 180_000)]
    public async Task A_stream_killed_at_any_moment_loses_no_acknowledged_row()
    {
        var random = TestSeed.NewRandom(output);
        await using var world = await ClusterWorld.CreateAsync(
            new PostgresServerOptions
            {
                Settings = [$"synchronous_standby_names = '{ClusterWorld.Slot}'"],
                Fsync = true,
            },
            TestContext.Current.CancellationToken
        );
        var stream = world.Start("wal", "stream", ClusterWorld.Asset);
        try
        {
            await WaitStreamingAsync(world);
            await world.Server.QueryAsync("CREATE TABLE acked (id int PRIMARY KEY)", Token);
            await world.RunAsync("backup", ClusterWorld.Asset);
            AckedWriter writer = new(world.Server);
            var writing = writer.RunAsync(Token);
            for (var point = 0; point < Points; point++)
            {
                var enough = writer.Acknowledged + random.Next(1, 400);
                await Eventually.HoldsAsync($"{enough} rows", () => writer.Acknowledged >= enough, Token);
                stream.Kill();
                await stream.DisposeAsync();
                output.WriteLine($"point {point}: killed at {writer.Acknowledged}");
                stream = world.Start("wal", "stream", ClusterWorld.Asset);
                await WaitStreamingAsync(world);
            }

            var last = writer.Acknowledged + 100;
            await Eventually.HoldsAsync($"{last} rows", () => writer.Acknowledged >= last, Token);
            await world.Server.KillAsync(Token);
            stream.Kill();
            await stream.DisposeAsync();
            await writing;
            stream = world.Start("wal", "stream", ClusterWorld.Asset); // without a server: it empties its spool
            await Eventually.HoldsAsync(
                "the stream runs",
                () => Status(world).Contains("waiting", StringComparison.OrdinalIgnoreCase),
                Token
            );
            stream.Signal(15);
            await stream.WaitForExitAsync(Token);

            var rows = await world.AskRestoredAsync("SELECT id FROM acked ORDER BY id", "--at", "latest");

            var ids = rows.Select(row => int.Parse(row[0]!, CultureInfo.InvariantCulture)).ToList();
            output.WriteLine($"{writer.Acknowledged} acknowledged, {ids.Count} recovered");
            Assert.Equal(Enumerable.Range(1, ids.Count), ids);
            Assert.InRange(ids.Count, writer.Acknowledged, writer.Acknowledged + 1); // one may have been on its way
            await world.AssertCleanAsync();
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    private const string RowsOfAll =
        "SELECT (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM filled t), (SELECT count(*) FROM load), (SELECT sum(hashtext(filler)) FROM load)";

    private static async Task FillAsync(PostgresServer server) =>
        await server.QueryAsync(
            "CREATE TABLE filled AS SELECT i AS id, md5(i::text) AS a, repeat(md5((i * 7)::text), 4) AS b FROM generate_series(1, 150000) i",
            Token
        );

    private static async Task<TimeSpan> MeasureAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed;
    }

    private static Task WaitStreamingAsync(ClusterWorld world) =>
        world.Server.WaitForAsync(
            $"SELECT count(*) FROM pg_stat_replication WHERE application_name = '{ClusterWorld.Slot}' AND sync_state = 'sync' AND state = 'streaming'",
            "1",
            Token
        );

    private static string Status(ClusterWorld world)
    {
        var path = Path.Combine(world.Folder, "state/wal", ClusterWorld.Asset, "status.json");
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    /// <summary>One row after the other; what it was told is committed, it counts.</summary>
    private sealed class AckedWriter(PostgresServer server)
    {
        private int _acknowledged;

        public int Acknowledged => Volatile.Read(ref _acknowledged);

        /// <summary>Ends when the server does.</summary>
        public async Task RunAsync(CancellationToken cancellationToken)
        {
            try
            {
                await using var sql = await server.OpenAsync(cancellationToken);
                for (var id = 1; ; id++)
                {
                    await sql.QueryAsync(
                        string.Create(CultureInfo.InvariantCulture, $"INSERT INTO acked VALUES ({id})"),
                        cancellationToken
                    );
                    Volatile.Write(ref _acknowledged, id);
                }
            }
            catch (Core.Problems.ResurgamException)
            {
                // The server was killed: what it has acknowledged is counted.
            }
        }
    }
}
