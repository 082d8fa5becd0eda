using Resurgam.Core.Postgres;

namespace Resurgam.Core.Wal;

/// <summary>What a spool and a shipper have to know of the bytes that they carry: where they are whole, and of what time.</summary>
public interface IWalForm
{
    /// <summary>Bytes at the beginning of a segment that tell whose it is.</summary>
    int HeadBytes { get; }

    /// <returns>Null when these are not the first bytes of a segment.</returns>
    WalIdentity? FindIdentity(ReadOnlySpan<byte> head);

    /// <param name="timeline">Records of another one do not count; null: all do.</param>
    IWalScanner NewScanner(int segmentSizeBytes, uint? timeline);
}

/// <summary>Follows a stream from record to record.</summary>
public interface IWalScanner
{
    /// <summary>The end of the last whole record of the unbroken run since the beginning; null before the first.</summary>
    Lsn? WholeEnd { get; }

    /// <summary>The first record does not begin where we began: its end was taken on trust.</summary>
    bool BeganInsideRecord { get; }

    /// <summary>Time of the newest record that has one; null before the first.</summary>
    DateTimeOffset? LastAt { get; }

    /// <summary>Takes the next bytes. When they do not follow the ones before, everything but the time is forgotten.</summary>
    void Add(Lsn start, ReadOnlySpan<byte> bytes);
}
