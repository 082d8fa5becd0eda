using System.Buffers.Binary;
using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Postgres;

/// <summary>The head of a file <c>INCREMENTAL.NAME</c> of an incremental backup: which blocks of a relation file follow.</summary>
/// <remarks>
/// Layout, in the byte order of the server: magic, number of blocks, truncation length in blocks, the block numbers, all of
/// 32 bits; when there are blocks, zeros up to a multiple of 8192; then the blocks. A block below the truncation length
/// that does not follow is as it was in the parent, and zero where the parent is shorter; above it, it is zero.
/// </remarks>
/// <param name="TruncationBlocks">The file has at least so many blocks.</param>
/// <param name="Blocks">Numbers inside of this file, ascending.</param>
public sealed record RelationIncrement(uint TruncationBlocks, IReadOnlyList<uint> Blocks)
{
    public const string NamePrefix = "INCREMENTAL.";

    /// <summary>Enough to know how long the head is.</summary>
    public const int StartBytes = 12;

    /// <summary>No head is longer: a file of a relation has at most 1 GiB.</summary>
    public const int MostHeadBytes =
        (StartBytes + 4 * MostBlocks + RelationChunks.PageBytes - 1) & -RelationChunks.PageBytes;

    private const uint Magic = 0xd3ae1f0d;
    private const int MostBlocks = (1 << 30) / RelationChunks.PageBytes;

    public int HeadBytes => HeadBytesFor(Blocks.Count);

    /// <summary>Length of the whole file that the increment and its parent make.</summary>
    public long WholeBytes =>
        Math.Max(TruncationBlocks, Blocks.Count == 0 ? 0 : Blocks[^1] + 1L) * RelationChunks.PageBytes;

    /// <summary>Length of the head, from its first <see cref="StartBytes"/> bytes.</summary>
    /// <exception cref="ResurgamException">It is no increment.</exception>
    public static int ReadHeadBytes(ReadOnlySpan<byte> start)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(start) != Magic)
            throw PostgresFormatProblems.BadBackup("an increment does not begin as one");
        var count = BinaryPrimitives.ReadUInt32LittleEndian(start[4..]);
        return count <= MostBlocks
            ? HeadBytesFor((int)count)
            : throw PostgresFormatProblems.BadBackup(
                string.Create(CultureInfo.InvariantCulture, $"an increment of {count} blocks")
            );
    }

    /// <param name="head">Exactly the bytes that <see cref="ReadHeadBytes"/> asked for.</param>
    /// <exception cref="ResurgamException">It is no increment.</exception>
    public static RelationIncrement Read(ReadOnlySpan<byte> head)
    {
        if (ReadHeadBytes(head) != head.Length)
            throw PostgresFormatProblems.BadBackup("the head of an increment is cut");
        var blocks = new uint[BinaryPrimitives.ReadUInt32LittleEndian(head[4..])];
        // Some versions of the server name more blocks than a file may have: the rest is in the relation's next files.
        var truncation = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(head[8..]), MostBlocks);
        for (var at = 0; at < blocks.Length; at++)
        {
            blocks[at] = BinaryPrimitives.ReadUInt32LittleEndian(head[(StartBytes + 4 * at)..]);
            if (blocks[at] >= MostBlocks || (at > 0 && blocks[at] <= blocks[at - 1]))
                throw PostgresFormatProblems.BadBackup(
                    string.Create(CultureInfo.InvariantCulture, $"block {blocks[at]} of an increment is out of place")
                );
        }
        return new RelationIncrement(truncation, blocks);
    }

    private static int HeadBytesFor(int count) =>
        count == 0
            ? StartBytes
            : (StartBytes + 4 * count + RelationChunks.PageBytes - 1)
                / RelationChunks.PageBytes
                * RelationChunks.PageBytes;
}
