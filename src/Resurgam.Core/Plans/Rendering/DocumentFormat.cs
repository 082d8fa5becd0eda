namespace Resurgam.Core.Plans.Rendering;

public enum DocumentFormat
{
    Markdown,

    /// <summary>One file that needs no other, for screens, printers and readers aloud.</summary>
    Html,
}
