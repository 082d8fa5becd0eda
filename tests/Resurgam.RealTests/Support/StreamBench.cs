using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Support;

/// <summary>A stream of a test's own: a spool in a temporary folder, a store in memory, and the server to compare with.</summary>
public sealed class StreamBench(PostgresServer server, IStore? store = null) : IAsyncDisposable
{
    public static readonly SealingKey Key = SealingKey.Create(new SeededEntropy(1));

    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-wal-").FullName;
    private readonly List<string> _told = [];
    private CancellationTokenSource? _stop;
    private Task? _running;

    public MemoryStore Memory { get; } = new();

    public IStore Store => store ?? Memory;

    public string Folder => _folder;

    public WalStream? Stream { get; private set; }

    public WalStreamSettings Settings { get; set; } =
        new()
        {
            Asset = "db",
            Folder = "",
            Slot = "resurgam",
            MaxBackoff = TimeSpan.FromMilliseconds(500),
        };

    public PostgresServer Server { get; set; } = server;

    /// <summary>Null: it runs here.</summary>
    public RunWatchdog? RunWatchdog { get; set; }

    public IReadOnlyList<string> Told
    {
        get
        {
            lock (_told)
                return [.. _told];
        }
    }

    public WalArchive Archive() => new("db", [new WalPlace(Store, "generations/2026-11/wal/", Key)]);

    public void Start()
    {
        var archive = Archive();
        Stream = WalStream.Open(
            Settings with
            {
                Folder = Settings.Folder.Length == 0 ? Path.Combine(_folder, "db") : Settings.Folder,
            },
            Server.Settings,
            _ => ValueTask.FromResult(archive),
            TimeProvider.System,
            words =>
            {
                lock (_told)
                    _told.Add(words);
            },
            RunWatchdog
        );
        _stop = new CancellationTokenSource();
        _running = Stream.RunAsync(_stop.Token);
    }

    /// <summary>The failure that ended the stream by itself.</summary>
    public Task RunAsync() => _running ?? Task.CompletedTask;

    /// <summary>Lets go of the spool after the stream has ended by itself.</summary>
    public async Task EndAsync()
    {
        await Assert.ThrowsAsync<Core.Problems.ResurgamException>(StopAsync);
    }

    public async Task StopAsync()
    {
        if (_stop is null)
            return;
        await _stop.CancelAsync();
        try
        {
            await _running!;
        }
        finally
        {
            await Stream!.DisposeAsync();
            _stop.Dispose();
            _stop = null;
        }
    }

    /// <summary>Waits until the status says so.</summary>
    public async Task WaitAsync(Func<WalStreamStatus, bool> isSo, CancellationToken cancellationToken, int seconds = 60)
    {
        var limit = DateTimeOffset.UtcNow.AddSeconds(seconds);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!isSo(Stream!.Status))
        {
            if (_running!.IsCompleted)
                await _running;
            Assert.True(DateTimeOffset.UtcNow < limit, $"in {seconds} s it only came to {Stream.Status}");
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Waits until all WAL that the server has now is in the store.</summary>
    public async Task<Lsn> WaitShippedAsync(CancellationToken cancellationToken)
    {
        var end = Lsn.Parse(await Server.ScalarAsync("SELECT pg_current_wal_flush_lsn()", cancellationToken));
        await WaitAsync(s => s.ShippedLsn is { } shipped && Lsn.Parse(shipped) >= end, cancellationToken);
        return end;
    }

    /// <summary>Compares what the store holds with the server's own files, byte for byte.</summary>
    /// <returns>How many segments were compared.</returns>
    public async Task<int> CompareAsync(Lsn until, CancellationToken cancellationToken)
    {
        var archive = Archive();
        var compared = 0;
        var coverage = await archive.CoverageAsync(cancellationToken);
        foreach (var timeline in coverage.Timelines)
        {
            Assert.Empty(timeline.Gaps);
            for (var lsn = timeline.Start; lsn < timeline.End; )
            {
                var size = (await archive.FindIdentityAsync(cancellationToken))!.SegmentSizeBytes;
                var segment = WalSegment.At(timeline.Timeline, lsn, size);
                lsn = segment.End;
                var path = Path.Combine(Server.DataDirectory, "pg_wal", segment.FileName);
                if (!File.Exists(path))
                    continue;
                var read = await archive.ReadSegmentAsync(timeline.Timeline, segment.Number, cancellationToken);
                Assert.NotNull(read);
                var theirs = await File.ReadAllBytesAsync(path, cancellationToken);
                var length = (int)(read.RealEnd - segment.Start);
                Assert.True(
                    theirs.AsSpan(0, length).SequenceEqual(read.Bytes.Span[..length]),
                    $"{segment.FileName} differs"
                );
                compared++;
            }
        }
        Assert.True(coverage.Timelines[^1].End >= until, $"{coverage.Timelines[^1].End} is before {until}");
        return compared;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop is not null)
        {
            try
            {
                await StopAsync();
            }
            catch (Core.Problems.ResurgamException)
            {
                // The test that wanted it to end so has looked at it.
            }
        }
        Directory.Delete(_folder, recursive: true);
    }
}
