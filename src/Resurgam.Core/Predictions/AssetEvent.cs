using System.Diagnostics;
using System.Text.Json;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;

namespace Resurgam.Core.Predictions;

/// <summary>What the ledger tells of an asset, as far as it says how safe the asset is. Closed.</summary>
public abstract record AssetEvent
{
    private AssetEvent() { }

    /// <summary>When it happened, by the clock of who did it.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Kind of its entry in the ledger.</summary>
    public abstract string Kind { get; }

    /// <summary>A snapshot was taken.</summary>
    public sealed record Backup : AssetEvent
    {
        public override string Kind => EntryKind.Backup;

        public required BlobId Snapshot { get; init; }

        public required DateTimeOffset TakenAt { get; init; }

        /// <summary>Plain bytes of the whole snapshot.</summary>
        public required long SizeBytes { get; init; }

        /// <summary>Of so many findings the words are kept, and of those so much.</summary>
        public const int MostFindings = 5;
        public const int MostFindingLength = 300;

        /// <summary>What of the source could not be captured, is damaged itself, or came or went without the plan's doing: the first of them.</summary>
        public ValueList<string> Findings { get; init; } = [];

        /// <summary>How many there are.</summary>
        public int FindingCount { get; init; }

        /// <summary>How long it took; nothing when its entry does not say.</summary>
        public TimeSpan Duration { get; init; }

        /// <summary>A cluster's timeline; 0 for anything else.</summary>
        public uint Timeline { get; init; }

        /// <summary>Where its replay begins.</summary>
        public Lsn Start { get; init; }

        /// <summary>The end of the WAL that the snapshot holds itself: from here on it needs the stream.</summary>
        public Lsn Stop { get; init; }
    }

    /// <summary>A snapshot was restored in isolation and questioned.</summary>
    public sealed record Verification : AssetEvent
    {
        public override string Kind => EntryKind.Verification;

        public required BlobId Snapshot { get; init; }

        public required bool Passed { get; init; }

        public required IReadOnlyList<StepTime> Steps { get; init; }

        public RestoredBytes Bytes { get; init; }

        /// <summary>Of the last transaction in the copy; null when none was replayed.</summary>
        public DateTimeOffset? LastCommitAt { get; init; }

        /// <summary>As <see cref="Assets.VerificationReport.Unproven"/>.</summary>
        public string? Unproven { get; init; }

        public bool Equals(Verification? other) =>
            base.Equals(other) && Snapshot == other.Snapshot && Steps.SequenceEqual(other.Steps);

