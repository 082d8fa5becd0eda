using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;

namespace Resurgam.Adapters.Postgres.Recovery;

/// <summary>Serves a <see cref="WalFeed"/> on a unix socket to <c>resurgam wal fetch</c>, PostgreSQL's restore_command.</summary>
/// <remarks>
/// PostgreSQL runs as a user who may open neither plan nor vault: whoever restores keeps the vault open and hands the
/// segments over. A request is a file name, a space and the server's system identifier where that is known, with a target
/// a space and <see cref="TargetWord"/>, and a line break; the answer one of <see cref="WalAnswer"/>, a length (8 bytes,
/// little endian), and as many bytes: the file, or where it waits to be renamed, or an error's text.
/// </remarks>
public sealed class WalFeedServer : IAsyncDisposable
{
    public const int MaxRequestBytes = 128;

    /// <summary>The server that asks has a recovery target, and takes the end of its WAL for a failure before that is reached.</summary>
    internal const string TargetWord = "target";

    private readonly WalFeed _feed;
    private readonly Socket _listener;
    private readonly string _path;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private long _lastRequestAt;
    private readonly TimeProvider _time;

    private WalFeedServer(WalFeed feed, string path, Socket listener, TimeProvider time)
    {
        (_feed, _path, _listener, _time) = (feed, path, listener, time);
        _lastRequestAt = time.GetTimestamp();
        _serving = ServeAsync(_stop.Token);
    }

    /// <summary>How long nobody has asked for anything.</summary>
    public TimeSpan Idle => _time.GetElapsedTime(Interlocked.Read(ref _lastRequestAt));

    /// <param name="feed">Disposed of with the server.</param>
    /// <param name="path">At most 107 bytes; the file's owner and folder decide who may ask.</param>
    public static WalFeedServer Start(WalFeed feed, string path, TimeProvider time)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        return new WalFeedServer(feed, path, listener, time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _feed.Dispose();
        _stop.Dispose();
        File.Delete(_path);
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptAsync(cancellationToken);
                Interlocked.Exchange(ref _lastRequestAt, _time.GetTimestamp());
                await AnswerAsync(client, cancellationToken);
            }
        }
        catch (Exception e)
            when (e is OperationCanceledException or SocketException && cancellationToken.IsCancellationRequested)
        {
            // Stopped by DisposeAsync: the wait is cancelled, or its socket is closed first.
        }
    }

    /// <summary>One client at a time: recovery asks for one segment after the other.</summary>
    private async Task AnswerAsync(Socket client, CancellationToken cancellationToken)
    {
        try
        {
            await using NetworkStream stream = new(client);
            var request = await ReadRequestAsync(stream, cancellationToken);
            var (answer, bytes) = await FindAsync(request, cancellationToken);
            var head = new byte[9];
            head[0] = (byte)answer;
            BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(1), bytes.Length);
            await stream.WriteAsync(head, cancellationToken);
            await stream.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException)
        {
            // The client is gone: its server was stopped, and asks again when it is back.
        }
    }

    private async Task<(WalAnswer Answer, ReadOnlyMemory<byte> Bytes)> FindAsync(
        string request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var words = request.Split(' ');
            ulong? identifier =
                words.Length > 1 && ulong.TryParse(words[1], CultureInfo.InvariantCulture, out var known)
                    ? known
                    : null;
            return await _feed.FindAsync(words[0], identifier, words is [.., TargetWord], cancellationToken) switch
            {
                null => (WalAnswer.Absent, default),
                { Path: { } path } => (WalAnswer.Ready, Encoding.UTF8.GetBytes(path)),
                var file => (WalAnswer.Found, file.Bytes),
            };
        }
        catch (ResurgamException e)
        {
            var answer = e.Problem.Code is WalProblems.GapCode or WalProblems.DamagedCode
                ? WalAnswer.Gap
                : WalAnswer.Failed;
            return (answer, Encoding.UTF8.GetBytes(e.Problem.ToString()));
        }
    }

    private static async Task<string> ReadRequestAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var name = new byte[MaxRequestBytes];
        for (var length = 0; length < name.Length; )
        {
            var read = await stream.ReadAsync(name.AsMemory(length), cancellationToken);
            length += read;
            if (read == 0 || name[length - 1] == '\n')
                return Encoding.ASCII.GetString(name, 0, Math.Max(0, length - 1));
        }
        return "";
    }
}

/// <summary>First byte of an answer.</summary>
internal enum WalAnswer : byte
{
    Found = (byte)'F',

    /// <summary>It waits in a file: the rest is its path.</summary>
    Ready = (byte)'R',
    Absent = (byte)'A',
    Failed = (byte)'E',

    /// <summary>It is missing, and there is more behind it, or damaged. The rest is an error's text.</summary>
    Gap = (byte)'G',
}
