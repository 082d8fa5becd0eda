using System.Text.Json;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>Reads and writes a folder.</summary>
internal static class FilesKind
{
    /// <summary>Not kept: the keys need the types of this class, and this needs the keys.</summary>
    public static AssetKind Kind => AssetKind.Of(Asset.Files.KindName, [FilesKeys.Section], Read, Write);

    private static Asset.Files Read(AssetId id, PlanMapping keys) =>
        new()
        {
            Id = id,
            Path = keys.Get(FilesKeys.Path),
            Exclude = keys.Get(FilesKeys.Exclude),
        };

    private static void Write(Utf8JsonWriter json, Asset.Files files)
    {
        json.WriteString("path", files.Path);
        json.WriteTexts("exclude", files.Exclude);
    }
}
