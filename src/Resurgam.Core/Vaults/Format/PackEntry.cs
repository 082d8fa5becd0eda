namespace Resurgam.Core.Vaults.Format;

/// <summary>Where one blob lies in its pack.</summary>
/// <param name="Id">SHA-256 of the plain, uncompressed bytes.</param>
/// <param name="Type">What the blob is.</param>
/// <param name="Offset">Of the sealed bytes, from the beginning of the pack.</param>
/// <param name="Length">Of the sealed bytes: 32 more than what was sealed.</param>
/// <param name="PlainLength">0 when the blob is stored uncompressed, else its length after decompression.</param>
public readonly record struct PackEntry(BlobId Id, BlobType Type, uint Offset, uint Length, uint PlainLength)
{
    /// <summary>Length of the plain bytes, compressed or not.</summary>
    public int ContentLength => (int)(PlainLength > 0 ? PlainLength : Length - Sealing.SealingKey.OverheadBytes);
}
