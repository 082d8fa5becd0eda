using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Media;

namespace Resurgam.Tests.Support;

/// <summary>A vault in memory that fills several volumes, written to byte arrays.</summary>
public sealed class MediaWorld
{
    /// <summary>What every volume has of its own is a little more than a MiB.</summary>
    public const long VolumeBytes = 1_600_000;

    private MediaWorld(ReplicaWorld world) => World = world;

    public ReplicaWorld World { get; }

    public MemoryStore Vault => World.Primary;

    public static async Task<MediaWorld> CreateAsync(CancellationToken cancellationToken)
    {
        var world = await ReplicaWorld.CreateAsync(cancellationToken);
        Random random = new(7);
        for (var i = 0; i < 20; i++)
        {
            var pack = new byte[random.Next(1000, 200_000)];
            random.NextBytes(pack);
            var name = BlobId.Of(pack).Hex;
            world.Primary.Overwrite($"{ReplicaWorld.Generation}data/{name[..2]}/{name}", pack);
        }
        return new MediaWorld(world);
    }

    public static Task<MediaSet> PlanAsync(
        IStore store,
        CancellationToken cancellationToken,
        long volumeBytes = VolumeBytes,
        IReadOnlyList<string>? generations = null
    ) =>
        MediaSet.PlanAsync(
            store,
            generations,
            volumeBytes,
            "1a2b3c4d",
            new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
            cancellationToken
        );

    public static async Task<byte[]> WriteAsync(
        IStore store,
        MediaSet set,
        int number,
        CancellationToken cancellationToken
    )
    {
        using MemoryStream volume = new();
        var written = await new MediaWriter(store, set, NoProgress.Instance).WriteAsync(
            number,
            volume,
            cancellationToken
        );
        Assert.Equal(volume.Length, written.LengthBytes);
        Assert.Equal(BlobId.Of(volume.ToArray()), written.Sha256);
        return volume.ToArray();
    }

    /// <summary>All volumes of a new set.</summary>
    public async Task<List<byte[]>> WriteAllAsync(CancellationToken cancellationToken)
    {
        var set = await PlanAsync(Vault, cancellationToken);
        List<byte[]> volumes = [];
        for (var number = 1; number <= set.Volumes.Count; number++)
            volumes.Add(await WriteAsync(Vault, set, number, cancellationToken));
        return volumes;
    }

    /// <summary>In one reading, as one command does it.</summary>
    public static async Task<(List<MediaVolumeReport> Volumes, MediaSetReport Set)> ReadAsync(
        IStore? target,
        IEnumerable<byte[]> volumes,
        CancellationToken cancellationToken
    )
    {
        MediaReading reading = new(target, NoProgress.Instance);
        List<MediaVolumeReport> reports = [];
        foreach (var volume in volumes)
            reports.Add(await reading.ReadAsync("volume", new MemoryStream(volume), cancellationToken));
        return (reports, Assert.Single(await reading.ReportAsync(cancellationToken)));
    }

    /// <summary>What a reading left in a store, without its own notes.</summary>
    public static SortedDictionary<string, byte[]> ContentOf(MemoryStore store) =>
        new(
            store
                .Objects.Where(item => !item.Key.StartsWith("media/", StringComparison.Ordinal))
                .ToDictionary(item => item.Key, item => item.Value, StringComparer.Ordinal),
            StringComparer.Ordinal
        );
}
