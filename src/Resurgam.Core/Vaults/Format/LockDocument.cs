namespace Resurgam.Core.Vaults.Format;

/// <summary>A lock file, opened and unpacked. Stale after 30 minutes.</summary>
public sealed record LockDocument
{
    private const string Document = "lock";

    public required UnixTime Time { get; init; }

    public required bool Exclusive { get; init; }

    public string Hostname { get; init; } = "";

    public string Username { get; init; } = "";

    public int Pid { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public byte[] Write() =>
        GoJson.Write(json =>
        {
            json.WriteTime("time"u8, Time);
            json.WriteBoolean("exclusive"u8, Exclusive);
            json.WriteText("hostname"u8, Hostname);
            json.WriteText("username"u8, Username);
            json.WriteNumber("pid"u8, Pid);
            json.WriteNumberUnlessZero("uid"u8, Uid);
            json.WriteNumberUnlessZero("gid"u8, Gid);
        });

    public static LockDocument Read(ReadOnlySpan<byte> json)
    {
        DocumentReader document = new(Document, json);
        UnixTime? time = null;
        LockDocument found = new() { Time = default, Exclusive = false };
        while (document.NextField())
        {
            if (document.Field.SequenceEqual("time"u8))
                time = document.Time();
            else if (document.Field.SequenceEqual("exclusive"u8))
                found = found with { Exclusive = document.Boolean() };
            else if (document.Field.SequenceEqual("hostname"u8))
                found = found with { Hostname = document.Text() };
            else if (document.Field.SequenceEqual("username"u8))
                found = found with { Username = document.Text() };
            else if (document.Field.SequenceEqual("pid"u8))
                found = found with { Pid = document.Int32() };
            else if (document.Field.SequenceEqual("uid"u8))
                found = found with { Uid = document.UInt32() };
            else if (document.Field.SequenceEqual("gid"u8))
                found = found with { Gid = document.UInt32() };
            else
                document.SkipValue();
        }
        document.EndDocument();
        return found with { Time = time ?? throw document.Malformed("it has no time") };
    }
}