        public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Snapshot);
    }

    /// <summary>An asset was brought back.</summary>
    public sealed record Restore : AssetEvent
    {
        public override string Kind => EntryKind.Restore;

        public required BlobId Snapshot { get; init; }

        public required IReadOnlyList<StepTime> Steps { get; init; }

        public RestoredBytes Bytes { get; init; }

        public bool Equals(Restore? other) =>
            base.Equals(other) && Snapshot == other.Snapshot && Steps.SequenceEqual(other.Steps);

        public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Snapshot);
    }

    /// <summary>What it held before a moment must not come back.</summary>
    public sealed record Revocation : AssetEvent
    {
        public override string Kind => EntryKind.SessionsRevoked;

        public required DateTimeOffset Before { get; init; }

        public required string Reason { get; init; }
    }

    /// <summary>Something of it was tried and failed.</summary>
    public sealed record Failure : AssetEvent
    {
        /// <summary>What was tried: <see cref="EntryKind.Backup"/> and so on.</summary>
        public required string Tried { get; init; }

        public override string Kind => Tried + EntryKind.FailedEnding;

        /// <summary>Code of the problem.</summary>
        public required string Code { get; init; }

        public required string What { get; init; }
    }

    /// <returns>Null for an entry that says nothing about how safe an asset is.</returns>
    public static AssetEvent? TryRead(LedgerEntry entry)
    {
        if (!IsTold(entry.Kind))
            return null;
        using var body = JsonDocument.Parse(entry.Body);
        return TryRead(entry.Kind, entry.Time, body.RootElement);
    }

    /// <param name="at">Time of the entry; one that had to wait says itself when it happened.</param>
    public static AssetEvent? TryRead(string kind, DateTimeOffset at, JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            return null;
        at = body.FindTime(LedgerFact.OccurredAt) ?? at;
        if (kind.EndsWith(EntryKind.FailedEnding, StringComparison.Ordinal))
            return new Failure
            {
                At = at,
                Tried = kind[..^EntryKind.FailedEnding.Length],
                Code = body.FindText("code") ?? "",
                What = body.FindText("what") ?? "",
            };
        if (kind == EntryKind.SessionsRevoked)
            return body.FindTime("before") is { } before
                ? new Revocation
                {
                    At = at,
                    Before = before,
                    Reason = body.FindText("reason") ?? "",
                }
                : null;
        if (!BlobId.TryParse(body.FindText("snapshot"), out var snapshot))
            return null;
        RestoredBytes bytes = new(
            body.FindNumber("bytesTotal"),
            body.FindNumber("bytesWritten"),
            body.FindNumber("walBytes")
        );
        return kind switch
        {
            EntryKind.Backup => new Backup
            {
                At = at,
                Snapshot = snapshot,
                TakenAt = body.FindTime("time") ?? at,
                SizeBytes = body.FindNumber("bytesRead") ?? 0,
                Findings = [.. body.FindTexts("findings").Take(Backup.MostFindings).Select(Shorten)],
                FindingCount = (int)(body.FindNumber("findingCount") ?? body.FindTexts("findings").Count),
                Duration = body.FindSpan("duration") ?? TimeSpan.Zero,
                Timeline = (uint)(body.FindNumber("timeline") ?? 0),
                Start = body.FindLsn("startLsn"),
                Stop = body.FindLsn("stopLsn"),
            },
            EntryKind.Verification => new Verification
            {
                At = at,
                Snapshot = snapshot,
                Passed = body.TryGetProperty("passed", out var passed) && passed.ValueKind == JsonValueKind.True,
                Steps = StepTime.ReadAll(body),
                Bytes = bytes,
                LastCommitAt = body.FindTime("lastCommitAt"),
                Unproven = body.FindText("unproven"),
            },
            EntryKind.Restore => new Restore
            {
                At = at,
                Snapshot = snapshot,
                Steps = StepTime.ReadAll(body),
                Bytes = bytes,
            },
            _ => null,
        };
    }

    /// <summary>Writes what <see cref="TryRead(string, DateTimeOffset, JsonElement)"/> reads, and nothing else: for a cache.</summary>
    public void WriteBody(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        switch (this)
        {
            case Backup backup:
                json.WriteString("snapshot", backup.Snapshot.Hex);
                json.WriteString("time", backup.TakenAt);
                json.WriteNumber("bytesRead", backup.SizeBytes);
                json.WriteStartArray("findings");
                foreach (var finding in backup.Findings)
                    json.WriteStringValue(finding);
                json.WriteEndArray();
                json.WriteNumber("findingCount", backup.FindingCount);
                json.WriteNumber("duration", backup.Duration.TotalSeconds);
                json.WriteNumber("timeline", backup.Timeline);
                json.WriteString("startLsn", backup.Start.ToString());
                json.WriteString("stopLsn", backup.Stop.ToString());
                break;
            case Verification verification:
                json.WriteString("snapshot", verification.Snapshot.Hex);
                json.WriteBoolean("passed", verification.Passed);
                StepTime.WriteAll(json, verification.Steps);
                verification.Bytes.Write(json);
                if (verification.LastCommitAt is { } commit)
                    json.WriteString("lastCommitAt", commit);
                if (verification.Unproven is { } unproven)
                    json.WriteString("unproven", unproven);
                break;
            case Restore restore:
                json.WriteString("snapshot", restore.Snapshot.Hex);
                StepTime.WriteAll(json, restore.Steps);
                restore.Bytes.Write(json);
                break;
            case Revocation revocation:
                json.WriteString("before", revocation.Before);
                json.WriteString("reason", revocation.Reason);
                break;
            case Failure failure:
                json.WriteString("code", failure.Code);
                json.WriteString("what", failure.What);
                break;
            default:
                throw new UnreachableException($"no body is written for {this}");
        }
        json.WriteEndObject();
    }

    private static string Shorten(string finding) =>
        finding.Length > Backup.MostFindingLength ? finding[..Backup.MostFindingLength] + " …" : finding;

    private static bool IsTold(string kind) =>
        kind is EntryKind.Backup or EntryKind.Verification or EntryKind.Restore or EntryKind.SessionsRevoked
        || kind.EndsWith(EntryKind.FailedEnding, StringComparison.Ordinal);
}

