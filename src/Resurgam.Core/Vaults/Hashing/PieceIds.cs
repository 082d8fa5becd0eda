namespace Resurgam.Core.Vaults.Hashing;

/// <summary>Ids of pieces that lie one behind the other, as many at once as the processor can.</summary>
public static class PieceIds
{
    /// <summary>As many pieces as are hashed together.</summary>
    public const int AtOnce = Sha256Lanes.Count;

    /// <summary>Larger pieces are few, and many of them together would not fit into the processor's cache.</summary>
    public const int MostBytesTogether = 64 << 10;

    /// <param name="pieces">All of <paramref name="pieceBytes"/>, but for the last, which may be shorter.</param>
    /// <param name="ids">Filled from its start: one for each piece.</param>
    public static void Compute(ReadOnlySpan<byte> pieces, int pieceBytes, Span<BlobId> ids)
    {
        var inLanes = pieceBytes % Sha256Lanes.BlockBytes == 0 ? Sha256Lanes.FewestPieces : int.MaxValue;
        while (!pieces.IsEmpty)
        {
            var whole = Math.Min(pieces.Length / pieceBytes, AtOnce);
            var count = 1;
            if (whole >= inLanes)
                Sha256Lanes.Hash(pieces[..(whole * pieceBytes)], pieceBytes, ids[..(count = whole)]);
            else
                ids[0] = BlobId.Of(pieces[..Math.Min(pieceBytes, pieces.Length)]);
            pieces = pieces[Math.Min(count * pieceBytes, pieces.Length)..];
            ids = ids[count..];
        }
    }
}
