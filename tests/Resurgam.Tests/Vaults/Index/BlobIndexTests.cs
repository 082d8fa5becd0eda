using System.Buffers.Binary;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Index;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Index;

public sealed class BlobIndexTests
{
    private const int BlobsPerPack = 1000;

    /// <summary>Enough for several runs and for merging them.</summary>
    private const int Packs = 700;

    [Fact]
    public void Every_blob_is_found_where_it_was_put_and_no_other()
    {
        using BlobIndex index = new(new MemoryScratch());
        for (var pack = 0; pack < Packs; pack++)
        {
            Assert.Null(index.Find(Entry(pack, 0).Id));
            index.Add(Pack(pack));
        }

        Assert.Equal(Packs * BlobsPerPack, index.BlobCount);
        for (var pack = 0; pack < Packs; pack++)
        for (var blob = 0; blob < BlobsPerPack; blob++)
        {
            var entry = Entry(pack, blob);
            var expected = new BlobLocation(pack, entry.Type, entry.Offset, entry.Length, entry.PlainLength);
            if (index.Find(entry.Id) != expected)
                Assert.Fail($"blob {blob} of pack {pack}: {index.Find(entry.Id)}");
        }
        Assert.Null(index.Find(Entry(Packs, 0).Id));
    }

    [Fact]
    public void Ids_that_share_their_first_bytes_are_told_apart()
    {
        using BlobIndex index = new(new MemoryScratch());
        var ids = Enumerable.Range(0, 5000).Select(number => Id(7, number)).ToArray();
        index.Add(new IndexedPack(Id(1, 1), [.. ids.Select((id, at) => At(id, (uint)at * 40))]));

        for (var at = 0; at < ids.Length; at++)
            Assert.Equal((uint)at * 40, index.Find(ids[at])!.Value.Offset);
        Assert.Null(index.Find(Id(7, ids.Length)));
    }

    [Fact]
    public void A_blob_is_claimed_once_until_it_is_there()
    {
        using BlobIndex index = new(new MemoryScratch());
        var entry = Entry(3, 0);

        Assert.True(index.TryClaim(entry.Id));
        Assert.False(index.TryClaim(entry.Id));
        Assert.Null(index.Find(entry.Id));
        index.Add(Pack(3));

        Assert.False(index.TryClaim(entry.Id));
        Assert.NotNull(index.Find(entry.Id));
    }

    [Fact]
    public void A_summary_tells_every_field_of_every_blob()
    {
        var entries = Pack(0).Entries;
        var summary = PackSummary.Of(Id(1, 1), entries);

        Assert.Equal(summary, PackSummary.Of(Id(1, 1), [.. entries.Reverse()]));
        PackEntry[] others =
        [
            entries[5] with
            {
                Id = Entry(1, 5).Id,
            },
            entries[5] with
            {
                Type = BlobType.Tree,
            },
            entries[5] with
            {
                Offset = entries[5].Offset + 1,
            },
            entries[5] with
            {
                Length = entries[5].Length + 1,
            },
            entries[5] with
            {
                PlainLength = entries[5].PlainLength + 1,
            },
        ];
        foreach (var other in others)
            Assert.NotEqual(summary, PackSummary.Of(Id(1, 1), [.. entries.Take(5), other, .. entries.Skip(6)]));
        Assert.NotEqual(summary, PackSummary.Of(Id(1, 1), [.. entries.Skip(1)]));
    }

    private static IndexedPack Pack(int number) =>
        new(Id(-1, number), [.. Enumerable.Range(0, BlobsPerPack).Select(blob => Entry(number, blob))]);

    private static PackEntry Entry(int pack, int blob) =>
        At(BlobId.Of(BitConverter.GetBytes(((long)pack << 32) + blob)), (uint)blob * 40);

    private static PackEntry At(BlobId id, uint offset) => new(id, BlobType.Data, offset, 40, 100);

    /// <summary>Not a hash: all ids of a group begin alike.</summary>
    private static BlobId Id(int group, int number)
    {
        Span<byte> bytes = stackalloc byte[BlobId.LengthBytes];
        BinaryPrimitives.WriteInt32BigEndian(bytes, group);
        BinaryPrimitives.WriteInt32BigEndian(bytes[^4..], number);
        return BlobId.From(bytes);
    }
}
