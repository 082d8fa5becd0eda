using System.Text;

namespace Resurgam.Core.Vaults.Format;

/// <summary>Collects the fields of one node after the other.</summary>
internal sealed class TreeNodeFields
{
    private readonly List<BlobId> _content = [];
    private string? _name;
    private NodeType? _type;
    private uint _mode;
    private UnixTime _modifiedAt;
    private UnixTime _accessedAt;
    private UnixTime _changedAt;
    private uint _userId;
    private uint _groupId;
    private string? _user;
    private string? _group;
    private ulong _inode;
    private ulong _deviceId;
    private ulong _sizeBytes;
    private ulong _links;
    private string? _linkTarget;
    private byte[]? _rawLinkTarget;
    private IReadOnlyList<ExtendedAttribute> _attributes = [];
    private ulong _device;
    private BlobId? _subtree;

    public TreeNode Read(ref DocumentReader document)
    {
        Clear();
        if (document.BeginObject())
            while (document.NextField())
                if (!TryReadPlainField(ref document) && !TryReadOtherField(ref document))
                    document.SkipValue();
        return ToNode(ref document);
    }

    private void Clear()
    {
        _content.Clear();
        (_name, _type, _mode) = (null, null, 0);
        (_modifiedAt, _accessedAt, _changedAt) = (default, default, default);
        (_userId, _groupId, _user, _group) = (0, 0, null, null);
        (_inode, _deviceId, _sizeBytes, _links, _device) = (0, 0, 0, 0, 0);
        (_linkTarget, _rawLinkTarget, _attributes, _subtree) = (null, null, [], null);
    }

    private bool TryReadPlainField(ref DocumentReader document)
    {
        var field = document.Field;
        if (field.SequenceEqual("mode"u8))
            _mode = document.UInt32();
        else if (field.SequenceEqual("mtime"u8))
            _modifiedAt = document.Time();
        else if (field.SequenceEqual("atime"u8))
            _accessedAt = document.Time();
        else if (field.SequenceEqual("ctime"u8))
            _changedAt = document.Time();
        else if (field.SequenceEqual("uid"u8))
            _userId = document.UInt32();
        else if (field.SequenceEqual("gid"u8))
            _groupId = document.UInt32();
        else if (field.SequenceEqual("user"u8))
            _user = document.TextOrNull();
        else if (field.SequenceEqual("group"u8))
            _group = document.TextOrNull();
        else if (field.SequenceEqual("inode"u8))
            _inode = document.UInt64();
        else if (field.SequenceEqual("device_id"u8))
            _deviceId = document.UInt64();
        else if (field.SequenceEqual("size"u8))
            _sizeBytes = document.UInt64();
        else if (field.SequenceEqual("links"u8))
            _links = document.UInt64();
        else if (field.SequenceEqual("device"u8))
            _device = document.UInt64();
        else
            return false;
        return true;
    }

    private bool TryReadOtherField(ref DocumentReader document)
    {
        var field = document.Field;
        if (field.SequenceEqual("name"u8))
            _name = ReadName(ref document);
        else if (field.SequenceEqual("type"u8))
            _type = ReadType(ref document);
        else if (field.SequenceEqual("linktarget"u8))
            _linkTarget = document.TextOrNull();
        else if (field.SequenceEqual("linktarget_raw"u8))
            _rawLinkTarget = document.Base64();
        else if (field.SequenceEqual("extended_attributes"u8))
            _attributes = ReadExtendedAttributes(ref document);
        else if (field.SequenceEqual("content"u8))
            ReadContent(ref document);
        else if (field.SequenceEqual("subtree"u8))
            _subtree = document.IdOrNull();
        else
            return false;
        return true;
    }

    private static string ReadName(ref DocumentReader document)
    {
        var quoted = document.TextBytes();
        if (!quoted.ContainsAny("\\\"\n"u8))
            return Encoding.UTF8.GetString(quoted);
        var bytes = new byte[quoted.Length];
        var length = GoQuoting.Unquote(quoted, bytes);
        return length >= 0
            ? FileNames.Decode(bytes.AsSpan(0, length))
            : throw document.Malformed($"the name '{document.Text()}' is wrongly quoted");
    }

    private static NodeType ReadType(ref DocumentReader document) =>
        NodeTypes.Find(document.TextBytes())
        ?? throw document.Malformed($"a node has the unknown type '{document.Text()}'");

    private static List<ExtendedAttribute> ReadExtendedAttributes(ref DocumentReader document)
    {
        List<ExtendedAttribute> attributes = [];
        if (!document.BeginArray())
            return attributes;
        while (document.NextItem())
        {
            var name = "";
            byte[] value = [];
            if (document.BeginObject())
                while (document.NextField())
                {
                    if (document.Field.SequenceEqual("name"u8))
                        name = document.Text();
                    else if (document.Field.SequenceEqual("value"u8))
                        value = document.Base64();
                    else
                        document.SkipValue();
                }
            attributes.Add(new ExtendedAttribute(name, value));
        }
        return attributes;
    }

    private void ReadContent(ref DocumentReader document)
    {
        _content.Clear();
        if (!document.BeginArray())
            return;
        while (document.NextItem())
            _content.Add(document.Id());
    }

    private TreeNode ToNode(ref DocumentReader document)
    {
        if (_name is null || _type is not { } type)
            throw document.Malformed($"node '{_name}' has no name or no type");
        if (FileNames.WhyNotAName(_name) is { } wrong)
            throw document.Malformed(wrong);
        if (_sizeBytes > long.MaxValue)
            throw document.Malformed($"'{GoQuoting.Quote(_name)}' has the impossible size {_sizeBytes}");
        if (type == NodeType.Directory && _subtree is null)
            throw document.Malformed($"the directory '{GoQuoting.Quote(_name)}' has no subtree");
        return new TreeNode
        {
            Name = _name,
            Type = type,
            Mode = GoFileMode.ToUnix(_mode),
            ModifiedAt = _modifiedAt,
            AccessedAt = _accessedAt,
            ChangedAt = _changedAt,
            UserId = _userId,
            GroupId = _groupId,
            User = _user,
            Group = _group,
            Inode = _inode,
            DeviceId = _deviceId,
            SizeBytes = (long)_sizeBytes,
            Links = _links,
            LinkTarget = _rawLinkTarget is { Length: > 0 } raw ? FileNames.Decode(raw) : _linkTarget,
            ExtendedAttributes = _attributes,
            Device = _device,
            Content = type == NodeType.File ? _content.ToArray() : default,
            Subtree = type == NodeType.Directory ? _subtree : null,
        };
    }
}
