namespace Resurgam.Core.Vaults;

/// <summary>Room for what does not fit in memory while a command runs: gone, whatever happens, when it ends.</summary>
public interface IScratch
{
    /// <summary>A new, empty file without a name. The caller disposes of it.</summary>
    IScratchFile Create();
}

/// <summary>Append and read anywhere. Thread-safe. A full disk is a <c>ResurgamException</c>.</summary>
public interface IScratchFile : IDisposable
{
    long LengthBytes { get; }

    /// <returns>Offset of the first byte appended.</returns>
    long Append(ReadOnlySpan<byte> bytes);

    /// <summary>Fills <paramref name="buffer"/>; reading past the end is a bug.</summary>
    void Read(long offset, Span<byte> buffer);
}
