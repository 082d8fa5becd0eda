using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Resurgam.Adapters.Postgres.Recovery;
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
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
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

    public void Dispose() => _folder.Dispose();

    private Task<WalFetchOutcome> FetchAsync(ulong number) =>
        Task.Run(
            () =>
                WalFeedClient.Fetch(SocketPath, new WalSegment(1, number, ServedWal.SegmentSizeBytes).FileName, Target),
            Token
        );

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
