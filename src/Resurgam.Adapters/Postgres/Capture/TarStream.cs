using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>Reads a tar archive forward, entry by entry. The caller reads each entry's content to its end.</summary>
/// <param name="tar">Behind it is a network: only read asynchronously.</param>
/// <param name="name">Of the archive, for messages.</param>
internal sealed class TarStream(Stream tar, string name)
{
    private readonly byte[] _block = new byte[TarEntry.BlockBytes];
    private TarEntry? _current;
    private long _left;

    /// <returns>Null at the end of the archive.</returns>
    /// <exception cref="ResurgamException">It is no archive, or is cut off.</exception>
    public async ValueTask<TarEntry?> NextAsync(CancellationToken cancellationToken)
    {
        Require.That(_left == 0, "a tar entry is read to its end before the next");
        if (_current is { PaddingBytes: > 0 and var padding })
            await FillAsync(_block.AsMemory(0, padding), cancellationToken);
        await FillAsync(_block, cancellationToken);
        _current = TarEntry.IsEnd(_block) ? null : TarEntry.Read(_block);
        _left = _current?.SizeBytes ?? 0;
        return _current;
    }

    /// <summary>Fills the buffer from the current entry, which has to have that much left.</summary>
    public async ValueTask ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Require.That(buffer.Length <= _left, "no more is read of a tar entry than it has");
        await FillAsync(buffer, cancellationToken);
        _left -= buffer.Length;
    }

    private async ValueTask FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await tar.ReadExactlyAsync(buffer, cancellationToken);
        }
        catch (EndOfStreamException)
        {
            throw PostgresFormatProblems.BadBackup(
                _current is null ? $"{name} ends without an end" : $"{name} ends in or after {_current.Path}"
            );
        }
    }
}
