using System.Buffers;

namespace Resurgam.Core.Vaults.Format;

/// <summary>An index file, opened and unpacked: which blobs lie in which packs.</summary>
public static class IndexDocument
{
    private const string Document = "index";

    /// <param name="packs">Each with all of its blobs: restic takes a pack that is split over two indexes for damaged.</param>
    public static void Write(IReadOnlyCollection<IndexedPack> packs, IBufferWriter<byte> output)
    {
        using var json = GoJson.CreateWriter(output);
        json.WriteStartObject();
        json.WriteStartArray("packs"u8);
        foreach (var pack in packs)
        {
            json.WriteStartObject();
            json.WriteId("id"u8, pack.Id);
            json.WriteStartArray("blobs"u8);
            foreach (var entry in pack.Entries)
            {
                json.WriteStartObject();
                json.WriteId("id"u8, entry.Id);
                json.WriteString("type"u8, entry.Type == BlobType.Tree ? "tree"u8 : "data"u8);
                json.WriteNumber("offset"u8, entry.Offset);
                json.WriteNumber("length"u8, entry.Length);
                json.WriteNumberUnlessZero("uncompressed_length"u8, entry.PlainLength);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    /// <param name="json">A field <c>supersedes</c> of old writers is skipped: what it named is gone or still true.</param>
    public static List<IndexedPack> Read(ReadOnlySpan<byte> json)
    {
        DocumentReader document = new(Document, json);
        List<IndexedPack>? packs = null;
        while (document.NextField())
        {
            if (document.Field.SequenceEqual("packs"u8))
                packs = ReadPacks(ref document);
            else
                document.SkipValue();
        }
        document.EndDocument();
        return packs ?? throw document.Malformed("it has no field 'packs'");
    }

    private static List<IndexedPack> ReadPacks(ref DocumentReader document)
    {
        List<IndexedPack> packs = [];
        if (!document.BeginArray())
            return packs;
        while (document.NextItem())
        {
            BlobId? id = null;
            List<PackEntry> entries = [];
            if (document.BeginObject())
                while (document.NextField())
                {
                    if (document.Field.SequenceEqual("id"u8))
                        id = document.Id();
                    else if (document.Field.SequenceEqual("blobs"u8))
                        entries = ReadEntries(ref document);
                    else
                        document.SkipValue();
                }
            packs.Add(new IndexedPack(id ?? throw document.Malformed("a pack has no id"), entries));
        }
        return packs;
    }

    private static List<PackEntry> ReadEntries(ref DocumentReader document)
    {
        List<PackEntry> entries = [];
        if (!document.BeginArray())
            return entries;
        while (document.NextItem())
            entries.Add(ReadEntry(ref document));
        return entries;
    }

    private static PackEntry ReadEntry(ref DocumentReader document)
    {
        BlobId? id = null;
        BlobType? type = null;
        uint offset = 0;
        uint length = 0;
        uint plainLength = 0;
        if (document.BeginObject())
            while (document.NextField())
            {
                if (document.Field.SequenceEqual("id"u8))
                    id = document.Id();
                else if (document.Field.SequenceEqual("type"u8))
                    type = ReadType(ref document);
                else if (document.Field.SequenceEqual("offset"u8))
                    offset = document.UInt32();
                else if (document.Field.SequenceEqual("length"u8))
                    length = document.UInt32();
                else if (document.Field.SequenceEqual("uncompressed_length"u8))
                    plainLength = document.UInt32();
                else
                    document.SkipValue();
            }
        if (id is null || type is null)
            throw document.Malformed("a blob has no id or no type");
        if (length < Sealing.SealingKey.OverheadBytes || length > uint.MaxValue - offset)
            throw document.Malformed($"blob {id} has the impossible offset {offset} and length {length}");
        return new PackEntry(id.Value, type.Value, offset, length, plainLength);
    }

    private static BlobType ReadType(ref DocumentReader document)
    {
        var type = document.TextBytes();
        if (type.SequenceEqual("data"u8))
            return BlobType.Data;
        return type.SequenceEqual("tree"u8)
            ? BlobType.Tree
            : throw document.Malformed($"a blob has the unknown type '{document.Text()}'");
    }
}

/// <summary>A pack and all of its blobs.</summary>
/// <param name="Id">SHA-256 of the pack file.</param>
/// <param name="Entries">In any order.</param>
public sealed record IndexedPack(BlobId Id, IReadOnlyList<PackEntry> Entries);
