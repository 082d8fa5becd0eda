using System.Diagnostics;
using System.Globalization;
using Resurgam.Adapters.Runs;
using Resurgam.Adapters.Wal;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres.Wal;

/// <summary>Commits wait for a stream whose process is gone, or does nothing: its watchdog is a process of its own.</summary>
public sealed class GuardTests
{
    private const int Stop = 19;
    private const int Continue = 18;
    private const int Terminate = 15;

    /// <summary>As the plan has it.</summary>
    private const int WaitSeconds = 2;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_returns_though_the_stream_is_killed_or_stopped_and_the_stream_joins_again(bool isKilled)
    {
        await using var world = await CreateAsync();
        await using var stream = await StartAsync(world);
        var guard = Word(world).ProcessId;
        Assert.NotEqual(stream.Id, guard);
        stream.Signal(Stop);
        var commit = world.Server.QueryAsync("CREATE TABLE t (id int)", Token);
        await world.Server.WaitForAsync(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
            "1",
            Token
        );
        if (isKilled)
            stream.Kill();

        await commit.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token); // without a watchdog it would wait for ever
        Assert.Equal("", await SetAsync(world));

        if (!isKilled)
        {
            stream.Signal(Continue);
            await WaitForSetAsync(world, ClusterWorld.Slot);
            Assert.True(DrillFolder.IsRunning(guard));
            return;
        }
        await Eventually.HoldsAsync("the orphan is gone", () => !DrillFolder.IsRunning(guard), Token);
        await using var next = world.Start("wal", "stream", ClusterWorld.Asset);
        await WaitForSetAsync(world, ClusterWorld.Slot);
        await world
            .Server.QueryAsync("CREATE TABLE u (id int)", Token)
            .WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    [Fact]
    public async Task An_orphan_that_nobody_waited_for_makes_room_for_the_next_stream()
    {
        await using var world = await CreateAsync();
        await using var stream = await StartAsync(world);
        var first = Word(world).ProcessId;
        stream.Kill();

        await using var next = world.Start("wal", "stream", ClusterWorld.Asset);
        await Eventually.HoldsAsync("another guard has said a word", () => Word(world).ProcessId != first, Token);
        await Eventually.HoldsAsync("the orphan is gone", () => !DrillFolder.IsRunning(first), Token);
        Assert.Equal(ClusterWorld.Slot, await SetAsync(world));
        await world
            .Server.QueryAsync("CREATE TABLE t (id int)", Token)
            .WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        Assert.Equal(ClusterWorld.Slot, await SetAsync(world));
    }

    [Fact]
    public async Task A_guard_that_is_killed_is_started_again()
    {
        await using var world = await CreateAsync();
        await using var stream = await StartAsync(world);
        var first = Word(world).ProcessId;

        using (var guard = Process.GetProcessById(first))
            guard.Kill();

        await Eventually.HoldsAsync(
            "another guard has said a word",
            () => Word(world).ProcessId is var now && now != first && now != stream.Id,
            Token
        );
        Assert.Equal(ClusterWorld.Slot, await SetAsync(world));
    }

