using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>A folder and all below it.</summary>
internal static class FilesKeys
{
    public static readonly PlanKey<string> Path = new("path", PlanTypes.AbsolutePath)
    {
        IsRequired = true,
        Example = "/srv/uploads",
        About = "The folder.",
    };

    public static readonly PlanKey<ValueList<string>> Exclude = new("exclude", PlanTypes.Patterns)
    {
        DefaultInWords = "none",
        Example = "['*.tmp', 'cache/**']",
        About =
            "What stays out, with all below it. A pattern without a slash fits a name in any folder, one with a slash a path below `path` (`/cache` only there). `*` is any part of a name, `?` one character, `**` any folders.",
    };

    public static readonly PlanSection Section = AssetKeys.SectionOf(
        Asset.Files.KindName,
        "A folder and all below it.",
        [Path, Exclude]
    );
}
