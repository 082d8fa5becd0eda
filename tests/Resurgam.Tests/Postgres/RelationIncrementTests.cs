using System.Buffers.Binary;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Tests.Postgres;

public sealed class RelationIncrementTests
{
    private const uint Magic = 0xd3ae1f0d;
    private const uint BlocksPerFile = 131_072;

    [Fact]
    public void Without_blocks_the_head_is_twelve_bytes()
    {
        var head = Head(truncation: 7);

        var increment = RelationIncrement.Read(head);

        Assert.Equal(12, RelationIncrement.ReadHeadBytes(head));
        Assert.Equal((7u, 12, 7 * 8192L), (increment.TruncationBlocks, increment.HeadBytes, increment.WholeBytes));
        Assert.Empty(increment.Blocks);
    }

    [Theory]
    [InlineData(1, 8192)]
    [InlineData(2045, 8192)] // 12 + 4 * 2045 = 8192
    [InlineData(2046, 16384)]
    public void With_blocks_the_head_is_padded_to_a_page(int count, int headBytes)
    {
        var head = Head(truncation: 0, [.. Enumerable.Range(0, count).Select(block => (uint)(2 * block))]);

        var increment = RelationIncrement.Read(head);

        Assert.Equal(headBytes, RelationIncrement.ReadHeadBytes(head.AsSpan(0, RelationIncrement.StartBytes)));
        Assert.Equal((count, headBytes), (increment.Blocks.Count, increment.HeadBytes));
        Assert.Equal((2 * (count - 1) + 1) * 8192L, increment.WholeBytes);
    }

    [Fact]
    public void The_longest_head_is_that_of_a_whole_file()
    {
        var head = Head(truncation: 0, [.. Enumerable.Range(0, (int)BlocksPerFile).Select(block => (uint)block)]);

        Assert.Equal(RelationIncrement.MostHeadBytes, head.Length);
        Assert.Equal(1L << 30, RelationIncrement.Read(head).WholeBytes);
    }

    [Fact]
    public void A_truncation_beyond_the_file_is_the_file()
    {
        var increment = RelationIncrement.Read(Head(truncation: BlocksPerFile + 5));

        Assert.Equal(1L << 30, increment.WholeBytes);
    }

    [Theory]
    [InlineData(new uint[] { 5, 5 })]
    [InlineData(new uint[] { 5, 4 })]
    [InlineData(new uint[] { BlocksPerFile })]
    public void Blocks_out_of_place_are_refused(uint[] blocks) =>
        Assert.Equal("postgres-bad-backup", Code(Head(9, blocks)));

    [Fact]
    public void A_head_that_is_none_is_refused()
    {
        var foreign = Head(9, 1, 2);
        foreign[0] ^= 1;
        var tooMany = Head(9, 1, 2);
        BinaryPrimitives.WriteUInt32LittleEndian(tooMany.AsSpan(4), BlocksPerFile + 1);

        Assert.Equal("postgres-bad-backup", Code(foreign));
        Assert.Equal("postgres-bad-backup", Code(tooMany));
        Assert.Equal("postgres-bad-backup", Code(Head(9, 1, 2)[..4096]));
    }

    internal static byte[] Head(uint truncation, params uint[] blocks)
    {
        var length = 12 + 4 * blocks.Length;
        var head = new byte[blocks.Length == 0 ? length : (length + 8191) / 8192 * 8192];
        BinaryPrimitives.WriteUInt32LittleEndian(head, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), (uint)blocks.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), truncation);
        for (var at = 0; at < blocks.Length; at++)
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(12 + 4 * at), blocks[at]);
        return head;
    }

    private static string Code(byte[] head) =>
        Assert.Throws<ResurgamException>(() => RelationIncrement.Read(head)).Problem.Code;
}
