namespace Resurgam.Core.Vaults.Format;

/// <summary>A snapshot file, opened and unpacked: what was captured, when, and its root directory.</summary>
public sealed record SnapshotDocument
{
    private const string Document = "snapshot";

    public required UnixTime Time { get; init; }

    /// <summary>Id of the tree blob of the root directory.</summary>
    public required BlobId Tree { get; init; }

    public IReadOnlyList<string> Paths { get; init; } = [];

    public string Hostname { get; init; } = "";

    public string Username { get; init; } = "";

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public IReadOnlyList<string> Excludes { get; init; } = [];

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The snapshot that this one was compared with.</summary>
    public BlobId? Parent { get; init; }

    /// <summary>The snapshot that this one was rewritten from.</summary>
    public BlobId? Original { get; init; }

    public string? ProgramVersion { get; init; }

    public byte[] Write() =>
        GoJson.Write(json =>
        {
            json.WriteTime("time"u8, Time);
            if (Parent is { } parent)
                json.WriteId("parent"u8, parent);
            json.WriteId("tree"u8, Tree);
            json.WriteTexts("paths"u8, Paths);
            json.WriteTextUnlessEmpty("hostname"u8, Hostname);
            json.WriteTextUnlessEmpty("username"u8, Username);
            json.WriteNumberUnlessZero("uid"u8, Uid);
            json.WriteNumberUnlessZero("gid"u8, Gid);
            if (Excludes.Count > 0)
                json.WriteTexts("excludes"u8, Excludes);
            if (Tags.Count > 0)
                json.WriteTexts("tags"u8, Tags);
            if (Original is { } original)
                json.WriteId("original"u8, original);
            json.WriteTextUnlessEmpty("program_version"u8, ProgramVersion);
        });

    /// <param name="json">Fields that are not of this record are skipped, and lost when it is written again.</param>
    public static SnapshotDocument Read(ReadOnlySpan<byte> json)
    {
        DocumentReader document = new(Document, json);
        UnixTime? time = null;
        BlobId? tree = null;
        SnapshotDocument snapshot = new() { Time = default, Tree = default };
        while (document.NextField())
        {
            if (document.Field.SequenceEqual("time"u8))
                time = document.Time();
            else if (document.Field.SequenceEqual("parent"u8))
                snapshot = snapshot with { Parent = document.IdOrNull() };
            else if (document.Field.SequenceEqual("tree"u8))
                tree = document.IdOrNull();
            else if (document.Field.SequenceEqual("paths"u8))
                snapshot = snapshot with { Paths = document.Texts() };
            else if (document.Field.SequenceEqual("hostname"u8))
                snapshot = snapshot with { Hostname = document.Text() };
            else if (document.Field.SequenceEqual("username"u8))
                snapshot = snapshot with { Username = document.Text() };
            else if (document.Field.SequenceEqual("uid"u8))
                snapshot = snapshot with { Uid = document.UInt32() };
            else if (document.Field.SequenceEqual("gid"u8))
                snapshot = snapshot with { Gid = document.UInt32() };
            else if (document.Field.SequenceEqual("excludes"u8))
                snapshot = snapshot with { Excludes = document.Texts() };
            else if (document.Field.SequenceEqual("tags"u8))
                snapshot = snapshot with { Tags = document.Texts() };
            else if (document.Field.SequenceEqual("original"u8))
                snapshot = snapshot with { Original = document.IdOrNull() };
            else if (document.Field.SequenceEqual("program_version"u8))
                snapshot = snapshot with { ProgramVersion = document.TextOrNull() };
            else
                document.SkipValue();
        }
        document.EndDocument();
        if (time is null || tree is null)
            throw document.Malformed("it has no time or no tree");
        return snapshot with { Time = time.Value, Tree = tree.Value };
    }
}
