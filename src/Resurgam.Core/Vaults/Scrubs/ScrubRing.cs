using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Resurgam.Core.Vaults.Scrubs;

/// <summary>
/// The order in which a vault is read: every key has its place on a ring of 2^64, by its hash. So any stretch of the ring is an even share of
/// objects old and new, and where a reading stopped is one number, whatever came and went since.
/// </summary>
public static class ScrubRing
{
    private static readonly double Whole = Math.Pow(2, 64);

    /// <summary>Without an earlier reading the first takes what falls on a day.</summary>
    internal static readonly TimeSpan FirstGap = TimeSpan.FromDays(1);

    /// <summary>The first 8 bytes of the key's SHA-256, the highest first.</summary>
    public static ulong PlaceOf(string key) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>
    /// The share that is due after a gap, so that readings at such gaps see every object twice within the period, no further
    /// apart than that: the gap itself counts, since an object may just have been passed.
    /// </summary>
    /// <param name="gap">Since the last reading; null when there was none.</param>
    /// <param name="period">Everything is to be read within so long.</param>
    /// <returns>0 to 1.</returns>
    public static double ShareOf(TimeSpan? gap, TimeSpan period)
    {
        var since = gap ?? FirstGap;
        if (since <= TimeSpan.Zero)
            return 0; // a clock that was set back: the next reading makes up for it
        return since >= period / 2 ? 1 : since / (period - since);
    }

    /// <returns>So much of the ring; 0 stands for all of it when the share is 1.</returns>
    internal static ulong WidthOf(double share) => share >= 1 ? 0 : (ulong)(share * Whole);

    /// <summary>Distance on the ring, in the direction of reading.</summary>
    internal static ulong From(ulong cursor, ulong place) => unchecked(place - cursor);
}
