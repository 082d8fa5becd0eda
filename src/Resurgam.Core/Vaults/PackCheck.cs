using System.Runtime.InteropServices;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Hashing;
using Resurgam.Core.Vaults.Index;
using Resurgam.Core.Vaults.Repositories;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults;

/// <summary>Reads packs one after the other: their headers, every blob, and that the index agrees. Not thread-safe: one for each worker.</summary>
/// <remarks>A pack's name is not computed again: each byte is under a seal or counted, which SHA-256 over all of them adds nothing to.</remarks>
/// <param name="add">Takes what is damaged, and how.</param>
/// <param name="count">Takes the bytes that were read.</param>
internal sealed class PackCheck(Repository repository, IEntropy entropy, Action<string, string> add, Action<int> count)
    : IDisposable
{
    /// <summary>Of a pack at once: large enough for a distant store, small enough for the processor's cache.</summary>
    private const int WindowBytes = 2 << 20;

    private readonly BlobCodec _codec = new(repository.Key, entropy);
    private readonly NativeBuffer _window = new(WindowBytes);
    private readonly NativeBuffer _plain = new(PieceIds.AtOnce * PieceIds.MostBytesTogether);

    public async Task RunAsync(NamedPack pack, CancellationToken cancellationToken)
    {
        var entries = await ReadHeaderAsync(pack, cancellationToken);
        if (PackSummary.Of(pack.Indexed.Id, entries) != pack.Indexed)
            NameDifferences(pack, entries);
        for (var next = 0; next < entries.Count; )
        {
            var first = next;
            long start = entries[first].Offset;
            long end;
            do end = (long)entries[next].Offset + entries[next].Length;
            while (++next < entries.Count && (long)entries[next].Offset + entries[next].Length - start <= WindowBytes);
            var window = _window.Reserve((int)(end - start));
            await ReadExactlyAsync(pack.Key, start, window, cancellationToken);
            for (int at = first, alike; at < next; at += alike)
            {
                alike = CountAlike(entries, at, next);
                CheckBlobs(window.Span, start, CollectionsMarshal.AsSpan(entries).Slice(at, alike), pack.Key);
            }
        }
    }

    public void Dispose()
    {
        _codec.Dispose();
        ((IDisposable)_window).Dispose();
        ((IDisposable)_plain).Dispose();
    }

    private async Task<List<PackEntry>> ReadHeaderAsync(NamedPack pack, CancellationToken cancellationToken)
    {
        var length = PackHeader.StoredTailBytes(Math.Min(pack.Indexed.Blobs, PackHeader.MaxEntries));
        var tail = await ReadTailAsync(pack, Math.Min(length, pack.LengthBytes), cancellationToken);
        var sealedLength = PackHeader.ReadSealedLength(tail.Span, pack.LengthBytes);
        var start = pack.LengthBytes - PackHeader.LengthFieldBytes - sealedLength;
        if (pack.LengthBytes - start > tail.Length)
            tail = await ReadTailAsync(pack, pack.LengthBytes - start, cancellationToken);
        var header = _plain.Reserve(sealedLength - SealingKey.OverheadBytes).Span;
        var sealedHeader = tail.Span[^(sealedLength + PackHeader.LengthFieldBytes)..^PackHeader.LengthFieldBytes];
        if (!repository.Key.TryOpen(sealedHeader, header))
            throw VaultProblems.Damaged(pack.Key, "the seal of its header is broken");
        var entries = PackHeader.Read(header);
        var end = (long)entries[^1].Offset + entries[^1].Length;
        return end == start
            ? entries
            : throw VaultProblems.Damaged(pack.Key, $"its blobs end at {end}, and its header begins at {start}");
    }

    private async Task<Memory<byte>> ReadTailAsync(
        NamedPack pack,
        long lengthBytes,
        CancellationToken cancellationToken
    )
    {
        var tail = _window.Reserve((int)lengthBytes);
        await ReadExactlyAsync(pack.Key, pack.LengthBytes - lengthBytes, tail, cancellationToken);
        return tail;
    }

    private async Task ReadExactlyAsync(
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        var read = await repository.Store.ReadAsync(key, offset, buffer, cancellationToken);
        if (read < 0)
            throw VaultProblems.Missing(key);
        if (read < buffer.Length)
            throw VaultProblems.Damaged(key, $"it ends at {offset + read}, and was longer a moment ago");
        count(read);
    }

    private void NameDifferences(NamedPack pack, List<PackEntry> entries)
    {
        var found = 0;
        foreach (var entry in entries)
        {
            BlobLocation here = new(pack.Number, entry.Type, entry.Offset, entry.Length, entry.PlainLength);
            var indexed = repository.Index.Find(entry.Id);
            if (indexed is null)
                add(pack.Key, $"blob {entry.Id.Hex} is in the pack and not in the index");
            else if (indexed == here)
                found++;
        }
        if (found < pack.Indexed.Blobs)
            add(pack.Key, $"{pack.Indexed.Blobs - found} of the blobs that the index names are not there");
    }

    /// <summary>How many blobs from <paramref name="first"/> on have one length, and are hashed together.</summary>
    private static int CountAlike(List<PackEntry> entries, int first, int end)
    {
        var length = entries[first].ContentLength;
        var alike = 1;
        while (
            length <= PieceIds.MostBytesTogether
            && alike < PieceIds.AtOnce
            && first + alike < end
            && entries[first + alike].ContentLength == length
        )
            alike++;
        return alike;
    }

    /// <param name="blobs">All of one length.</param>
    private void CheckBlobs(ReadOnlySpan<byte> window, long start, ReadOnlySpan<PackEntry> blobs, string key)
    {
        var plain = _plain.Reserve(blobs.Length * blobs[0].ContentLength).Span;
        var wrong = new string?[blobs.Length];
        _codec.OpenAlike(window, start, blobs, plain, wrong);
        for (var i = 0; i < blobs.Length; i++)
            if (wrong[i] is { } how)
                add(key, $"blob {blobs[i].Id.Hex}: {how}");
    }
}

/// <summary>A pack that the index names and the store has.</summary>
/// <param name="Number">In the index.</param>
/// <param name="Indexed">What the index says of it.</param>
internal readonly record struct NamedPack(int Number, string Key, long LengthBytes, PackSummary Indexed);
