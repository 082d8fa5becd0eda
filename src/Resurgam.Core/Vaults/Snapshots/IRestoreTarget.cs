namespace Resurgam.Core.Vaults.Snapshots;

/// <summary>Where restored files go. Files are known by their number in the list given to the restorer. Thread-safe.</summary>
public interface IRestoreTarget
{
    /// <summary>Makes the file with its final length.</summary>
    /// <returns>True when it holds something that is worth comparing: a restore over what is there.</returns>
    bool Begin(int file);

    /// <summary>Reads what is there already.</summary>
    /// <returns>Bytes read; fewer than asked for at the end of the file.</returns>
    int Read(int file, long offset, Span<byte> buffer);

    /// <summary>A way to write for one worker, which keeps the last file open.</summary>
    IRestoreWriter OpenWriter();

    /// <summary>All chunks of the file are in place, or it is damaged.</summary>
    void Complete(int file);
}

/// <summary>Not thread-safe.</summary>
public interface IRestoreWriter : IDisposable
{
    void Write(int file, long offset, ReadOnlySpan<byte> bytes);
}
