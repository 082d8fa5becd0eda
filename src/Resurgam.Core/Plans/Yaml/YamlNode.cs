namespace Resurgam.Core.Plans.Yaml;

/// <summary>A place in the file; both from 1.</summary>
internal readonly record struct YamlMark(int Line, int Column);

/// <summary>A YAML value with its place, before anybody asked what it means. Closed.</summary>
internal abstract record YamlNode(YamlMark At)
{
    /// <summary>In words for messages: "a list".</summary>
    public abstract string Shape { get; }

    /// <summary>The value below these keys, each in the group before it; null when there is none.</summary>
    public YamlNode? Find(params ReadOnlySpan<string> keys)
    {
        YamlNode? node = this;
        foreach (var key in keys)
            node = (node as Mapping)?.Entries.FirstOrDefault(entry => entry.Key.Text == key)?.Value;
        return node;
    }

    /// <param name="Text">Unescaped; never guessed into a number, a date or a boolean.</param>
    /// <param name="IsPlain">Written without quotes and not as a block.</param>
    public sealed record Scalar(string Text, bool IsPlain, YamlMark At) : YamlNode(At)
    {
        /// <summary><c>key:</c> with nothing behind it, <c>~</c> or <c>null</c>.</summary>
        public bool IsNothing => IsPlain && Text is "" or "~" or "null";

        public override string Shape => IsNothing ? "nothing" : "text";
    }

    public sealed record Mapping(IReadOnlyList<YamlEntry> Entries, YamlMark At) : YamlNode(At)
    {
        public override string Shape => "a group of keys";
    }

    public sealed record Sequence(IReadOnlyList<YamlNode> Items, YamlMark At) : YamlNode(At)
    {
        public override string Shape => "a list";
    }
}

/// <summary>One <c>key: value</c>.</summary>
internal sealed record YamlEntry(YamlNode.Scalar Key, YamlNode Value);
