namespace Resurgam.Core.Redis;

/// <summary>What one piece of an RDB file is made of.</summary>
internal enum RdbPart
{
    /// <summary>A length and so many bytes; or a number, or compressed bytes.</summary>
    Text,

    /// <summary>A number in the form of lengths.</summary>
    Number,

    /// <summary>Bytes of a fixed count.</summary>
    Bytes,

    /// <summary>Eight bytes: when the first field of a hash expires, in Unix milliseconds.</summary>
    FirstExpiry,

    /// <summary>A score as text, with its length or a special value in one byte.</summary>
    OldScore,

    /// <summary>A number, and that often what is within.</summary>
    Each,

    /// <summary>Values of a module, up to their end mark.</summary>
    Module,

    /// <summary>The length of compressed bytes ...</summary>
    PackedLength,

    /// <summary>... and they.</summary>
    PackedBytes,
}

/// <param name="Within">Of <see cref="RdbPart.Each"/>.</param>
/// <param name="Count">Of <see cref="RdbPart.Bytes"/>.</param>
internal sealed record RdbStep(RdbPart Part, IReadOnlyList<RdbStep> Within, int Count = 0);

/// <summary>The layout of each type of value, as <c>rdb.c</c> of Redis 2.6 to 8.0 and Valkey 7.2 to 8.1 writes it.</summary>
internal static class RdbShape
{
    public const byte String = 0;
    public const byte List = 1;
    public const byte Set = 2;
    public const byte SortedSetOld = 3;
    public const byte Hash = 4;
    public const byte SortedSet = 5;
    public const byte SetIntegers = 11;
    public const byte HashListpack = 16;
    public const byte SortedSetListpack = 17;
    public const byte ListQuicklist = 18;
    public const byte SetListpack = 20;
    public const byte HashExpiring = 24;
    public const byte HashExpiringListpack = 25;

    private static readonly RdbStep Text = new(RdbPart.Text, []);
    private static readonly RdbStep Number = new(RdbPart.Number, []);
    private static readonly RdbStep Module = new(RdbPart.Module, []);
    private static readonly RdbStep Eight = Bytes(8);
    private static readonly RdbStep FirstExpiry = new(RdbPart.FirstExpiry, []);
    private static readonly RdbStep StreamId = Bytes(16);

    /// <summary>What follows the word for a compressed text.</summary>
    public static readonly IReadOnlyList<RdbStep> Packed =
    [
        new(RdbPart.PackedLength, []),
        Number,
        new(RdbPart.PackedBytes, []),
    ];

    public static readonly IReadOnlyList<RdbStep> OneText = [Text];
    public static readonly IReadOnlyList<RdbStep> OneNumber = [Number];

    private static readonly Dictionary<byte, IReadOnlyList<RdbStep>> Values = new()
    {
        [String] = [Text],
        [List] = [Each(Text)],
        [Set] = [Each(Text)],
        [SortedSetOld] = [Each(Text, new(RdbPart.OldScore, []))],
        [Hash] = [Each(Text, Text)],
        [SortedSet] = [Each(Text, Eight)],
        [7] = [Number, Module],
        [9] = [Text], // zipmap
        [10] = [Text], // list as ziplist
        [SetIntegers] = [Text],
        [12] = [Text], // sorted set as ziplist
        [13] = [Text], // hash as ziplist
        [14] = [Each(Text)], // quicklist of ziplists
        [15] = Stream(generation: 1),
        [HashListpack] = [Text],
        [SortedSetListpack] = [Text],
        [ListQuicklist] = [Each(Number, Text)],
        [19] = Stream(generation: 2),
        [SetListpack] = [Text],
        [21] = Stream(generation: 3),
        [22] = [Each(Number, Text, Text)], // hash with times to live, of release candidates
        [23] = [Text],
        [HashExpiring] = [FirstExpiry, Each(Number, Text, Text)], // hash with times to live, from Redis 7.4 on
        [HashExpiringListpack] = [FirstExpiry, Text],
    };

    private static readonly Dictionary<byte, IReadOnlyList<RdbStep>> Marks = new()
    {
        [RdbMark.Slot] = [Number, Number, Number],
        [RdbMark.Function] = [Text],
        [RdbMark.ModuleAux] = [Number, Module],
        [RdbMark.Idle] = [Number],
        [RdbMark.Frequency] = [Bytes(1)],
        [RdbMark.Aux] = [Text, Text],
        [RdbMark.Size] = [Number, Number],
    };

    /// <returns>Null for a type that is not known.</returns>
    public static IReadOnlyList<RdbStep>? FindValue(byte type) => Values.GetValueOrDefault(type);

    /// <returns>What follows a mark of no consequence for keys; null for other bytes.</returns>
    public static IReadOnlyList<RdbStep>? FindMark(byte mark) => Marks.GetValueOrDefault(mark);

    private static RdbStep[] Stream(int generation)
    {
        RdbStep[] consumer = generation >= 3 ? [Text, Eight, Eight, Each(StreamId)] : [Text, Eight, Each(StreamId)];
        RdbStep[] position = generation >= 2 ? [Number, Number, Number] : [Number, Number];
        RdbStep[] history = generation >= 2 ? [Number, Number, Number, Number, Number] : [];
        return
        [
            Each(Text, Text),
            Number,
            Number,
            Number,
            .. history,
            Each([Text, .. position, Each(StreamId, Eight, Number), Each(consumer)]),
        ];
    }

    private static RdbStep Each(params RdbStep[] within) => new(RdbPart.Each, within);

    private static RdbStep Bytes(int count) => new(RdbPart.Bytes, [], count);
}

/// <summary>Bytes that stand where a type could stand.</summary>
internal static class RdbMark
{
    public const byte Slot = 0xF4;
    public const byte Function = 0xF5;
    public const byte ModuleAux = 0xF7;
    public const byte Idle = 0xF8;
    public const byte Frequency = 0xF9;
    public const byte Aux = 0xFA;
    public const byte Size = 0xFB;
    public const byte ExpiresMs = 0xFC;
    public const byte Expires = 0xFD;
    public const byte Database = 0xFE;
    public const byte End = 0xFF;
}
