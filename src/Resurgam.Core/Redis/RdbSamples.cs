namespace Resurgam.Core.Redis;

/// <summary>Keys chosen by chance while a file goes by: those with the smallest numbers when each gets one.</summary>
/// <param name="salt">Another one chooses others.</param>
internal sealed class RdbSamples(ulong salt)
{
    public const int Most = 200;

    private readonly PriorityQueue<SampleRecord, ulong> _chosen = new(
        Comparer<ulong>.Create(static (a, b) => b.CompareTo(a))
    );

    public IReadOnlyList<SampleRecord> Chosen =>
        [.. _chosen.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element)];

    /// <returns>Its number when the key would be chosen; null when not.</returns>
    public ulong? FindNumber(ReadOnlySpan<byte> key)
    {
        var number = Mix(Crc64.Append(salt, key));
        return _chosen.Count < Most || (_chosen.TryPeek(out _, out var largest) && number < largest) ? number : null;
    }

    public void Add(SampleRecord sample, ulong number)
    {
        _chosen.Enqueue(sample, number);
        if (_chosen.Count > Most)
            _chosen.Dequeue();
    }

    /// <summary>The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a checksum alone is not spread well enough.</summary>
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
