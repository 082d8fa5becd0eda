using System.Globalization;
using System.Text.Json.Serialization;

namespace Resurgam.Restores;

/// <summary>How far a restore, or that of a verification, brought its asset: in one form for all kinds.</summary>
/// <param name="Lsn">Of a cluster that was started: the end of the WAL that it replayed. Null for all else.</param>
/// <param name="Time">
/// The moment whose state is there: of a cluster that was started its last commit, else that of the snapshot, or of the stream behind it.
/// Null where that is decided later, or told by nobody: a cluster that was not started, or had no commit to replay.
/// </param>
internal sealed record RecoveredTo(string? Lsn, DateTimeOffset? Time)
{
    /// <summary>Files of a cluster: how far they lead shows when it is started.</summary>
    public static readonly RecoveredTo Unknown = new(null, null);

    public static RecoveredTo AsOf(DateTimeOffset time) => new(null, time);

    /// <returns>Null when neither is known.</returns>
    [JsonIgnore]
    public string? InWords =>
        string.Join(
            ", ",
            new[]
            {
                Time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
                Lsn,
            }.OfType<string>()
        )
            is { Length: > 0 } words
            ? words
            : null;
}