/// <summary>How much a restore moved; null where the entry does not say.</summary>
/// <param name="Total">Of everything that was restored.</param>
/// <param name="Written">Of it, what the target did not hold already.</param>
/// <param name="Wal">WAL that was replayed.</param>
public readonly record struct RestoredBytes(long? Total, long? Written, long? Wal)
{
    internal void Write(Utf8JsonWriter json)
    {
        if (Total is { } total)
            json.WriteNumber("bytesTotal", total);
        if (Written is { } written)
            json.WriteNumber("bytesWritten", written);
        if (Wal is { } wal)
            json.WriteNumber("walBytes", wal);
    }
}

/// <summary>One measured step.</summary>
public readonly record struct StepTime(string Name, TimeSpan Duration)
{
    internal static IReadOnlyList<StepTime> ReadAll(JsonElement body)
    {
        if (!body.TryGetProperty("steps", out var steps) || steps.ValueKind != JsonValueKind.Array)
            return [];
        List<StepTime> times = [];
        foreach (var step in steps.EnumerateArray())
            if (
                step.ValueKind == JsonValueKind.Object
                && step.FindText("name") is { } name
                && step.FindSpan("seconds") is { } duration
            )
                times.Add(new StepTime(name, duration));
        return times;
    }

    internal static void WriteAll(Utf8JsonWriter json, IReadOnlyList<StepTime> steps)
    {
        json.WriteStartArray("steps");
        foreach (var step in steps)
        {
            json.WriteStartObject();
            json.WriteString("name", step.Name);
            json.WriteNumber("seconds", step.Duration.TotalSeconds);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}

/// <summary>Reading of bodies that other versions of the program wrote: what is absent or of another type is null.</summary>
internal static class BodyReading
{
    public static string? FindText(this JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <returns>The texts of a list; none when it is no list.</returns>
    public static IReadOnlyList<string> FindTexts(this JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ?
            [
                .. value
                    .EnumerateArray()
                    .Where(text => text.ValueKind == JsonValueKind.String)
                    .Select(text => text.GetString() ?? ""),
            ]
            : [];

    public static long? FindNumber(this JsonElement body, string name) =>
        body.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetInt64(out var number)
        && number >= 0
            ? number
            : null;

    public static bool? FindFlag(this JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind is (JsonValueKind.True or JsonValueKind.False)
            ? value.GetBoolean()
            : null;

    /// <summary>Seconds, as a number.</summary>
    public static TimeSpan? FindSpan(this JsonElement body, string name) =>
        body.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out var seconds)
        && seconds >= 0
        && seconds < TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <returns>0/0 when it does not say.</returns>
    public static Lsn FindLsn(this JsonElement body, string name) =>
        Lsn.TryParse(body.FindText(name), out var lsn) ? lsn : default;

    public static DateTimeOffset? FindTime(this JsonElement body, string name) =>
        body.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
        && value.TryGetDateTimeOffset(out var time)
            ? time.ToUniversalTime()
            : null;
}
