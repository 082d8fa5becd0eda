using Resurgam.Core.Values;

namespace Resurgam.Adapters.Wal;

/// <summary>The most that can be lost; null where that is not known.</summary>
/// <param name="Size">Bytes of the stream.</param>
/// <param name="Duration">Older changes than this are safe.</param>
public readonly record struct LossBound(ByteSize? Size, TimeSpan? Duration);
