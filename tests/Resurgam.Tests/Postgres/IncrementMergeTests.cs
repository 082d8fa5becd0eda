using System.Globalization;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;

namespace Resurgam.Tests.Postgres;

/// <summary>Against the plain way: the parent's file in one array, cut or grown, and the blocks copied over it.</summary>
public sealed class IncrementMergeTests
{
    private const int Page = RelationChunks.PageBytes;

    [Fact]
    public void Any_increment_on_any_parent_makes_the_whole_file()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            Random random = new(seed);
            var chunkBytes = Page << random.Next(0, 4);
            var parent = Bytes(random, random.Next(0, 40) * Page);
            var truncation = (uint)random.Next(0, 45);
            uint[] blocks = [.. Enumerable.Range(0, 48).Where(_ => random.Next(6) == 0).Select(block => (uint)block)];
            var content = Bytes(random, blocks.Length * Page);
            RelationIncrement increment = new(truncation, blocks);
            var isChecksumKnown = random.Next(4) != 0;

            var (merged, checksum, read) = Merge(increment, parent, content, chunkBytes, isChecksumKnown);

            var expected = Whole(increment, parent, content);
            var name = string.Create(CultureInfo.InvariantCulture, $"seed {seed}");
            Assert.True(expected.AsSpan().SequenceEqual(merged), name);
            Assert.True(Crc32C.Append(0, expected) == checksum, name);
            Assert.True(read <= parent.Length, name);
        }
    }

    [Fact]
    public void What_stays_is_not_read()
    {
        Random random = new(1);
        var parent = Bytes(random, 100 * Page);
        RelationIncrement increment = new(100, [50]);

        var (_, _, read) = Merge(increment, parent, Bytes(random, Page), 4 * Page, isChecksumKnown: true);

        Assert.Equal(4 * Page, read); // the chunk of block 50
    }

    [Fact]
    public void An_untouched_file_is_taken_over_without_reading()
    {
        var parent = Bytes(new Random(1), 10 * Page);

        var (merged, checksum, read) = Merge(
            new RelationIncrement(10, []),
            parent,
            [],
            4 * Page,
            isChecksumKnown: true
        );

        Assert.Equal(parent, merged);
        Assert.Equal((Crc32C.Append(0, parent), 0L), (checksum, read));
    }

    [Fact]
    public void An_empty_file_stays_one()
    {
        var (merged, checksum, read) = Merge(new RelationIncrement(0, []), [], [], 4 * Page, isChecksumKnown: true);

        Assert.Empty(merged);
        Assert.Equal((0u, 0L), (checksum, read));
    }

    /// <summary>A file that the parent holds shorter than the server's truncation: zeros, as its extension wrote them.</summary>
    [Fact]
    public void What_neither_has_is_zero()
    {
        Random random = new(1);
        var parent = Bytes(random, Page);

        var (merged, _, _) = Merge(new RelationIncrement(3, [4]), parent, Bytes(random, Page), Page, true);

        Assert.Equal(5 * Page, merged.Length);
        Assert.False(merged.AsSpan(Page, 3 * Page).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Chunks_may_be_merged_in_any_order()
    {
        Random random = new(3);
        var parent = Bytes(random, 40 * Page);
        uint[] blocks = [1, 5, 9, 13, 30, 44];
        RelationIncrement increment = new(42, blocks);
        var content = Bytes(random, blocks.Length * Page);
        IncrementMerge merge = new(increment, new ParentFile(parent.Length, Crc32C.Append(0, parent)), 4 * Page);
        var chunks = new List<(int Chunk, int First, int Changed)>();
        for (var (chunk, first) = (0, 0); chunk < merge.EndChunk; chunk++)
        {
            var changed = merge.ChangedIn(chunk, first);
            chunks.Add((chunk, first, changed));
            first += changed;
        }

        Parallel.ForEach(
            chunks.OrderBy(_ => random.Next()).ToList(),
            item =>
            {
                if (!merge.Keep(item.Chunk, item.Changed))
                    merge.Merge(
                        item.Chunk,
                        merge.NeedsParent(item.Chunk) ? Chunk(parent, item.Chunk, 4 * Page) : [],
                        item.First,
                        content.AsSpan(item.First * Page, item.Changed * Page),
                        new byte[4 * Page]
                    );
            }
        );

        Assert.Equal(Crc32C.Append(0, Whole(increment, parent, content)), merge.Checksum);
    }

    private static (byte[] Whole, uint Checksum, long BytesRead) Merge(
        RelationIncrement increment,
        byte[] parent,
        byte[] content,
        int chunkBytes,
        bool isChecksumKnown
    )
    {
        uint? checksum = isChecksumKnown ? Crc32C.Append(0, parent) : null;
        IncrementMerge merge = new(increment, new ParentFile(parent.Length, checksum), chunkBytes);
        List<byte> whole = [];
        var buffer = new byte[chunkBytes];
        var (first, read) = (0, 0L);
        for (var chunk = 0; chunk < merge.EndChunk; chunk++)
        {
            var changed = merge.ChangedIn(chunk, first);
            if (merge.Keep(chunk, changed))
            {
                whole.AddRange(Chunk(parent, chunk, chunkBytes));
                continue;
            }
            new Random(chunk).NextBytes(buffer); // what was in it before does not matter
            var old = merge.NeedsParent(chunk) ? Chunk(parent, chunk, chunkBytes) : [];
            read += old.Length;
            var length = merge.Merge(chunk, old, first, content.AsSpan(first * Page, changed * Page), buffer);
            whole.AddRange(buffer[..length]);
            Assert.Equal(chunk < merge.ChunkCount, length > 0);
            first += changed;
        }
        Assert.Equal(increment.Blocks.Count, first);
        Assert.Equal(merge.LengthBytes, whole.Count);
        return ([.. whole], merge.Checksum, read);
    }

    private static byte[] Whole(RelationIncrement increment, byte[] parent, byte[] content)
    {
        var whole = new byte[increment.WholeBytes];
        var kept = Math.Min(parent.Length, Math.Min(whole.Length, increment.TruncationBlocks * (long)Page));
        parent.AsSpan(0, (int)kept).CopyTo(whole);
        for (var at = 0; at < increment.Blocks.Count; at++)
            content.AsSpan(at * Page, Page).CopyTo(whole.AsSpan((int)increment.Blocks[at] * Page));
        return whole;
    }

    private static byte[] Chunk(byte[] file, int chunk, int chunkBytes) =>
        file[(chunk * chunkBytes)..Math.Min(file.Length, (chunk + 1) * chunkBytes)];

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
