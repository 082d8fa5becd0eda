using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Core.Ledgers;

namespace Resurgam.Core.Vaults.Scrubs;

/// <summary>How far the reading of one place of a vault has come, and what it found: the body of the ledger's <c>scrub</c>.</summary>
public sealed record ScrubState
{
    /// <summary>Of damage so much is named; the rest is counted.</summary>
    public const int MostNamed = 1000;

    /// <summary><c>primary</c>, or the name of a replica.</summary>
    public required string Place { get; init; }

    public required bool Passed { get; init; }

    /// <summary>Where on the ring the next reading begins: <see cref="ScrubRing"/>. 16 hexadecimal digits.</summary>
    public required string Cursor { get; init; }

    /// <summary>How often the whole ring was read.</summary>
    public required long Rounds { get; init; }

    public required DateTimeOffset RoundBeganAt { get; init; }

    /// <summary>Everything that was there at this moment was read since; null before the first round has ended.</summary>
    public DateTimeOffset? AllReadSince { get; init; }

    /// <summary>When this was read. The next share is by the time since then.</summary>
    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>Objects that were read for this entry, and their bytes.</summary>
    public required long Objects { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Everything is to be read within so long.</summary>
    public required long PeriodSeconds { get; init; }

    /// <summary>All that was found and is not whole yet, the first <see cref="MostNamed"/> by name.</summary>
    public required IReadOnlyList<ScrubDamage> Damaged { get; init; }

    public required int DamagedCount { get; init; }

    /// <summary>How much of this round was read, 0 to 1.</summary>
    [JsonIgnore]
    public double RoundShare => CursorOnRing / Math.Pow(2, 64);

    internal ulong CursorOnRing => ulong.Parse(Cursor, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Damage in a generation, and all that may be there: what names none, and what is only counted.</summary>
    /// <param name="generation">Its prefix in the store.</param>
    public int CountIn(string generation) =>
        DamagedCount
        - Damaged.Count(damage =>
            damage.Key.StartsWith("ledger/", StringComparison.Ordinal)
            || (
                damage.Key.StartsWith(Vault.GenerationsPrefix, StringComparison.Ordinal)
                && !$"{damage.Key}/".StartsWith(generation, StringComparison.Ordinal)
            )
        );

    /// <summary>What the ledger says of a place.</summary>
    /// <returns>Null when it was never scrubbed.</returns>
    /// <exception cref="Problems.ResurgamException"><c>ledger-damaged</c></exception>
    public static async Task<ScrubState?> FindAsync(Ledger ledger, string place, CancellationToken cancellationToken)
    {
        var stream = StreamName.OfScrub(place);
        var head = await ledger.FindHeadAsync(stream, cancellationToken);
        for (var seq = head.Seq; seq > 0; seq--)
            if (
                await ledger.FindAsync(stream, seq, cancellationToken) is { Kind: EntryKind.Scrub } entry
                && TryRead(entry.Body) is { } state
            )
                return state;
        return null;
    }

    public LedgerFact ToFact() =>
        LedgerFact.Of(EntryKind.Scrub, JsonSerializer.SerializeToUtf8Bytes(this, ScrubJson.Default.ScrubState));

    private static ScrubState? TryRead(ReadOnlyMemory<byte> body)
    {
        try
        {
            var state = JsonSerializer.Deserialize(body.Span, ScrubJson.Default.ScrubState);
            return ulong.TryParse(state?.Cursor, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _)
                ? state
                : null;
        }
        catch (JsonException)
        {
            return null; // of a program that writes another form: the round begins anew
        }
    }
}

/// <param name="Key">A key of the store, or a snapshot and path.</param>
/// <param name="How">What is wrong, in words.</param>
/// <param name="FoundAt">When it was seen first.</param>
public sealed record ScrubDamage(string Key, string How, DateTimeOffset FoundAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ScrubState))]
internal sealed partial class ScrubJson : JsonSerializerContext;
