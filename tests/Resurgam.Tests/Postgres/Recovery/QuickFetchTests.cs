using Resurgam.Adapters.Postgres.Recovery;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;
using Resurgam.Wal;

namespace Resurgam.Tests.Postgres.Recovery;

public sealed class QuickFetchTests : IDisposable
{
    private const string Plan = "/etc/resurgam/plan.yaml";
    private const string Target = "pg_wal/RECOVERYXLOG";

    private readonly TemporaryFolder _server = new();
    private readonly MemoryStore _store = new();

    public QuickFetchTests() => Directory.CreateDirectory(_server.Combine("pg_wal"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string SocketPath => _server.Combine("feed");

    private string NoticePath => _server.Combine("pg_wal/resurgam.ahead/feed");

    [Fact]
    public async Task What_the_feed_has_is_brought_without_the_plan()
    {
        await using var feed = await ServeAsync();
        for (byte number = 1; number <= 5; number++)
        {
            Assert.Equal(0, await RunAsync("wal", "fetch", "db", Name(number), Target));
            Assert.Equal(ServedWal.Segment(number), await File.ReadAllBytesAsync(_server.Combine(Target), Token));
        }
        Assert.Equal(1, await RunAsync("wal", "fetch", "db", Name(6), Target));
        Assert.Equal(0, await RunAsync("--plan", Plan, "wal", "fetch", "db", Name(1), Target));
        Assert.Equal(0, await RunAsync("wal", "fetch", "--socket", SocketPath, Name(2), Target));
    }

    [Fact]
    public async Task Another_asset_another_plan_and_any_option_take_the_long_way()
    {
        await using var feed = await ServeAsync();
        Assert.Null(await RunAsync("wal", "fetch", "other", Name(1), Target));
        Assert.Null(await RunAsync("--plan", "/etc/other.yaml", "wal", "fetch", "db", Name(1), Target));
        Assert.Null(await RunAsync("wal", "fetch", "db", Name(1), Target, "--verbose"));
        Assert.Null(await RunAsync("wal", "fetch", "--socket", SocketPath, Name(1), "--help"));
        Assert.Null(await RunAsync("wal", "status", "db"));
        Assert.Null(await RunAsync());
        Assert.False(File.Exists(_server.Combine(Target)));
    }

    [Fact]
    public async Task Failures_are_left_to_the_long_way_which_tells_them()
    {
        Assert.Null(await RunAsync("wal", "fetch", "db", Name(1), Target));
        Assert.Null(await RunAsync("wal", "fetch", "--socket", SocketPath, Name(1), Target));
        await using (await ServeAsync())
        {
            Assert.Null(await RunAsync("wal", "fetch", "db", Name(1), "gone/RECOVERYXLOG"));
            foreach (var key in _store.Objects.Keys.ToList())
                _store.Overwrite(key, new byte[100]);
            Assert.Null(await RunAsync("wal", "fetch", "db", Name(1), Target));
            await File.WriteAllTextAsync(NoticePath, $"{Plan}\ndb\n{SocketPath}", Token); // its last line is half written
            Assert.Null(FeedNotice.Find(_server.Combine("pg_wal")));
        }
        Assert.False(File.Exists(NoticePath));
        Assert.Null(await RunAsync("wal", "fetch", "db", Name(1), Target));
    }

    public void Dispose() => _server.Dispose();

    private static string Name(byte number) => new WalSegment(1, number, ServedWal.SegmentSizeBytes).FileName;

    private Task<int?> RunAsync(params string[] arguments) =>
        Task.Run(() => QuickFetch.TryRun(arguments, Plan, _server.FullPath), Token);

    private async Task<WalFeedServer> ServeAsync()
    {
        AheadFolder ahead = new(_server.Combine("pg_wal"), owner: null);
        var feed = await ServedWal.StartAsync(_store, ahead, SocketPath);
        ahead.Announce(new FeedNotice(Plan, "db", SocketPath));
        return feed;
    }
}
