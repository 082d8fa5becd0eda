using System.Text.Json.Serialization;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>What the watchdog has changed, so that it can be put back, by the next process if need be.</summary>
/// <param name="Original">The value before.</param>
/// <param name="Replacement">Ours.</param>
/// <param name="WasAlterSystem">The value before was set by ALTER SYSTEM; else it stands in postgresql.conf.</param>
internal sealed record SetAside(string Original, string Replacement, bool WasAlterSystem);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SetAside))]
internal sealed partial class WatchdogJson : JsonSerializerContext;
