using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Snapshots;

/// <summary>Files of chunks of one length, as those of a database: equal chunks in many places, chunks of other lengths between them.</summary>
public sealed class SnapshotRestorerTests
{
    private const int ChunkBytes = 512;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1 << 15)]
    [InlineData(2, 100)]
    [InlineData(3, 7)]
    [InlineData(4, 1)]
    public async Task Every_file_comes_back_and_a_damaged_blob_hurts_the_files_that_have_it_alone(int seed, int batch)
    {
        VaultWorld world = new(seed);
        (await world.CreateAsync(world.Store, Token)).Dispose();
        Random random = new(seed);
        var files = Files(random);
        using var vault = await world.OpenAsync(world.Store, Token);
        await using var snapshot = await SnapshotWriter.BeginAsync(vault, VaultWorld.Asset, "files", Token);
        using ContentLists contents = new(vault.Host.Scratch);
        List<FileEntry> entries = [];
        using (var lane = snapshot.OpenLane())
        {
            foreach (var (index, bytes) in files.Index())
            {
                var ids = new BlobId[(bytes.Length + ChunkBytes - 1) / ChunkBytes];
                await lane.StoreChunksAsync(bytes, ChunkBytes, ids, 0, [], Token);
                TreeNode node = new()
                {
                    Name = $"{index}",
                    Type = NodeType.File,
                    SizeBytes = bytes.Length,
                };
                snapshot.Files.Add(node.Name, node, ids);
                entries.Add(new FileEntry(node.Name, node, contents.Append(ids)));
            }
            lane.Flush();
        }
        var repository = (await snapshot.CompleteAsync(["/"], Token)).Repository;

        Assert.Equal(files, await RestoreAsync(0, [], []));
        Assert.Equal(files, await RestoreAsync(0, [], [.. files.Select(file => HalfChanged(file, random))]));

        var hurt = contents.Read(entries[0].Content)[random.Next(entries[0].Content.Count)];
        var location = repository.Index.Find(hurt) ?? throw new InvalidOperationException("the blob is stored");
        var key = world.Store.Objects.Keys.Single(each =>
            each.EndsWith(repository.Index.PackAt(location.Pack).Hex, StringComparison.Ordinal)
        );
        var pack = world.Store.Objects[key];
        pack[location.Offset + random.Next((int)location.Length)] ^= 1;
        world.Store.Overwrite(key, pack);
        var damaged = entries
            .Where(entry => contents.Read(entry.Content).Contains(hurt))
            .Select(entry => entry.Path)
            .ToList();

        var restored = await RestoreAsync(damaged.Count, damaged, []);

        for (var file = 0; file < files.Count; file++)
        for (var (at, chunk) = (0, 0); at < files[file].Length; at += ChunkBytes, chunk++)
            Assert.True(
                contents.Read(entries[file].Content)[chunk] == hurt
                    || restored[file].AsSpan(at).StartsWith(Chunk(files[file], at)),
                $"file {file} at {at}"
            );

        async Task<List<byte[]>> RestoreAsync(int damages, List<string> named, List<byte[]> there)
        {
            MemoryTarget target = new(files.Select(file => file.Length), there);
            using SnapshotRestorer restorer = new(repository, vault.Host, NoProgress.Instance)
            {
                MostPiecesPerBatch = batch,
            };
            await restorer.RestoreAsync(entries, contents, target, Token);
            Assert.Equal(damages, restorer.Damage.Count);
            Assert.Equal(Enumerable.Repeat((1, 1), files.Count), target.Calls);
            Assert.All(
                named,
                path => Assert.Contains(restorer.Damage, how => how.StartsWith($"{path}: ", StringComparison.Ordinal))
            );
            return target.Files;
        }
    }

    [Theory]
    [InlineData(1 << 15)]
    [InlineData(2)]
    public async Task A_file_with_a_lost_chunk_is_named_and_what_lies_before_it_comes_back(int batch)
    {
        VaultWorld world = new();
        (await world.CreateAsync(world.Store, Token)).Dispose();
        using var vault = await world.OpenAsync(world.Store, Token);
        await using var snapshot = await SnapshotWriter.BeginAsync(vault, VaultWorld.Asset, "files", Token);
        using ContentLists contents = new(vault.Host.Scratch);
        var bytes = Bytes(new Random(1), 6 * ChunkBytes);
        var ids = new BlobId[6];
        using (var lane = snapshot.OpenLane())
        {
            await lane.StoreChunksAsync(bytes, ChunkBytes, ids, 0, [], Token);
            lane.Flush();
        }
        var repository = (await snapshot.CompleteAsync(["/"], Token)).Repository;
        ids[3] = BlobId.Of("nobody has stored it"u8);
        TreeNode node = new()
        {
            Name = "a",
            Type = NodeType.File,
            SizeBytes = bytes.Length,
        };
        MemoryTarget target = new([bytes.Length], []);
        using SnapshotRestorer restorer = new(repository, vault.Host, NoProgress.Instance)
        {
            MostPiecesPerBatch = batch,
        };

        await restorer.RestoreAsync([new FileEntry("a", node, contents.Append(ids))], contents, target, Token);

        Assert.Equal([$"a: blob {ids[3].Short} is in no pack"], restorer.Damage);
        Assert.Equal([.. bytes[..(3 * ChunkBytes)], .. new byte[3 * ChunkBytes]], target.Files[0]);
        Assert.Equal([(1, 1)], target.Calls);
    }

    private static ReadOnlySpan<byte> Chunk(byte[] file, int at) =>
        file.AsSpan(at, Math.Min(ChunkBytes, file.Length - at));

    /// <summary>Of 60 different chunks, so that most are in several places; some files end with half a chunk.</summary>
    private static List<byte[]> Files(Random random)
    {
        var chunks = Enumerable.Range(0, 60).Select(_ => Bytes(random, ChunkBytes)).ToList();
        chunks.Add(new byte[ChunkBytes]);
        return
        [
            .. Enumerable
                .Range(0, 12)
                .Select(_ =>
                    Enumerable
                        .Range(0, random.Next(1, 60))
                        .SelectMany(_ => chunks[random.Next(chunks.Count)])
                        .Concat(Bytes(random, random.Next(2) * random.Next(1, ChunkBytes)))
                        .ToArray()
                ),
        ];
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] HalfChanged(byte[] file, Random random)
    {
        var changed = file.ToArray();
        for (var at = 0; at < changed.Length; at += ChunkBytes)
            if (random.Next(2) == 0)
                changed[at] ^= 1;
        return changed;
    }

    /// <param name="there">Empty: nothing is.</param>
    private sealed class MemoryTarget(IEnumerable<int> lengths, List<byte[]> there) : IRestoreTarget, IRestoreWriter
    {
        public List<byte[]> Files { get; } = there.Count > 0 ? there : [.. lengths.Select(length => new byte[length])];

        /// <summary>How often each file was begun and completed.</summary>
        public List<(int Begun, int Completed)> Calls { get; } = [.. lengths.Select(_ => (0, 0))];

        public bool Begin(int file)
        {
            lock (Calls)
                Calls[file] = (Calls[file].Begun + 1, Calls[file].Completed);
            return there.Count > 0;
        }

        public int Read(int file, long offset, Span<byte> buffer)
        {
            var read = Math.Min(buffer.Length, Files[file].Length - (int)offset);
            Files[file].AsSpan((int)offset, read).CopyTo(buffer);
            return read;
        }

        public IRestoreWriter OpenWriter() => this;

        public void Write(int file, long offset, ReadOnlySpan<byte> bytes) =>
            bytes.CopyTo(Files[file].AsSpan((int)offset));

        public void Complete(int file) => Calls[file] = (Calls[file].Begun, Calls[file].Completed + 1);

        public void Dispose() { }
    }
}
