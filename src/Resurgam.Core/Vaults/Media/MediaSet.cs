using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Core.Vaults.Replicas;

namespace Resurgam.Core.Vaults.Media;

/// <summary>What is to be on which of the numbered volumes: one writing of a vault, or of some of its generations, to offline media.</summary>
/// <remarks>
/// Every volume has the label, the whole catalogue, the vault's descriptor and all keys: any one of them tells what belongs to
/// the set, and what is on it opens with the secret although all others are lost.
/// </remarks>
public sealed record MediaSet
{
    /// <summary>Volumes are counted with so many digits, and people carry them: more is a mistake in the size.</summary>
    public const int MostVolumes = 9999;

    /// <summary>For what takes the place of objects that a writer merges meanwhile, and for the record at the end.</summary>
    internal const long ReservedBytes = 1 << 20;

    /// <summary><c>20261126-1a2b3c4d</c></summary>
    public required string Id { get; init; }

    public required string VaultId { get; init; }

    /// <summary>Which are on it, oldest first.</summary>
    public required IReadOnlyList<string> Generations { get; init; }

    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>The most that one volume may have.</summary>
    public required long VolumeBytes { get; init; }

    /// <summary>On every volume.</summary>
    public required IReadOnlyList<StoreObject> Common { get; init; }

    /// <summary>What is on one volume alone; the first is volume 1.</summary>
    public required IReadOnlyList<IReadOnlyList<StoreObject>> Volumes { get; init; }

    [JsonIgnore]
    public long TotalBytes => Volumes.Sum(volume => volume.Sum(item => item.LengthBytes));

    /// <summary>Lists the vault and fills volumes with it, keys first and the ledger last.</summary>
    /// <param name="generations">Which; null: all.</param>
    /// <param name="id">8 hexadecimal digits of chance.</param>
    /// <exception cref="Problems.ResurgamException"><c>vault-absent</c>, <c>media-generation-unknown</c>, <c>media-volume-too-small</c></exception>
    public static async Task<MediaSet> PlanAsync(
        IStore store,
        IReadOnlyList<string>? generations,
        long volumeBytes,
        string id,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var descriptor =
            await Vault.FindDescriptorAsync(store, cancellationToken) ?? throw VaultProblems.NoVault(store.Name);
        SortedSet<string> found = new(StringComparer.Ordinal);
        List<StoreObject> common = [];
        List<StoreObject> rest = [];
        await foreach (var item in store.ListAsync("", cancellationToken))
        {
            var generation = VaultObject.GenerationOf(item.Key);
            if (
                VaultObject.IsPassing(item.Key) || (generation.Length > 0 && generations?.Contains(generation) == false)
            )
                continue;
            if (generation.Length > 0)
                found.Add(generation);
            (
                VaultObject.PartOfVault(item.Key)
                    is VaultPart.Keys
                        or VaultPart.Descriptor
                        or VaultPart.GenerationKeys
                        or VaultPart.Config
                    ? common
                    : rest
            ).Add(item);
        }
        if (generations?.FirstOrDefault(wanted => !found.Contains(wanted)) is { } unknown)
            throw MediaProblems.NoGeneration(unknown, found);
        rest.Sort(
            (a, b) =>
                (VaultObject.PartOfVault(a.Key), VaultObject.PartOfVault(b.Key)) is var (one, other) && one != other
                    ? one.CompareTo(other)
                    : string.CompareOrdinal(a.Key, b.Key)
        );
        return new MediaSet
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{now.UtcDateTime:yyyyMMdd}-{id}"),
            VaultId = descriptor.Id,
            Generations = [.. found],
            BegunAt = now,
            VolumeBytes = volumeBytes,
            Common = common,
            Volumes = Distribute(common, rest, volumeBytes),
        };
    }

    /// <summary><c>number TAB length TAB key</c> for each object, 0 for what is on every volume.</summary>
    internal string Catalogue()
    {
        StringBuilder text = new();
        foreach (var item in Common)
            Append(0, item);
        for (var number = 1; number <= Volumes.Count; number++)
            foreach (var item in Volumes[number - 1])
                Append(number, item);
        return text.ToString();

        void Append(int number, StoreObject item) =>
            text.Append(CultureInfo.InvariantCulture, $"{number}\t{item.LengthBytes}\t{item.Key}\n");
    }

    /// <summary>For the state folder, while volumes are still to be written.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, MediaJson.Default.MediaSet);

    /// <returns>Null when it is none.</returns>
    public static MediaSet? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MediaJson.Default.MediaSet);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<List<StoreObject>> Distribute(
        IReadOnlyList<StoreObject> common,
        IReadOnlyList<StoreObject> rest,
        long volumeBytes
    )
    {
        // A number of volumes and a length have at most 4 and 19 digits.
        var catalogue = common.Concat(rest).Sum(item => item.Key.Length + 26L);
        var room =
            volumeBytes
            - ReservedBytes
            - VolumeWriter.RoomOfEnd
            - VolumeWriter.RoomOf(catalogue)
            - VolumeWriter.RoomOf(MediaLabel.MostBytes)
            - VolumeWriter.RoomOf(MediaGuide.Utf8.Length)
            - common.Sum(item => VolumeWriter.RoomOf(item.LengthBytes));
        var largest = rest.Select(item => VolumeWriter.RoomOf(item.LengthBytes)).DefaultIfEmpty(0).Max();
        if (room < largest)
            throw MediaProblems.TooSmall(volumeBytes, volumeBytes - room + largest);
        List<List<StoreObject>> volumes =
        [
            [],
        ];
        var left = room;
        foreach (var item in rest)
        {
            var needed = VolumeWriter.RoomOf(item.LengthBytes);
            if (needed > left)
            {
                volumes.Add([]);
                left = room;
            }
            volumes[^1].Add(item);
            left -= needed;
        }
        return volumes.Count <= MostVolumes ? volumes : throw MediaProblems.TooMany(volumeBytes, volumes.Count);
    }
}
