namespace Resurgam.Core.Compression;

/// <summary>The bytes are no zstd frame, or a damaged one, or the output does not fit. The message is zstd's own.</summary>
public sealed class ZstdException(string message) : Exception(message);
