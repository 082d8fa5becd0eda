using System.Text.Json;
using System.Text.Json.Serialization;

namespace Resurgam.Core.Vaults.Media;

/// <summary><c>VOLUME.json</c>, the first member of a volume: which it is.</summary>
/// <param name="Format">Of the volume: 1.</param>
/// <param name="Set">The <see cref="MediaSet.Id"/>.</param>
/// <param name="Vault">The vault's id.</param>
/// <param name="Number">From 1.</param>
/// <param name="Of">How many volumes the set has.</param>
/// <param name="Generations">Which the set has.</param>
public sealed record MediaLabel(
    [property: JsonPropertyName("resurgam-volume")] int Format,
    string Set,
    string Vault,
    int Number,
    int Of,
    DateTimeOffset BegunAt,
    IReadOnlyList<string> Generations
)
{
    internal const string FileName = "VOLUME.json";
    internal const string CatalogueName = "CATALOGUE.tsv";
    internal const string EndName = "END.json";

    /// <summary>Before the keys of objects: what stock tar unpacks is a folder that is a vault.</summary>
    internal const string ObjectPrefix = "vault/";

    /// <summary>A label of a century of generations.</summary>
    internal const int MostBytes = 32 << 10;

    private const int CurrentFormat = 1;

    internal static MediaLabel For(MediaSet set, int number) =>
        new(CurrentFormat, set.Id, set.VaultId, number, set.Volumes.Count, set.BegunAt, set.Generations);

    internal byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, MediaJson.Default.MediaLabel);

    /// <returns>Null when it is none.</returns>
    /// <exception cref="Problems.ResurgamException"><c>media-newer-format</c></exception>
    internal static MediaLabel? Read(ReadOnlySpan<byte> json, string volume)
    {
        try
        {
            var label = JsonSerializer.Deserialize(json, MediaJson.Default.MediaLabel);
            return label is { Format: > CurrentFormat } ? throw MediaProblems.NewerFormat(volume, label.Format) : label;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary><c>END.json</c>, the last member of a volume: what is on it that the catalogue does not name, and what is not although it does.</summary>
/// <param name="Vanished">Merged or let go by the vault between the listing and the writing.</param>
/// <param name="Added">What took its place.</param>
/// <param name="Damaged">The vault itself has them damaged: they were left out.</param>
public sealed record MediaEnd(
    string Set,
    int Number,
    IReadOnlyList<string> Vanished,
    IReadOnlyList<string> Added,
    IReadOnlyList<string> Damaged
)
{
    internal byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, MediaJson.Default.MediaEnd);

    internal static MediaEnd? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MediaJson.Default.MediaEnd);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n"
)]
[JsonSerializable(typeof(MediaLabel))]
[JsonSerializable(typeof(MediaEnd))]
[JsonSerializable(typeof(MediaSet))]
internal sealed partial class MediaJson : JsonSerializerContext;
