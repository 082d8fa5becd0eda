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

    private const char ByteOrderMark = '\uFEFF';

    private readonly Parser _parser;
    private readonly PlanReport _report;
    private YamlMark _lastEnd = new(1, 1);
    private int _depth;

    private YamlTree(string yaml, PlanReport report)
    {
        _parser = new Parser(new StringReader(yaml));
        _report = report;
    }

    private YamlMark Here => MarkOf(Current.Start);

    private ParsingEvent Current =>
        _parser.Current ?? throw new SyntaxErrorException(default, default, "the text ends too early");

    /// <returns>Null when the text is no YAML or holds nothing; the report then says so.</returns>
    public static YamlNode? Read(string yaml, PlanReport report)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(yaml) is var length && length > MaxLengthBytes)
        {
            report.Add(new YamlMark(1, 1), PlanProblems.TooLarge(length, MaxLengthBytes));
            return null;
        }
        if (ControlCharacterIn(yaml) is var (mark, character))
        {
            report.Add(mark, PlanProblems.ControlCharacter(character));
            return null;
        }
        var tree = new YamlTree(yaml.TrimStart(ByteOrderMark), report);
        try
        {
            return tree.ReadDocument();
        }
        catch (YamlException e)
        {
            tree.ReportSyntax(e, yaml);
            return null;
        }
        catch (ArgumentException) // YamlDotNet 18.1, at a tag that is no URI: '!!a['
        {
            report.Add(
                tree._lastEnd,
                PlanProblems.Syntax("a tag ('!') behind this place is none; a plan needs no tags")
            );
            return null;
        }
        catch (InvalidOperationException) // YamlDotNet 18.1's scanner, at some misplaced brackets
        {
            report.Add(tree._lastEnd, PlanProblems.Syntax("the brackets behind this place do not fit together"));
            return null;
        }
    }

    private YamlNode? ReadDocument()
    {
        MoveNext(); // to StreamStart
        MoveNext();
        if (Current is StreamEnd)
        {
            _report.Add(new YamlMark(1, 1), PlanProblems.Empty());
            return null;
        }
        MoveNext(); // past DocumentStart
        var root = ReadNode();
        if (root is null)
            return null;
        MoveNext(); // past DocumentEnd
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
                MoveNext();
                return new YamlNode.Scalar(scalar.Value, scalar.Style == ScalarStyle.Plain, at);
            case AnchorAlias alias:
                _report.Add(at, PlanProblems.Alias(alias.Value.Value));
                MoveNext();
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
        MoveNext();
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
        MoveNext();
        return new YamlNode.Mapping(entries, at);
    }

    private YamlNode.Sequence? ReadSequence(YamlMark at)
    {
        List<YamlNode> items = [];
        MoveNext();
        while (Current is not SequenceEnd)
        {
            if (ReadNode() is not { } item)
                return null;
            items.Add(item);
        }
        MoveNext();
        return new YamlNode.Sequence(items, at);
    }

    private void MoveNext()
    {
        if (_parser.Current is { } passed)
            _lastEnd = MarkOf(passed.End);
        _parser.MoveNext();
    }

    private void RefuseDecoration(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
            _report.Add(Here, PlanProblems.Anchor(node.Anchor.Value));
        if (!node.Tag.IsEmpty)
            _report.Add(Here, PlanProblems.Tag(node.Tag.IsNonSpecific ? "!" : node.Tag.Value));
    }

    /// <summary>YAML allows no other than tab and line breaks; the scanner would take NUL for the end.</summary>
    private static (YamlMark At, char Character)? ControlCharacterIn(string yaml)
    {
        var number = 0;
        foreach (var line in yaml.AsSpan().EnumerateLines())
        {
            number++;
            for (var column = 0; column < line.Length; column++)
            {
                if (char.IsControl(line[column]) && line[column] != '\t')
                    return (new YamlMark(number, column + 1), line[column]);
            }
        }
        return null;
    }

    private void ReportSyntax(YamlException e, string yaml)
    {
        // The error's own place may be where the enclosing group began: what was read last is nearer then.
        var start = MarkOf(e.Start);
        var at = (start.Line, start.Column).CompareTo((_lastEnd.Line, _lastEnd.Column)) < 0 ? _lastEnd : start;
        if (FirstTabbedLine(yaml, from: at.Line - 1) is { } tabbed)
            _report.Add(new YamlMark(tabbed, 1), PlanProblems.Tab());
        else
            _report.Add(at, PlanProblems.Syntax(e.Message));
    }

    /// <summary>YAML forbids tabs in indentation, and its errors then speak of anything but tabs, a line or two off.</summary>
    private static int? FirstTabbedLine(string yaml, int from)
    {
        var number = 0;
        foreach (var line in yaml.AsSpan().EnumerateLines())
        {
            number++;
            var indentation = line[..(line.Length - line.TrimStart(" \t").Length)];
            if (number >= from && indentation.Contains('\t') && number <= from + 2)
                return number;
        }
        return null;
    }

    private static YamlMark MarkOf(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));
}
