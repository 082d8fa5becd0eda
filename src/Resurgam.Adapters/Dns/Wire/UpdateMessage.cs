namespace Resurgam.Adapters.Dns.Wire;

/// <summary>Asks a server to replace the records of one name and type, if they are what they should be.</summary>
/// <remarks>RFC 2136, section 2.</remarks>
internal sealed record UpdateMessage
{
    private const ushort Soa = 6;
    private const ushort In = 1;
    private const ushort None = 254;
    private const ushort Any = 255;
    private const int UpdateFlags = 5 << 11;

    public required ushort Id { get; init; }

    public required string Zone { get; init; }

    public required string Name { get; init; }

    public required ushort Type { get; init; }

    /// <summary>All that must be there, whatever its lifetime; empty: nothing.</summary>
    public required IReadOnlyList<byte[]> Was { get; init; }

    /// <summary>All that will be there; empty: nothing.</summary>
    public required IReadOnlyList<byte[]> Values { get; init; }

    public required uint TtlSeconds { get; init; }

    public byte[] ToBytes()
    {
        DnsWriter message = new();
        message.Number16(Id).Number16(UpdateFlags);
        message.Number16(1).Number16(Math.Max(1, Was.Count)).Number16(1 + Values.Count).Number16(0);
        message.Name(Zone).Number16(Soa).Number16(In);
        if (Was.Count == 0)
            message.Record(Name, Type, None, 0, []);
        foreach (var data in Was)
            message.Record(Name, Type, In, 0, data);
        message.Record(Name, Type, Any, 0, []);
        foreach (var data in Values)
            message.Record(Name, Type, In, TtlSeconds, data);
        return message.ToBytes();
    }
}
