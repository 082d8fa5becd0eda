using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Vaults.Index;

/// <summary>Where a blob lies.</summary>
/// <param name="Pack">Number of its pack in <see cref="BlobIndex"/>.</param>
/// <param name="Offset">Of the sealed bytes in the pack.</param>
/// <param name="Length">Of the sealed bytes.</param>
/// <param name="PlainLength">Of the plain bytes when compressed; 0 when stored as they are.</param>
public readonly record struct BlobLocation(int Pack, BlobType Type, uint Offset, uint Length, uint PlainLength)
{
    /// <summary>Length of the plain bytes, compressed or not.</summary>
    public int ContentLength => (int)(PlainLength > 0 ? PlainLength : Length - Sealing.SealingKey.OverheadBytes);
}
