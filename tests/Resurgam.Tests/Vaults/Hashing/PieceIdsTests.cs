using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Hashing;

namespace Resurgam.Tests.Vaults.Hashing;

public sealed class PieceIdsTests
{
    /// <summary>In lanes or one after the other, whole lots of pieces or some left over, with a short one at the end or without.</summary>
    [Theory]
    [InlineData(0, 64)]
    [InlineData(1, 64)]
    [InlineData(64 * 8, 64)]
    [InlineData(64 * 9, 64)]
    [InlineData(64 * 16, 64)]
    [InlineData(64 * 17, 64)]
    [InlineData(64 * 42 + 63, 64)]
    [InlineData(32768 * 16, 32768)]
    [InlineData(32768 * 16 + 1, 32768)]
    [InlineData(100 * 33 + 7, 100)]
    public void Each_piece_has_the_id_that_it_has_alone(int length, int pieceBytes)
    {
        var pieces = new byte[length];
        new Random(1).NextBytes(pieces);
        var ids = new BlobId[(length + pieceBytes - 1) / pieceBytes + 1];

        PieceIds.Compute(pieces, pieceBytes, ids);

        var expected = pieces.Chunk(pieceBytes).Select(piece => BlobId.Of(piece));
        Assert.Equal([.. expected, default], ids);
    }
}
