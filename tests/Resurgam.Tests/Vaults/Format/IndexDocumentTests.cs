using System.Buffers;
using CsCheck;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Tests.Vaults.Format;

public sealed class IndexDocumentTests
{
    [Fact]
    public void An_index_of_restic_reads()
    {
        var packs = IndexDocument.Read(GoldenDocuments.Utf8(GoldenDocuments.Index));

        Assert.Equal(2, packs.Count);
        Assert.Equal("8c42554aea2d1438bb6775b39044e333835f56ad79e820a761fd7eae94a9896b", packs[0].Id.Hex);
        Assert.Equal(
            [
                new PackEntry(BlobId.Of("hello"u8), BlobType.Data, 0, 46, 5),
                new PackEntry(BlobId.Of("s"u8), BlobType.Data, 46, 42, 0),
            ],
            packs[0].Entries
        );
        Assert.Equal([new PackEntry(BlobId.Of("{\"nodes\":[]}\n"u8), BlobType.Tree, 0, 54, 13)], packs[1].Entries);
    }

    [Fact]
    public void An_index_of_restic_is_written_byte_for_byte() =>
        Assert.Equal(
            GoldenDocuments.Utf8(GoldenDocuments.Index),
            Write(IndexDocument.Read(GoldenDocuments.Utf8(GoldenDocuments.Index)))
        );

    [Fact]
    public void What_is_written_reads_back() =>
        Gen.Select(Gen.Byte.Array[32], PackHeaderTests.Packs)
            .Array[0, 5]
            .Sample(
                packs =>
                {
                    var written = Array.ConvertAll(packs, p => new IndexedPack(BlobId.From(p.Item1), p.Item2));

                    var read = IndexDocument.Read(Write(written));

                    Assert.Equal(written.Select(p => p.Id), read.Select(p => p.Id));
                    Assert.Equal(written.SelectMany(p => p.Entries), read.SelectMany(p => p.Entries));
                },
                iter: 200
            );

    [Fact]
    public void Superseded_indexes_and_unknown_fields_are_skipped() =>
        Assert.Empty(IndexDocument.Read("""{"supersedes":["x"],"packs":[],"packs_to_delete":[{"id":"y"}]}"""u8));

    [Theory]
    [InlineData("\"length\":31", "has the impossible offset 0 and length 31")]
    [InlineData("\"length\":40,\"offset\":4294967280", "has the impossible offset 4294967280 and length 40")]
    [InlineData("\"length\":4294967296", "'length' is not a number from 0 to 4294967295")]
    [InlineData("\"length\":\"40\"", "'length' is not a number from 0 to 4294967295")]
    [InlineData("\"type\":\"dir\"", "a blob has the unknown type 'dir'")]
    [InlineData("\"id\":\"abc\"", "'id' is 'abc', which is not an id of 64 hexadecimal digits")]
    [InlineData("\"id\":null", "'id' is not an id")]
    public void A_wrong_blob_is_named(string field, string wrong)
    {
        var id = new string('a', 64);
        var json =
            $$"""{"packs":[{"id":"{{id}}","blobs":[{"id":"{{id}}","type":"data","offset":0,"length":40,{{field}}}]}]}""";

        var refusal = Assert.Throws<ResurgamException>(() => IndexDocument.Read(GoldenDocuments.Utf8(json)));

        Assert.Contains(wrong, refusal.Problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_entries_as_restic_ever_writes_read_back()
    {
        var packs = Many(50_000);

        var read = IndexDocument.Read(Write(packs));

        Assert.Equal(packs.SelectMany(p => p.Entries), read.SelectMany(p => p.Entries));
    }

    /// <summary>Entries in packs of 500.</summary>
    private static List<IndexedPack> Many(int entries) =>
        [
            .. Enumerable
                .Range(0, entries)
                .Select(i => new PackEntry(
                    BlobId.Of(BitConverter.GetBytes(i)),
                    BlobType.Data,
                    (uint)(i % 500) * 20_000,
                    20_000,
                    32_768
                ))
                .Chunk(500)
                .Select(chunk => new IndexedPack(chunk[0].Id, chunk)),
        ];

    private static ReadOnlySpan<byte> Write(IReadOnlyCollection<IndexedPack> packs)
    {
        ArrayBufferWriter<byte> json = new();
        IndexDocument.Write(packs, json);
        return json.WrittenSpan;
    }
}
