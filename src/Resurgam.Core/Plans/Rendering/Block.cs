using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Rendering;

/// <summary>A piece of a document, before anybody asked for Markdown or HTML. Closed. All text is plain.</summary>
internal abstract record Block
{
    private Block() { }

    /// <param name="Level">From 1.</param>
    public sealed record Heading(int Level, string Text) : Block;

    public sealed record Paragraph(string Text) : Block;

    public sealed record Items(ValueList<string> Texts) : Block;

    /// <param name="Caption">For those who hear the table.</param>
    /// <param name="Rows">Each as long as the head.</param>
    public sealed record Table(string Caption, ValueList<string> Head, ValueList<ValueList<string>> Rows) : Block;

    /// <summary>Text whose lines stay as they are.</summary>
    public sealed record Verbatim(string Text) : Block;
}
