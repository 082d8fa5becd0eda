using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Postgres.Wal;

/// <summary>When what is in the spool goes to the store. Segments are of 1 MiB, and a fragment is due after a second, or at 256 KiB after half of one.</summary>
public sealed class WalShipperTests : IDisposable
{
    private const int Kibi = 1 << 10;
    private static readonly DateTimeOffset Noon = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly Lsn Start = new(1 << 20);

    private readonly TemporaryFolder _folder = new();
    private readonly MemoryStore _store = new();
    private readonly WalMaker _wal = new(Start);
    private readonly WalSpool _spool;
    private readonly WalShipper _shipper;
    private int _written;

    public WalShipperTests()
    {
        while (_wal.End < Start + (4 << 20))
            _wal.AddRecord(20_000);
        (_spool, _shipper) = Make(_folder, limit: null);
    }

    private int Stored => _store.Objects.Count;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _spool.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_will_be_full_in_time_is_shipped_once_and_whole()
    {
        Write(10 * Kibi);
        await TickAsync(0);
        Assert.Equal(1, Stored);

        Write(700 * Kibi); // the other 314 KiB are 0.27 s away
        await TickAsync(0.6);
        Assert.Equal(1, Stored);
        Write(400 * Kibi);
        await TickAsync(0.9);

        Assert.Equal(1, Stored); // the segment, which has replaced its fragment
        Assert.Equal(Start + (1 << 20), _shipper.Shipped?.End);
    }

    [Fact]
    public async Task What_will_not_be_full_in_time_is_shipped_at_its_size()
    {
        Write(10 * Kibi);
        await TickAsync(0);
        Write(300 * Kibi);
        await TickAsync(0.4);
        Assert.Equal(1, Stored);
        await TickAsync(0.6);
        Assert.Equal(2, Stored);
    }

    [Fact]
    public async Task What_slows_down_is_shipped_when_it_will_not_be_full_in_time()
    {
        Write(10 * Kibi);
        await TickAsync(0);
        Write(700 * Kibi);
        await TickAsync(0.6);
        Assert.Equal(1, Stored);
        await TickAsync(0.8);
        Assert.Equal(2, Stored);
    }

    /// <summary>Its bytes are no older than the look at which it was not yet there, however long ago the last fragment was.</summary>
    [Fact]
    public async Task The_time_of_a_new_segment_begins_with_it()
    {
        Write(10 * Kibi);
        await TickAsync(0);
        await TickAsync(5);
        Write(1100 * Kibi);
        await TickAsync(5.1);
        Assert.Equal(Start + (1 << 20), _shipper.Shipped?.End);

        await TickAsync(5.9);
        Assert.Equal(Start + (1 << 20), _shipper.Shipped?.End);
        await TickAsync(6);
        Assert.Equal(Start + (ulong)_written, _shipper.Shipped?.End);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_makes_what_is_here_due_once()
    {
        Write(10 * Kibi);
        await TickAsync(3600);
        Write(10 * Kibi);
        await TickAsync(0);
        Assert.Equal(2, Stored);

        Write(10 * Kibi);
        await TickAsync(0.9);
        Assert.Equal(2, Stored);
        await TickAsync(1);
        Assert.Equal(3, Stored);
    }

    [Fact]
    public async Task The_next_segment_finds_a_file_that_is_ready()
    {
        Write(10 * Kibi);
        Assert.Empty(Spares());
        await TickAsync(0);
        var spare = Assert.Single(Spares());
        Assert.Equal(1 << 20, new FileInfo(spare).Length);

        Write(1100 * Kibi);

        Assert.Empty(Spares());
        Assert.Equal([true, false], _spool.List().Select(segment => segment.IsClosed));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    public async Task A_file_that_is_ready_takes_no_room_from_what_is_written(int limitMebi, int spares)
    {
        using TemporaryFolder folder = new();
        var (spool, shipper) = Make(folder, new ByteSize(limitMebi << 20));
        using var _ = spool;
        spool.Write(Start, _wal.ToArray().AsSpan(0, 10 * Kibi));
        spool.Sync();

        await shipper.TickAsync(Noon, Token);

        Assert.Equal(spares, Directory.GetFiles(folder.FullPath, "spare-*").Length);
    }

    private (WalSpool Spool, WalShipper Shipper) Make(TemporaryFolder folder, ByteSize? limit)
    {
        var spool = WalSpool.Open(folder.FullPath, PostgresWalForm.Instance, limit);
        spool.Expect(new WalIdentity(_wal.SystemIdentifier, 1 << 20));
        spool.BeginAt(1, Start);
        var settings = new StreamSettings { Asset = "db", Folder = folder.FullPath };
        var key = SealingKey.Create(new SeededEntropy(1));
        WalArchive archive = new("db", [new WalPlace(_store, "wal/", key)]);
        return (
            spool,
            new WalShipper(
                spool,
                PostgresWalForm.Instance,
                settings,
                _ => ValueTask.FromResult(archive),
                TimeProvider.System
            )
        );
    }

    private void Write(int countBytes)
    {
        _spool.Write(Start + (ulong)_written, _wal.ToArray().AsSpan(_written, countBytes));
        _spool.Sync();
        _written += countBytes;
    }

    /// <summary>All that is due at this time.</summary>
    private async Task TickAsync(double seconds)
    {
        while (await _shipper.TickAsync(Noon.AddSeconds(seconds), Token)) { }
    }

    private string[] Spares() => Directory.GetFiles(_folder.FullPath, "spare-*");
}
