namespace Resurgam.Core.Plans;

/// <summary>
/// Name of an asset: 1 to 40 of <c>a-z 0-9 - _</c>, the first a letter or a digit. It stands in keys of the store,
/// in folder names and in the name of a replication slot, hence so little.
/// </summary>
public readonly record struct AssetId
{
    public const int MaxLength = 40;

    private readonly string? _value;

    /// <exception cref="ArgumentException">The text is not an asset's name.</exception>
    public AssetId(string value) =>
        _value = IsValid(value)
            ? value
            : throw new ArgumentException($"'{value}' is not an asset's name", nameof(value));

    /// <summary>Empty only for the default, which names nothing.</summary>
    public string Value => _value ?? "";

    public static bool TryParse(string text, out AssetId id)
    {
        id = IsValid(text) ? new AssetId(text) : default;
        return id != default;
    }

    public override string ToString() => Value;

    private static bool IsValid(string text) =>
        text.Length is > 0 and <= MaxLength
        && (char.IsAsciiLetterLower(text[0]) || char.IsAsciiDigit(text[0]))
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');
}
