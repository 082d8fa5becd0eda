using System.Threading.Channels;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>Something to store, with the bytes of it in a buffer of the queue.</summary>
internal abstract class Piece
{
    public required byte[] Buffer { get; init; }

    /// <param name="scratch">Of this lane, as long as a chunk.</param>
    public abstract Task StoreAsync(ContentLane lane, Memory<byte> scratch, CancellationToken cancellationToken);
}

/// <summary>Between one reader and several lanes, which hash, compress and seal. Its buffers are all the memory there is.</summary>
internal sealed class StoreQueue
{
    private readonly Channel<Piece> _pieces = Channel.CreateUnbounded<Piece>();
    private readonly Channel<byte[]> _buffers = Channel.CreateUnbounded<byte[]>();
    private readonly SnapshotWriter _snapshot;
    private readonly int _lanes;
    private readonly int _chunkBytes;

    public StoreQueue(SnapshotWriter snapshot, int lanes, int chunkBytes, int bufferBytes)
    {
        (_snapshot, _lanes, _chunkBytes, BufferBytes) = (snapshot, lanes, chunkBytes, bufferBytes);
        // One is stored and one waits for each lane, and one is filled.
        for (var buffer = 0; buffer <= 2 * lanes; buffer++)
            Return(new byte[bufferBytes]);
    }

    public int BufferBytes { get; }

    /// <summary>Waits for a buffer that nobody uses.</summary>
    public ValueTask<byte[]> RentAsync(CancellationToken cancellationToken) =>
        _buffers.Reader.ReadAsync(cancellationToken);

    /// <summary>Hands a piece over, and its buffer with it.</summary>
    public void Add(Piece piece) => _pieces.Writer.TryWrite(piece);

    /// <summary>Runs the reader and the lanes until all is stored. The first failure ends them all.</summary>
    public Task RunAsync(Func<CancellationToken, Task> readAsync, CancellationToken cancellationToken)
    {
        var readerAndLanes = _lanes + 1;
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = readerAndLanes,
            CancellationToken = cancellationToken,
        };
        return Parallel.ForAsync(
            0,
            readerAndLanes,
            parallel,
            async (number, token) =>
            {
                if (number > 0)
                {
                    await StoreAllAsync(token);
                    return;
                }
                await readAsync(token);
                _pieces.Writer.Complete();
            }
        );
    }

    private async Task StoreAllAsync(CancellationToken cancellationToken)
    {
        using var lane = _snapshot.OpenLane();
        var scratch = new byte[_chunkBytes];
        await foreach (var piece in _pieces.Reader.ReadAllAsync(cancellationToken))
        {
            await piece.StoreAsync(lane, scratch, cancellationToken);
            Return(piece.Buffer);
        }
        lane.Flush();
    }

    private void Return(byte[] buffer) => _buffers.Writer.TryWrite(buffer);
}
