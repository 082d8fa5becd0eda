using System.Buffers;
using System.Text.Json;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Format;

/// <summary>
/// Writes the tree blob of one directory: <c>{"nodes":[...]}</c> and a newline, byte for byte as restic writes it in UTC.
/// </summary>
/// <remarks>
/// What the format cannot hold, as in restic: names of extended attributes, users and groups that are not UTF-8 (their
/// odd bytes become U+FFFD).
/// </remarks>
public sealed class TreeWriter
{
    private readonly IBufferWriter<byte> _output;
    private readonly Utf8JsonWriter _json;
    private string? _lastName;
    private bool _isComplete;

    /// <param name="output">Takes the bytes, as they come and at the latest in <see cref="Complete"/>.</param>
    public TreeWriter(IBufferWriter<byte> output)
    {
        _output = output;
        _json = GoJson.CreateWriter(output);
        _json.WriteStartObject();
        _json.WriteStartArray("nodes"u8);
    }

    /// <summary>Adds a node.</summary>
    /// <param name="node">Its name comes after that of the node before, byte by byte.</param>
    /// <exception cref="ResurgamException">The name is out of order, was there before, or is none.</exception>
    public void Add(TreeNode node)
    {
        Require.That(!_isComplete, "a complete tree takes no more nodes");
        Check(node);
        _lastName = node.Name;

        _json.WriteStartObject();
        _json.WriteText("name"u8, GoQuoting.Quote(node.Name));
        _json.WriteString("type"u8, NodeTypes.NameOf(node.Type));
        _json.WriteNumberUnlessZero("mode"u8, GoFileMode.From(node.Type, node.Mode));
        _json.WriteTime("mtime"u8, node.ModifiedAt);
        _json.WriteTime("atime"u8, node.AccessedAt);
        _json.WriteTime("ctime"u8, node.ChangedAt);
        _json.WriteNumber("uid"u8, node.UserId);
        _json.WriteNumber("gid"u8, node.GroupId);
        _json.WriteTextUnlessEmpty("user"u8, node.User);
        _json.WriteTextUnlessEmpty("group"u8, node.Group);
        _json.WriteNumberUnlessZero("inode"u8, node.Inode);
        _json.WriteNumberUnlessZero("device_id"u8, node.DeviceId);
        _json.WriteNumberUnlessZero("size"u8, (ulong)node.SizeBytes);
        _json.WriteNumberUnlessZero("links"u8, node.Links);
        WriteLinkTarget(node.LinkTarget);
        WriteExtendedAttributes(node.ExtendedAttributes);
        _json.WriteNumberUnlessZero("device"u8, node.Device);
        WriteContent(node);
        if (node.Subtree is { } subtree)
            _json.WriteId("subtree"u8, subtree);
        _json.WriteEndObject();
    }

    /// <summary>Writes the end. Nothing is added after it.</summary>
    public void Complete()
    {
        Require.That(!_isComplete, "a tree is completed once");
        _isComplete = true;
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
        _json.Dispose();
        _output.Write("\n"u8);
    }

    private void Check(TreeNode node)
    {
        if (FileNames.WhyNotAName(node.Name) is { } wrong)
            throw FormatProblems.NodeRefused(node.Name, wrong);
        FileNames.RequireEncodable(node.Name);
        if (_lastName is not null && FileNames.CompareBytes(_lastName, node.Name) >= 0)
            throw FormatProblems.NodeRefused(node.Name, $"it does not come after '{GoQuoting.Quote(_lastName)}'");
        if (node.SizeBytes < 0)
            throw FormatProblems.NodeRefused(node.Name, $"its size is {node.SizeBytes}");
        if ((node.Type == NodeType.Directory) != node.Subtree.HasValue)
            throw FormatProblems.NodeRefused(node.Name, "a directory has a subtree and nothing else has one");
        if (node.Type != NodeType.File && !node.Content.IsEmpty)
            throw FormatProblems.NodeRefused(node.Name, "only a file has content");
    }

    private void WriteLinkTarget(string? target)
    {
        if (string.IsNullOrEmpty(target))
            return;
        _json.WriteText("linktarget"u8, target);
        var bytes = FileNames.Encode(target);
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
            _json.WriteBase64String("linktarget_raw"u8, bytes);
    }

    private void WriteExtendedAttributes(IReadOnlyList<ExtendedAttribute> attributes)
    {
        if (attributes.Count == 0)
            return;
        _json.WriteStartArray("extended_attributes"u8);
        foreach (var attribute in attributes)
        {
            _json.WriteStartObject();
            _json.WriteText("name"u8, attribute.Name);
            _json.WriteBase64String("value"u8, attribute.Value.Span);
            _json.WriteEndObject();
        }
        _json.WriteEndArray();
    }

    /// <summary>restic finds a file without content damaged unless its list is there and empty.</summary>
    private void WriteContent(TreeNode node)
    {
        if (node.Type != NodeType.File)
        {
            _json.WriteNull("content"u8);
            return;
        }
        _json.WriteStartArray("content"u8);
        foreach (var id in node.Content.Span)
            _json.WriteId(id);
        _json.WriteEndArray();
    }
}
