using System.Security.Cryptography;

namespace Resurgam.Core.Vaults.Media;

/// <summary>Writes one volume: a tar archive whose members carry their SHA-256, one after the other, never back.</summary>
internal sealed class VolumeWriter(Stream output, DateTimeOffset at) : IDisposable
{
    /// <summary>What stock tar pads an archive to: its default of 20 blocks.</summary>
    private const int RecordBytes = 20 * TarHeader.BlockBytes;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _blocks = new byte[3 * TarHeader.BlockBytes];

    public long LengthBytes { get; private set; }

    /// <summary>What a member of that length takes.</summary>
    public static long RoomOf(long lengthBytes) => (3 * TarHeader.BlockBytes) + TarHeader.Padded(lengthBytes);

    /// <summary>What the end takes at most.</summary>
    public const int RoomOfEnd = RecordBytes + (2 * TarHeader.BlockBytes);

    public async Task AddAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _blocks.AsSpan().Clear();
        new TarHeader("PaxHeaders/sha256", TarDigest.LengthBytes, TarHeader.PaxType).Write(
            _blocks.AsSpan(0, TarHeader.BlockBytes),
            at
        );
        TarDigest.Write(BlobId.Of(bytes.Span)).CopyTo(_blocks, TarHeader.BlockBytes);
        new TarHeader(name, bytes.Length, TarHeader.FileType).Write(_blocks.AsSpan(2 * TarHeader.BlockBytes), at);
        await WriteAsync(_blocks, cancellationToken);
        await WriteAsync(bytes, cancellationToken);
        _blocks.AsSpan().Clear();
        await WriteAsync(_blocks.AsMemory(0, (int)(TarHeader.Padded(bytes.Length) - bytes.Length)), cancellationToken);
    }

    /// <returns>The SHA-256 of the whole volume.</returns>
    public async Task<BlobId> EndAsync(CancellationToken cancellationToken)
    {
        var end = LengthBytes + (2 * TarHeader.BlockBytes);
        var padding = (RecordBytes - (end % RecordBytes)) % RecordBytes;
        await WriteAsync(new byte[(2 * TarHeader.BlockBytes) + padding], cancellationToken);
        await output.FlushAsync(cancellationToken);
        return BlobId.From(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _hash.AppendData(bytes.Span);
        await output.WriteAsync(bytes, cancellationToken);
        LengthBytes += bytes.Length;
    }
}
