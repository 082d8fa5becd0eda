using System.Text.Json.Serialization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Wal;

/// <summary>Where a stream stands: written once a second to <c>status.json</c> beside its spool.</summary>
public sealed record WalStreamStatus
{
    public const string FileName = "status.json";

    /// <summary>A stream writes its status every second: one that is older than this does not run.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(5);

    public required string Asset { get; init; }

    /// <summary>The replication slot; null where the server knows no slots.</summary>
    public string? Slot { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>When this stream was opened: its name among those that had the spool.</summary>
    public DateTimeOffset? BeganAt { get; init; }

    public required WalStreamState State { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Decimal, as <c>pg_control_system()</c> shows it; null before the first WAL.</summary>
    public string? SystemIdentifier { get; init; }

    public uint? Timeline { get; init; }

    /// <summary>Of a Redis server: the history that its offsets count in.</summary>
    public string? ReplicationId { get; init; }

    /// <summary>Where the server's WAL ends, by its last message. Of a Redis server these are offsets, in decimal digits.</summary>
    public string? ServerLsn { get; init; }

    public string? ReceivedLsn { get; init; }

    public string? SpooledLsn { get; init; }

    public string? ShippedLsn { get; init; }

    /// <summary>All that the server had written before this moment is durable in the spool.</summary>
    public DateTimeOffset? SpoolSecuredAt { get; init; }

    /// <summary>All that the server had written before this moment is durable in the store.</summary>
    public DateTimeOffset? StoreSecuredAt { get; init; }

    /// <summary>Server time of the newest commit in the spool.</summary>
    public DateTimeOffset? SpoolCommitAt { get; init; }

    /// <summary>Server time of the newest commit in the store.</summary>
    public DateTimeOffset? StoreCommitAt { get; init; }

    public long SpoolBytes { get; init; }

    /// <summary>False while the watchdog has taken us out of <c>synchronous_standby_names</c>; null without a watchdog.</summary>
    public bool? IsSynchronous { get; init; }

    /// <summary>Connections so far.</summary>
    public int Sessions { get; init; }

    /// <summary>Why there is no stream right now.</summary>
    public Problem? StreamProblem { get; init; }

    /// <summary>Why the store does not take WAL right now.</summary>
    public Problem? StoreProblem { get; init; }

    /// <summary>Why the server cannot be asked how far it is.</summary>
    public Problem? ServerProblem { get; init; }

    /// <summary>Why the watchdog cannot do its work right now.</summary>
    public Problem? WatchdogProblem { get; init; }

    /// <summary>The first record that was not as it has to be, and where.</summary>
    public string? Damage { get; init; }

    /// <summary>When the watchdog of synchronous commits last said a word; null: never.</summary>
    [JsonIgnore]
    public DateTimeOffset? WatchedAt { get; init; }

    public bool IsWatchedAt(DateTimeOffset now) =>
        WatchedAt is { } at && new WatchdogWord(ProcessId, at, IsSynchronous, WatchdogProblem).IsFreshAt(now);

    /// <summary>Commits wait for this stream, as far as this machine knows, and it does not run.</summary>
    public Problem? FindHangAt(DateTimeOffset now) =>
        Slot is { } slot && IsSynchronous == true && !IsFreshAt(now)
            ? Postgres.Wal.WatchdogProblems.CommitsWait(Asset, slot, IsWatchedAt(now))
            : null;

    /// <summary>It said so a moment ago; one that said so later than now has died before the clock was set back.</summary>
    public bool IsStreamingAt(DateTimeOffset now) => State == WalStreamState.Streaming && IsFreshAt(now);

    /// <summary>It takes a new base, which may take its time.</summary>
    public bool IsCopyingAt(DateTimeOffset now) => State == WalStreamState.Copying && IsFreshAt(now);

    /// <summary>Its process lives.</summary>
    public bool IsFreshAt(DateTimeOffset now) => IsFresh(UpdatedAt, now);

    public static bool IsFresh(DateTimeOffset updatedAt, DateTimeOffset now) =>
        (now - updatedAt).Duration() < StaleAfter;

    /// <returns>What the stream of this spool last said; null when none ever ran here.</returns>
    public static WalStreamStatus? Find(string folder)
    {
        var said = WordFile.Find(Path.Combine(folder, FileName), WalStreamJson.Default.WalStreamStatus);
        if (said is null || WatchdogWord.Find(folder) is not { } word)
            return said;
        return word.UpdatedAt > said.UpdatedAt
            ? said with
            {
                WatchedAt = word.UpdatedAt,
                IsSynchronous = word.IsSynchronous,
                WatchdogProblem = word.Problem,
            }
            : said with
            {
                WatchedAt = word.UpdatedAt,
            };
    }
}

/// <summary>What a stream is doing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WalStreamState>))]
public enum WalStreamState
{
    /// <summary>On the way to the server.</summary>
    Connecting,

    /// <summary>Receiving all data of a server whose stream cannot be gone on with: a new base.</summary>
    Copying,

    /// <summary>Receiving.</summary>
    Streaming,

    /// <summary>Waiting after a failure; <see cref="WalStreamStatus.StreamProblem"/> says which.</summary>
    Waiting,

    /// <summary>It was told to stop.</summary>
    Stopped,
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(WalStreamStatus))]
[JsonSerializable(typeof(WatchdogWord))]
internal sealed partial class WalStreamJson : JsonSerializerContext;
