using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Core.Ledgers;

namespace Resurgam.Core.Vaults.Media;

/// <summary>What the ledger says of offline media: which sets were written, and where each volume is. A fold of its entries.</summary>
public sealed class MediaLedger
{
    private readonly List<MediaSetState> _sets = [];

    private MediaLedger() { }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<MediaSetState> Sets => _sets;

    /// <summary>When the newest set was written of which every volume is confirmed where it is kept; null when there is none.</summary>
    public DateTimeOffset? NewestAway =>
        _sets.FindLast(set => set.IsWhole && set.Volumes.All(volume => volume.IsConfirmed))?.WrittenAt;

    /// <exception cref="Problems.ResurgamException"><c>ledger-damaged</c></exception>
    public static async Task<MediaLedger> ReadAsync(Ledger ledger, CancellationToken cancellationToken)
    {
        MediaLedger read = new();
        await foreach (var entry in ledger.ReadAsync(StreamName.Vault, 1, cancellationToken))
            read.Apply(entry);
        return read;
    }

    /// <exception cref="Problems.ResurgamException"><c>media-set-unknown</c></exception>
    public MediaSetState Get(string set) => Find(set) ?? throw MediaProblems.NoSet(set);

    /// <returns>Null when none of its volumes was written.</returns>
    public MediaSetState? Find(string set) => _sets.Find(known => known.Written.Set == set);

    private void Apply(LedgerEntry entry)
    {
        switch (entry.Kind)
        {
            case EntryKind.MediaWritten when Read(entry, MediaLedgerJson.Default.MediaWritten) is { } written:
                var set = Find(written.Set);
                if (set is null)
                    _sets.Add(new MediaSetState(written, entry));
                else
                    set.Extend(written);
                break;
            case EntryKind.MediaCustody when Read(entry, MediaLedgerJson.Default.MediaCustody) is { } custody:
                Find(custody.Set)?.Apply(custody, entry);
                break;
        }
    }

    private static T? Read<T>(LedgerEntry entry, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(entry.Body.Span, type);
        }
        catch (JsonException)
        {
            return null; // of a program that writes another form
        }
    }
}

/// <summary>A set of volumes as the ledger knows it.</summary>
public sealed class MediaSetState
{
    private readonly SortedDictionary<int, MediaVolumeState> _volumes = [];

    internal MediaSetState(MediaWritten written, LedgerEntry entry)
    {
        (Written, WrittenAt, WrittenBy) = (written, entry.Time, entry.Actor);
        Extend(written);
    }

    public MediaWritten Written { get; }

    public DateTimeOffset WrittenAt { get; }

    public string WrittenBy { get; }

    public IEnumerable<MediaVolumeState> Volumes => _volumes.Values;

    /// <summary>All of its volumes are written.</summary>
    public bool IsWhole => _volumes.Count == Written.Of;

    public MediaVolumeState Get(int number) =>
        _volumes.GetValueOrDefault(number) ?? throw MediaProblems.NoSuchVolume(Written.Set, number, Written.Of);

    internal void Extend(MediaWritten written)
    {
        foreach (var volume in written.Volumes)
            _volumes[volume.Number] = new MediaVolumeState(volume, written.To);
    }

    internal void Apply(MediaCustody custody, LedgerEntry entry)
    {
        foreach (var number in custody.Volumes)
            if (_volumes.TryGetValue(number, out var volume))
                volume.Moves.Add(new MediaMove(custody, entry.Time, entry.Actor));
    }
}

/// <summary>One volume and the hands it went through, oldest first.</summary>
public sealed class MediaVolumeState(MediaWrittenVolume written, string writtenTo)
{
    public string WrittenTo => writtenTo;

    public MediaWrittenVolume Written => written;

    public List<MediaMove> Moves { get; } = [];

    public bool IsDestroyed => Moves.Exists(move => move.Custody.Act == MediaAct.Destroyed);

    /// <summary>Somebody said that it arrived where it is now.</summary>
    public bool IsConfirmed => Moves is [.., { Custody.Act: MediaAct.Confirmed }];
}

/// <param name="RecordedBy">Who ran the program.</param>
public sealed record MediaMove(MediaCustody Custody, DateTimeOffset At, string RecordedBy);

/// <summary>Body of <see cref="EntryKind.MediaWritten"/>; a set that is written in several goes has several.</summary>
/// <param name="Of">How many volumes the set has.</param>
/// <param name="To">Where they were written.</param>
public sealed record MediaWritten(
    string Set,
    int Of,
    IReadOnlyList<string> Generations,
    string To,
    IReadOnlyList<MediaWrittenVolume> Volumes
)
{
    public LedgerFact ToFact() =>
        LedgerFact.Of(
            EntryKind.MediaWritten,
            JsonSerializer.SerializeToUtf8Bytes(this, MediaLedgerJson.Default.MediaWritten)
        );
}

/// <param name="Missing">Objects of the catalogue that are not on it: damaged in the vault, or merged while it was written.</param>
public sealed record MediaWrittenVolume(int Number, long LengthBytes, string Sha256, int Objects, int Missing);

/// <summary>Body of <see cref="EntryKind.MediaCustody"/>.</summary>
/// <param name="Person">Who took, confirmed or destroyed it: a name of the plan's people, or of a carrier.</param>
/// <param name="Place">Where it is to go, or was found.</param>
/// <param name="Note">A seal's number, a waybill, how it was destroyed; never names of patients.</param>
/// <param name="WasRead">It was read from end to end, and was as it was written.</param>
public sealed record MediaCustody(
    string Set,
    IReadOnlyList<int> Volumes,
    MediaAct Act,
    string Person,
    string? Place,
    string? Note,
    bool WasRead
)
{
    public LedgerFact ToFact() =>
        LedgerFact.Of(
            EntryKind.MediaCustody,
            JsonSerializer.SerializeToUtf8Bytes(this, MediaLedgerJson.Default.MediaCustody)
        );
}

[JsonConverter(typeof(JsonStringEnumConverter<MediaAct>))]
public enum MediaAct
{
    [JsonStringEnumMemberName("taken")]
    Taken,

    [JsonStringEnumMemberName("confirmed")]
    Confirmed,

    [JsonStringEnumMemberName("destroyed")]
    Destroyed,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MediaWritten))]
[JsonSerializable(typeof(MediaCustody))]
internal sealed partial class MediaLedgerJson : JsonSerializerContext;
