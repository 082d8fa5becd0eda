using System.Buffers;

namespace Resurgam.Core.Ledgers;

/// <summary>Name of a stream of the ledger: <c>vault</c>, or a kind and a name: <c>asset.db</c>, <c>run.20261124-1</c>.</summary>
/// <remarks>Kind: letters a-z. Name: up to 80 of <c>a-z 0-9 - _</c>. It is a folder's name in the store.</remarks>
public readonly record struct StreamName : IComparable<StreamName>
{
    private const int MaxLength = 100;
    private const string Places = "place.";
    private const string Forks = "fork.";
    private const string Assets = "asset.";

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly string? _value;

    private StreamName(string value) => _value = value;

    /// <summary>The stream of the vault itself: its keys, and the daily anchors of all other streams.</summary>
    public static StreamName Vault { get; } = new("vault");

    /// <summary>What is open between the plan and what is really there.</summary>
    public static StreamName Readiness { get; } = new("plan.readiness");

    /// <summary>Empty only for the default, which names nothing.</summary>
    public string Value => _value ?? "";

    /// <summary>It tells of copies and heals.</summary>
    public bool IsOfPlace => Value.StartsWith(Places, StringComparison.Ordinal);

    /// <summary>It has the entries that did not stay when a fork was ended.</summary>
    public bool IsOfFork => Value.StartsWith(Forks, StringComparison.Ordinal);

    /// <returns>The asset whose stream it is; null for another.</returns>
    public string? FindAsset() => Value.StartsWith(Assets, StringComparison.Ordinal) ? Value[Assets.Length..] : null;

    /// <exception cref="ArgumentException">The name is not of the allowed characters.</exception>
    public static StreamName OfAsset(string asset) =>
        TryParse(Assets + asset, out var stream)
            ? stream
            : throw new ArgumentException($"'{asset}' is not an asset's name", nameof(asset));

    /// <summary>The recovery points of a set.</summary>
    /// <exception cref="ArgumentException">The name is not of the allowed characters.</exception>
    public static StreamName OfSet(string set) =>
        TryParse($"set.{set}", out var stream)
            ? stream
            : throw new ArgumentException($"'{set}' is not a set's name", nameof(set));

    /// <summary>Where daemons claim a duty.</summary>
    /// <exception cref="ArgumentException">The name is not of the allowed characters.</exception>
    public static StreamName OfDuty(string duty) =>
        TryParse($"duty.{duty}", out var stream)
            ? stream
            : throw new ArgumentException($"'{duty}' is not a duty's name", nameof(duty));

    /// <summary>What the reading of a place of the vault found.</summary>
    /// <exception cref="ArgumentException">The name is not of the allowed characters.</exception>
    public static StreamName OfScrub(string place) =>
        TryParse($"scrub.{place}", out var stream)
            ? stream
            : throw new ArgumentException($"'{place}' is not a place's name", nameof(place));

    /// <summary>Entries of a place that did not stay when a fork was ended.</summary>
    /// <exception cref="ArgumentException">The name is not of the allowed characters.</exception>
    public static StreamName OfFork(string place) =>
        TryParse($"{Forks}{place}", out var stream)
            ? stream
            : throw new ArgumentException($"'{place}' is not a place's name", nameof(place));

    /// <summary>What was copied to a place of the vault, and healed in it.</summary>
    /// <param name="place">Its name.</param>
    /// <param name="writer">The place whose ledger tells of it; null for the vault's own. Places that are apart must not write one stream.</param>
    /// <exception cref="ArgumentException">The name is not of the allowed characters.</exception>
    public static StreamName OfPlace(string place, string? writer) =>
        TryParse($"{Places}{place}{(writer is null ? "" : $"-from-{writer}")}", out var stream)
            ? stream
            : throw new ArgumentException($"'{place}' or '{writer}' is not a place's name", nameof(place));

    public static bool TryParse(string text, out StreamName stream)
    {
        stream = IsValid(text) ? new StreamName(text) : default;
        return stream != default;
    }

    public int CompareTo(StreamName other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;

    private static bool IsValid(string text)
    {
        if (text == "vault")
            return true;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0
            && text.Length <= MaxLength
            && dot < text.Length - 1
            && text.AsSpan(0, dot).IndexOfAnyExceptInRange('a', 'z') < 0
            && !text.AsSpan(dot + 1).ContainsAnyExcept(Allowed);
    }

    public static bool operator <(StreamName left, StreamName right) => left.CompareTo(right) < 0;

    public static bool operator >(StreamName left, StreamName right) => left.CompareTo(right) > 0;

    public static bool operator <=(StreamName left, StreamName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(StreamName left, StreamName right) => left.CompareTo(right) >= 0;
}