    /// <summary>The daemon lives on, and with it what the old guard hears of the stream's end by.</summary>
    [Fact]
    public async Task A_guard_makes_room_for_that_of_another_plan()
    {
        await using var world = await CreateAsync();
        await using var daemon = await StartAsync(world, "serve", "--listen", "none");
        var first = Word(world).ProcessId;

        await WritePlanAsync(world, WaitSeconds + 1);
        await daemon.WaitForLineAsync("the plan has changed", Token);

        await Eventually.HoldsAsync("another guard has said a word", () => Word(world).ProcessId != first, Token);
        await Eventually.HoldsAsync("the first is gone", () => !DrillFolder.IsRunning(first), Token);
        Assert.Equal(ClusterWorld.Slot, await SetAsync(world));
        await world
            .Server.QueryAsync("CREATE TABLE t (id int)", Token)
            .WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    [Fact]
    public async Task A_stream_that_is_told_to_stop_leaves_the_set_and_the_next_one_joins_again()
    {
        await using var world = await CreateAsync();
        await using var stream = await StartAsync(world);

        stream.Signal(Terminate);
        Assert.Equal(0, (await stream.WaitForExitAsync(Token)).ExitCode);

        await WaitForSetAsync(world, "");
        await world
            .Server.QueryAsync("CREATE TABLE t (id int)", Token)
            .WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        await using var next = world.Start("wal", "stream", ClusterWorld.Asset);
        await WaitForSetAsync(world, ClusterWorld.Slot);
    }

    /// <summary>Nobody is left to leave the set: that has to be seen wherever one looks.</summary>
    [Fact]
    public async Task Commits_that_wait_for_ever_are_told()
    {
        await using var world = await CreateAsync();
        await using var stream = await StartAsync(world);
        var guard = Word(world).ProcessId;
        Send(guard, Stop);
        stream.Kill();
        var commit = world.Server.QueryAsync("CREATE TABLE t (id int)", Token);
        await world.Server.WaitForAsync(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
            "1",
            Token
        );

        await Eventually.HoldsAsync(
            () => "wal status does not tell",
            async () =>
            {
                var exit = await world.TryRunAsync("wal", "status", ClusterWorld.Asset);
                return exit.ExitCode == 30 // a status of the killed stream counts for a moment
                    && exit.Output.Contains("1 at this moment", StringComparison.Ordinal)
                    && exit.Output.Contains("wait for ever", StringComparison.Ordinal)
                    && exit.Output.Contains("wal-commits-wait", StringComparison.Ordinal);
            },
            Token
        );
        var status = await world.TryRunAsync("status");
        Assert.Contains("commits wait for 'resurgam_db'", status.Output, StringComparison.Ordinal);

        using (var stopped = Process.GetProcessById(guard))
            stopped.Kill();
        await using var next = world.Start("wal", "stream", ClusterWorld.Asset);
        await commit.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
    }

    private static async Task<ClusterWorld> CreateAsync()
    {
        PostgresServerOptions options = new() { Settings = [$"synchronous_standby_names = '{ClusterWorld.Slot}'"] };
        var world = await ClusterWorld.CreateStreamedAsync(ClusterWorld.Major, options, Token);
        await WritePlanAsync(world, WaitSeconds);
        return world;
    }

    private static Task WritePlanAsync(ClusterWorld world, int waitSeconds) =>
        world.WriteStreamedPlanAsync(
            "plan.yaml",
            world.Server.ConnectionString,
            $"    wal: {{ synchronous-wait: {waitSeconds}s }}"
        );

    /// <summary>A stream that commits wait for, and that is watched.</summary>
    private static Task<ResurgamProcess> StartAsync(ClusterWorld world) =>
        StartAsync(world, "wal", "stream", ClusterWorld.Asset);

    private static async Task<ResurgamProcess> StartAsync(ClusterWorld world, params string[] arguments)
    {
        var stream = world.Start(arguments);
        await world.Server.WaitForAsync("SELECT sync_state FROM pg_stat_replication", "sync", Token);
        await Eventually.HoldsAsync(
            "the watchdog has said a word",
            () => WatchdogWord.Find(Spool(world)) is { IsSynchronous: true },
            Token
        );
        return stream;
    }

    private static string Spool(ClusterWorld world) => Path.Combine(world.Folder, "state", "wal", ClusterWorld.Asset);

    private static WatchdogWord Word(ClusterWorld world)
    {
        var word = WatchdogWord.Find(Spool(world));
        Assert.NotNull(word);
        return word;
    }

    private static Task<string?> SetAsync(ClusterWorld world) =>
        world.Server.ScalarAsync("SHOW synchronous_standby_names", Token);

    private static Task WaitForSetAsync(ClusterWorld world, string set) =>
        world.Server.WaitForAsync("SHOW synchronous_standby_names", set, Token);

    private static void Send(int processId, int signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
