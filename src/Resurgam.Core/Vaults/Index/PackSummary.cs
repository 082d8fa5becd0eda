using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Vaults.Index;

/// <summary>What an index, or a header, says of one pack; equal when both name the same blobs at the same places.</summary>
/// <param name="EndOffset">Where the last blob ends.</param>
/// <param name="Sum">Of the entries, in whatever order they stand; against mistakes, not against forgery.</param>
public readonly record struct PackSummary(BlobId Id, int Blobs, long EndOffset, ulong Sum)
{
    public static PackSummary Of(BlobId id, IReadOnlyList<PackEntry> entries)
    {
        var end = 0L;
        var sum = 0UL;
        foreach (var entry in entries)
        {
            end = Math.Max(end, (long)entry.Offset + entry.Length);
            sum = unchecked(sum + Mixed(entry));
        }
        return new PackSummary(id, entries.Count, end, sum);
    }

    private static ulong Mixed(PackEntry entry)
    {
        // Two odd constants of the golden ratio and of xxHash64: each step is invertible, so no field can cancel another.
        unchecked
        {
            var mixed = ((ulong)entry.Offset << 32 | entry.Length) * 0x9E3779B97F4A7C15;
            mixed ^= mixed >> 29;
            mixed = (mixed + entry.PlainLength) * 0xC2B2AE3D27D4EB4F + (ulong)entry.Type;
            mixed ^= mixed >> 32;
            return (mixed + entry.Id.Leading) * 0x9E3779B97F4A7C15;
        }
    }
}
