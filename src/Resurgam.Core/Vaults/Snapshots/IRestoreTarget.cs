namespace Resurgam.Core.Vaults.Snapshots;

/// <summary>Where restored files go. Files are known by their number in the list given to the restorer. Thread-safe.</summary>
public interface IRestoreTarget
{
    /// <summary>Reads what is there already.</summary>
    /// <returns>Bytes read; fewer than asked for at the end of the file, 0 when there is no file.</returns>
    int Read(int file, long offset, Span<byte> buffer);

    void Write(int file, long offset, ReadOnlySpan<byte> bytes);

    /// <summary>True when the file may hold something worth comparing: a restore over what is there.</summary>
    bool IsComparable(int file);

    /// <summary>All chunks of the file are in place.</summary>
    void Complete(int file);
}
