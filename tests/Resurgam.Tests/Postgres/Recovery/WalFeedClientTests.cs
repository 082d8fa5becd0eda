using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Resurgam.Adapters.Postgres.Recovery;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Postgres.Recovery;

public sealed class WalFeedClientTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MemoryStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string SocketPath => _folder.Combine("feed");

    private string Target => _folder.Combine("RECOVERYXLOG");

    [Fact]
    public async Task Segments_arrive_at_the_target_whichever_way_they_come()
    {
        var walDirectory = Directory.CreateDirectory(_folder.Combine("pg_wal")).FullName;
        await using var server = await ServeAsync(new AheadFolder(walDirectory, owner: null));
        for (byte number = 1; number <= 5; number++)
        {
            Assert.Equal(WalFetchOutcome.Fetched, await FetchAsync(number));
            Assert.Equal(ServedWal.Segment(number), await File.ReadAllBytesAsync(Target, Token));
        }
        Assert.Equal(WalFetchOutcome.Absent, await FetchAsync(6));
    }

    /// <summary>Somebody clears the server's folder out while it recovers.</summary>
    [Fact]
    public async Task A_file_that_was_cleared_away_is_read_again()
    {
        using var listener = Listen();
        var fetching = FetchAsync(2);
        await AnswerAsync(listener, 'R', Encoding.UTF8.GetBytes(_folder.Combine("cleared/away")));
        await AnswerAsync(listener, 'F', ServedWal.Segment(2));

        Assert.Equal(WalFetchOutcome.Fetched, await fetching);
        Assert.Equal(ServedWal.Segment(2), await File.ReadAllBytesAsync(Target, Token));
    }

    [Fact]
    public async Task Nobody_serves_where_there_is_no_socket_and_where_one_was_left_behind()
    {
        Assert.Equal(WalFetchOutcome.NobodyServes, await FetchAsync(1));
        using (Socket left = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            left.Bind(new UnixDomainSocketEndPoint(SocketPath));
        Assert.Equal(WalFetchOutcome.NobodyServes, await FetchAsync(1));
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task A_failure_of_the_feed_is_told_in_its_words()
    {
        await using var server = await ServeAsync(ahead: null);
        foreach (var key in _store.Objects.Keys.ToList())
            _store.Overwrite(key, new byte[100]);
        var e = await Assert.ThrowsAsync<ResurgamException>(() => FetchAsync(2));
        Assert.Equal("wal-feed-failed", e.Problem.Code);
        Assert.Contains("authentication tag", e.Message, StringComparison.Ordinal);
    }

    /// <summary>A segment that the server has itself counts for all there is only when recovery goes on behind it.</summary>
    [Theory]
    [InlineData("whole", true)]
    [InlineData("begun", false)]
    [InlineData("of another place", false)]
    [InlineData("zeros", false)]
    [InlineData("none", false)]
    public async Task Where_the_vault_has_a_hole_a_server_goes_on_with_a_whole_segment_of_its_own(
        string own,
        bool isAbsent
    )
    {
        await File.WriteAllBytesAsync(_folder.Combine(Name(2)), Own(own), Token);
        if (own == "none")
            File.Delete(_folder.Combine(Name(2)));
        using var listener = Listen();
        var fetching = FetchAsync(2);
        await AnswerAsync(listener, 'G', "WAL of db is missing"u8.ToArray());

        if (isAbsent)
            Assert.Equal(WalFetchOutcome.Absent, await fetching);
        else
            Assert.Equal("wal-feed-failed", (await Assert.ThrowsAsync<ResurgamException>(() => fetching)).Problem.Code);
    }

    /// <summary>The vault has the beginning of a segment of which the backup has more.</summary>
    [Theory]
    [InlineData("whole", WalFetchOutcome.Absent)]
    [InlineData("begun", WalFetchOutcome.Absent)]
    [InlineData("zeros", WalFetchOutcome.Fetched)]
    [InlineData("of another place", WalFetchOutcome.Fetched)]
    public async Task What_the_server_has_itself_is_better_where_it_reaches_further(string own, WalFetchOutcome outcome)
    {
        await File.WriteAllBytesAsync(_folder.Combine(Name(2)), Own(own), Token);
        WalMaker less = new(new Lsn(2 * ServedWal.SegmentSizeBytes), ServedWal.SegmentSizeBytes);
        less.AddRecord(100);
        using var listener = Listen();
        var fetching = FetchAsync(2);
        await AnswerAsync(listener, 'F', Padded(less));

        Assert.Equal(outcome, await fetching);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Own(string which)
    {
        var at = which == "of another place" ? 1UL : 2UL;
        WalMaker wal = new(new Lsn(at * ServedWal.SegmentSizeBytes), ServedWal.SegmentSizeBytes);
        if (which == "zeros")
            return new byte[ServedWal.SegmentSizeBytes];
        wal.AddRecord(100);
        wal.AddRecord(20_000);
        if (which != "begun")
            wal.AddSwitch();
        return Padded(wal);
    }

    private static byte[] Padded(WalMaker wal) =>
        [.. wal.ToArray(), .. new byte[ServedWal.SegmentSizeBytes - wal.ToArray().Length]];

    private static string Name(ulong number) => new WalSegment(1, number, ServedWal.SegmentSizeBytes).FileName;

    private Socket Listen()
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        return listener;
    }

    private Task<WalFetchOutcome> FetchAsync(ulong number) =>
        Task.Run(() => WalFeedClient.Fetch(SocketPath, Name(number), Target), Token);

    private static async Task AnswerAsync(Socket listener, char answer, byte[] bytes)
    {
        using var client = await listener.AcceptAsync(Token);
        await new StreamReader(new NetworkStream(client)).ReadLineAsync(Token); // closing with it unread would be a reset
        var head = new byte[9];
        head[0] = (byte)answer;
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(1), bytes.Length);
        await client.SendAsync(head, Token);
        await client.SendAsync(bytes, Token);
    }

    private Task<WalFeedServer> ServeAsync(AheadFolder? ahead) => ServedWal.StartAsync(_store, ahead, SocketPath);
}
