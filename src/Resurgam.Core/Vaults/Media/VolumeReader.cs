using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Resurgam.Core.Vaults.Media;

/// <summary>Reads one volume from its start to its end, and goes on behind what is damaged.</summary>
internal sealed class VolumeReader(Stream input) : IDisposable
{
    /// <summary>More than any object of a vault has: a damaged length must not become memory.</summary>
    private const int MostMemberBytes = 512 << 20;

    /// <summary>What is given up around a place that cannot be read.</summary>
    private const int SkippedBytes = 64 << 10;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _block = new byte[TarHeader.BlockBytes];
    private byte[] _bytes = [];
    private string? _unreadable;
    private bool _isAtEnd;

    /// <summary>Its end was reached, and was the one that was written.</summary>
    public bool IsWhole { get; private set; }

    public long LengthBytes { get; private set; }

    /// <summary>Of all that was read; once, when nothing comes any more.</summary>
    public BlobId TakeDigest() => BlobId.From(_hash.GetHashAndReset());

    /// <summary>All members in their order. The bytes of one are valid until the next.</summary>
    public async IAsyncEnumerable<VolumeMember> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BlobId? digest = null;
        var lost = 0L;
        var hasEnd = false;
        while (await FillAsync(_block, cancellationToken))
        {
            if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                if (!await FillAsync(_block, cancellationToken))
                    break;
                // Without the end that we write last, zeros were written over something.
                if (hasEnd && !_block.AsSpan().ContainsAnyExcept((byte)0))
                {
                    IsWhole = lost == 0;
                    await FinishAsync(cancellationToken);
                    break;
                }
                lost += TarHeader.BlockBytes;
            }
            if (!TarHeader.TryRead(_block, out var header) || header.LengthBytes > MostMemberBytes)
            {
                lost += TarHeader.BlockBytes;
                continue;
            }
            if (lost > 0)
                yield return Damage(lost);
            lost = 0;
            var bytes = Reserve((int)TarHeader.Padded(header.LengthBytes));
            var isThere = await FillAsync(bytes, cancellationToken);
            bytes = bytes[..(int)header.LengthBytes];
            if (header.Type == TarHeader.PaxType)
            {
                digest = isThere && TarDigest.TryRead(bytes.Span, out var read) ? read : null;
                continue;
            }
            hasEnd = header.Name == MediaLabel.EndName;
            yield return new VolumeMember(header.Name, bytes, isThere ? FaultOf(bytes.Span, digest) : "it is cut off");
            digest = null;
        }
        if (lost > 0)
            yield return Damage(lost);
        if (!IsWhole)
            yield return new VolumeMember(null, default, _unreadable ?? "it has no end: the rest is missing");
    }

    public void Dispose() => _hash.Dispose();

    private static VolumeMember Damage(long lostBytes) =>
        new(null, default, $"{lostBytes} bytes are no part of a tar archive");

    private string? FaultOf(ReadOnlySpan<byte> bytes, BlobId? digest)
    {
        if (digest is null)
            return "its checksum is lost";
        if (BlobId.Of(bytes) == digest)
            return null;
        return _unreadable ?? "its bytes do not match its checksum";
    }

    /// <summary>What pads the archive to its record belongs to the volume's checksum.</summary>
    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(_block, cancellationToken)) { }
    }

    private Memory<byte> Reserve(int lengthBytes)
    {
        if (_bytes.Length < lengthBytes)
            _bytes = GC.AllocateUninitializedArray<byte>(Math.Max(lengthBytes, 2 * _bytes.Length));
        return _bytes.AsMemory(0, lengthBytes);
    }

    /// <returns>False when the input ends before.</returns>
    private async Task<bool> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < buffer.Length && !_isAtEnd)
        {
            try
            {
                var read = await input.ReadAsync(buffer[filled..], cancellationToken);
                _isAtEnd = read == 0;
                filled += read;
            }
            catch (IOException e)
            {
                _unreadable = $"it cannot be read: {e.Message}";
                filled += Skip(buffer[filled..]);
            }
        }
        _hash.AppendData(buffer.Span[..filled]);
        LengthBytes += filled;
        return filled == buffer.Length;
    }

    /// <summary>A bad place on a disk: what lies behind it may be whole. A tape that fails is over.</summary>
    private int Skip(Memory<byte> rest)
    {
        if (!input.CanSeek)
        {
            _isAtEnd = true;
            return 0;
        }
        var skipped = Math.Min(rest.Length, SkippedBytes);
        rest.Span[..skipped].Clear();
        input.Seek(skipped, SeekOrigin.Current);
        return skipped;
    }
}

/// <param name="Name">Null: no member, but damage between two.</param>
/// <param name="Fault">Null: the bytes are as they were written.</param>
internal readonly record struct VolumeMember(string? Name, ReadOnlyMemory<byte> Bytes, string? Fault);
