using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Resurgam.Core.Plans.Yaml;

/// <summary>Reads one YAML document into nodes with places. Takes the plain part of YAML: no aliases, tags or second documents.</summary>
/// <remarks>
/// Aliases are left out on purpose: a plan is read by tired people, who should see at each place what holds there; and
/// without them no file can unfold into more than its own size.
/// </remarks>
internal sealed class YamlTree
{
    /// <summary>A plan has a few kilobytes; what is larger is not a plan.</summary>
    public const int MaxLengthBytes = 4 << 20;

    /// <summary>The deepest key of a plan lies at about 8.</summary>
    public const int MaxDepth = 32;

    private readonly Parser _parser;
    private readonly PlanReport _report;
    private int _depth;

    private YamlTree(string yaml, PlanReport report)
    {
        _parser = new Parser(new StringReader(yaml));
        _report = report;
    }

    private YamlMark Here => MarkOf(Current.Start);

    private ParsingEvent Current =>
        _parser.Current
        ?? throw new System.Diagnostics.UnreachableException("the parser stands before its first event");

    /// <returns>Null when the text is no YAML or holds nothing; the report then says so.</returns>
    public static YamlNode? Read(string yaml, PlanReport report)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(yaml) is var length && length > MaxLengthBytes)
        {
            report.Add(new YamlMark(1, 1), PlanProblems.TooLarge(length, MaxLengthBytes));
            return null;
        }
        try
        {
            return new YamlTree(yaml, report).ReadDocument();
        }
        catch (YamlException e)
        {
            var at = MarkOf(e.Start);
            report.Add(at, TabAt(yaml, at.Line) is { } tab ? PlanProblems.Tab(tab) : PlanProblems.Syntax(e.Message));
            return null;
        }
    }

    private YamlNode? ReadDocument()
    {
        _parser.MoveNext(); // to StreamStart
        _parser.MoveNext();
        if (Current is StreamEnd)
        {
            _report.Add(new YamlMark(1, 1), PlanProblems.Empty());
            return null;
        }
        _parser.MoveNext(); // past DocumentStart
        var root = ReadNode();
        if (root is null)
            return null;
        _parser.MoveNext(); // past DocumentEnd
        if (Current is DocumentStart)
            _report.Add(Here, PlanProblems.SecondDocument());
        if (root is not YamlNode.Scalar { IsNothing: true })
            return root;
        _report.Add(new YamlMark(1, 1), PlanProblems.Empty());
        return null;
    }

    /// <summary>Reads the node that begins at the current event and moves behind it.</summary>
    /// <returns>Null when the depth limit was hit: reading stops there.</returns>
    private YamlNode? ReadNode()
    {
        var at = Here;
        if (Current is NodeEvent node)
            RefuseDecoration(node);
        switch (Current)
        {
            case Scalar scalar:
                _parser.MoveNext();
                return new YamlNode.Scalar(scalar.Value, scalar.Style == ScalarStyle.Plain, at);
            case AnchorAlias alias:
                _report.Add(at, PlanProblems.Alias(alias.Value.Value));
                _parser.MoveNext();
                return new YamlNode.Scalar("", IsPlain: true, at);
        }
        if (++_depth > MaxDepth)
        {
            _report.Add(at, PlanProblems.TooDeep(MaxDepth));
            return null;
        }
        YamlNode? read = Current is MappingStart ? ReadMapping(at) : ReadSequence(at);
        _depth--;
        return read;
    }

    private YamlNode.Mapping? ReadMapping(YamlMark at)
    {
        List<YamlEntry> entries = [];
        _parser.MoveNext();
        while (Current is not MappingEnd)
        {
            var key = ReadNode();
            var value = key is null ? null : ReadNode();
            if (key is null || value is null)
                return null;
            if (key is YamlNode.Scalar name)
                entries.Add(new YamlEntry(name, value));
            else
                _report.Add(key.At, PlanProblems.KeyIsNotText(key.Shape));
        }
        _parser.MoveNext();
        return new YamlNode.Mapping(entries, at);
    }

    private YamlNode.Sequence? ReadSequence(YamlMark at)
    {
        List<YamlNode> items = [];
        _parser.MoveNext();
        while (Current is not SequenceEnd)
        {
            if (ReadNode() is not { } item)
                return null;
            items.Add(item);
        }
        _parser.MoveNext();
        return new YamlNode.Sequence(items, at);
    }

    private void RefuseDecoration(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
            _report.Add(Here, PlanProblems.Anchor(node.Anchor.Value));
        if (!node.Tag.IsEmpty)
            _report.Add(Here, PlanProblems.Tag(node.Tag.IsNonSpecific ? "!" : node.Tag.Value));
    }

    /// <summary>YAML forbids tabs in indentation, and its errors then speak of anything but tabs.</summary>
    /// <returns>The line that is indented by a tab: this one or the one before it.</returns>
    private static int? TabAt(string yaml, int line)
    {
        var number = 0;
        int? found = null;
        foreach (var text in yaml.AsSpan().EnumerateLines())
        {
            number++;
            if (number >= line - 1 && text[..(text.Length - text.TrimStart(" \t").Length)].Contains('\t'))
                found ??= number;
            if (number >= line)
                break;
        }
        return found;
    }

    private static YamlMark MarkOf(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));
}
