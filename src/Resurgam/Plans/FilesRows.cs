using Resurgam.Core.Plans;

namespace Resurgam.Plans;

internal static class FilesRows
{
    public static void Write(TextWriter text, Asset.Files files)
    {
        text.WriteRow("path", files.Path);
        foreach (var pattern in files.Exclude)
            text.WriteRow("without", pattern);
    }
}
