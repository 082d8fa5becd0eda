using System.Buffers;
using Resurgam.Core.Compression;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.RealTests.Vaults.Format;

/// <summary>The files of a repository, written and read by nothing but the document types.</summary>
internal sealed class RepositoryFiles(string folder, SealingKey master, IEntropy entropy)
{
    /// <summary>A new repository with one key.</summary>
    public static RepositoryFiles Create(string folder, string password, IEntropy entropy)
    {
        foreach (var name in (string[])["keys", "index", "snapshots", "locks"])
            Directory.CreateDirectory(Path.Combine(folder, name));
        for (var i = 0; i < 256; i++)
            Directory.CreateDirectory(Path.Combine(folder, "data", $"{i:x2}"));
        var master = SealingKey.Create(entropy);
        RepositoryFiles files = new(folder, master, entropy);
        files.PutKey(password);
        File.WriteAllBytes(Path.Combine(folder, "config"), files.Seal(RepositoryConfig.Create(entropy).Write()));
        return files;
    }

    /// <summary>One that is there, opened with the first key file.</summary>
    public static RepositoryFiles Open(string folder, string password, IEntropy entropy)
    {
        var key = KeyDocument.Read(File.ReadAllBytes(Directory.GetFiles(Path.Combine(folder, "keys"))[0]));
        Assert.True(key.TryOpen(password, out var master));
        return new RepositoryFiles(folder, master, entropy);
    }

    public SealingKey Master => master;

    public byte[] Config => OpenSealed(File.ReadAllBytes(Path.Combine(folder, "config")));

    public BlobId PutKey(string password)
    {
        var now = TimeProvider.System.GetUtcNow();
        return Put("keys", KeyDocument.Create(master, password, entropy, now, "h", "u", new(1024, 8, 1)).Write());
    }

    /// <summary>An index, a snapshot or a lock.</summary>
    public BlobId PutJson(string kind, ReadOnlySpan<byte> json)
    {
        var packed = new byte[StoredJson.MostPackedBytes(json.Length)];
        return Put(kind, Seal(packed.AsSpan(0, StoredJson.Pack(json, packed))));
    }

    public BlobId PutTree(List<PackEntry> entries, MemoryStream pack, IEnumerable<TreeNode> nodes)
    {
        ArrayBufferWriter<byte> output = new();
        TreeWriter tree = new(output);
        foreach (var node in nodes.OrderBy(n => n.Name, Comparer<string>.Create(FileNames.CompareBytes)))
            tree.Add(node);
        tree.Complete();
        return PutBlob(entries, pack, BlobType.Tree, output.WrittenSpan);
    }

    /// <summary>Seals a blob into the pack, compressed where that helps.</summary>
    public BlobId PutBlob(List<PackEntry> entries, MemoryStream pack, BlobType type, ReadOnlySpan<byte> plain)
    {
        using ZstdCompressor compressor = new(level: 3);
        var packed = new byte[ZstdCompressor.BoundFor(plain.Length)];
        packed = packed[..compressor.Compress(plain, packed)];
        var isCompressed = packed.Length < plain.Length;
        var sealedBytes = Seal(isCompressed ? packed : plain);
        var plainLength = isCompressed ? (uint)plain.Length : 0;
        var id = BlobId.Of(plain);
        entries.Add(new PackEntry(id, type, (uint)pack.Length, (uint)sealedBytes.Length, plainLength));
        pack.Write(sealedBytes);
        return id;
    }

    public IndexedPack PutPack(List<PackEntry> entries, MemoryStream pack)
    {
        var bodyBytes = pack.Length;
        var header = Seal(PackHeader.Write([.. entries]));
        pack.Write(header);
        var lastBytes = new byte[4];
        PackHeader.WriteSealedLength(header.Length, lastBytes);
        pack.Write(lastBytes);
        Assert.Equal(bodyBytes + PackHeader.StoredTailBytes([.. entries]), pack.Length);
        return new IndexedPack(Put("data", pack.ToArray()), entries);
    }

    /// <summary>Documents of one kind, opened and unpacked.</summary>
    public List<byte[]> Json(string kind) =>
        [.. Stored(kind).Values.Select(stored => StoredJson.Unpack(OpenSealed(stored), 1 << 20))];

    /// <summary>All files of one kind by their ids, which are the hashes of the bytes.</summary>
    public Dictionary<BlobId, byte[]> Stored(string kind)
    {
        Dictionary<BlobId, byte[]> found = [];
        foreach (var path in Directory.GetFiles(Path.Combine(folder, kind), "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(path).Contains("-tmp-", StringComparison.Ordinal))
                continue; // restic is still writing it
            var bytes = File.ReadAllBytes(path);
            Assert.Equal(Path.GetFileName(path), BlobId.Of(bytes).Hex);
            found.Add(BlobId.Of(bytes), bytes);
        }
        return found;
    }

    /// <summary>The plain blobs of all packs. Packs and indexes have to tell the same.</summary>
    public Dictionary<BlobId, byte[]> Blobs()
    {
        Dictionary<BlobId, byte[]> blobs = [];
        var packs = Stored("data");
        var indexed = Json("index").SelectMany(json => IndexDocument.Read(json)).ToList();
        Assert.Equal(packs.Keys.Order(), indexed.Select(p => p.Id).Order());
        foreach (var (id, entries) in indexed)
        {
            var pack = packs[id];
            var sealedBytes = PackHeader.ReadSealedLength(pack.AsSpan(pack.Length - 4), pack.Length);
            var header = PackHeader.Read(OpenSealed(pack[^(4 + sealedBytes)..^4]));
            Assert.Equal(header, entries.OrderBy(e => e.Offset));
            foreach (var entry in header)
            {
                var blob = OpenSealed(pack[(int)entry.Offset..(int)(entry.Offset + entry.Length)]);
                if (entry.PlainLength != 0)
                {
                    using ZstdDecompressor decompressor = new();
                    var plain = new byte[entry.PlainLength];
                    Assert.Equal(plain.Length, decompressor.Decompress(blob, plain));
                    blob = plain;
                }
                Assert.Equal(entry.Id, BlobId.Of(blob));
                blobs[entry.Id] = blob;
            }
        }
        return blobs;
    }

    private BlobId Put(string kind, byte[] stored)
    {
        var id = BlobId.Of(stored);
        File.WriteAllBytes(Path.Combine(folder, kind, kind == "data" ? id.Hex[..2] : "", id.Hex), stored);
        return id;
    }

    private byte[] Seal(ReadOnlySpan<byte> plain)
    {
        Span<byte> iv = stackalloc byte[SealingKey.IvBytes];
        entropy.Fill(iv);
        var sealedBytes = new byte[plain.Length + SealingKey.OverheadBytes];
        master.Seal(plain, iv, sealedBytes);
        return sealedBytes;
    }

    private byte[] OpenSealed(byte[] sealedBytes)
    {
        var plain = new byte[sealedBytes.Length - SealingKey.OverheadBytes];
        Assert.True(master.TryOpen(sealedBytes, plain));
        return plain;
    }
}
