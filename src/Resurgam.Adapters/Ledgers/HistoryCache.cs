using System.Globalization;
using System.Text.Json;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Predictions;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Ledgers;

/// <summary>
/// What this machine has read of the ledger's streams and of the snapshots of a vault, so that it reads only what is new.
/// A cache: what cannot be read was never known, and what the vault does not confirm is read anew.
/// </summary>
public sealed class HistoryCache
{
    /// <summary>Another layout is not read.</summary>
    private const int Version = 4;

    private readonly Dictionary<StreamName, StreamHistory> _streams = [];
    private readonly Dictionary<BlobId, KnownSnapshot> _snapshots = [];
    private readonly Dictionary<StreamName, RunTimes> _runs = [];

    public IReadOnlyDictionary<StreamName, StreamHistory> Streams => _streams;

    public IReadOnlyDictionary<BlobId, KnownSnapshot> Snapshots => _snapshots;

    /// <summary>Runs that have ended: nothing is added to them.</summary>
    public IReadOnlyDictionary<StreamName, RunTimes> Runs => _runs;

    /// <param name="path">Absolute; need not exist.</param>
    public static HistoryCache Read(string path)
    {
        HistoryCache cache = new();
        try
        {
            if (!File.Exists(path))
                return cache;
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            cache.Fill(json.RootElement);
            return cache;
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or JsonException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or FormatException
                        or OverflowException
            )
        {
            return new HistoryCache(); // damaged, or of another version
        }
    }

    /// <summary>Takes the place of the file, whole. A full disk leaves the old one: the next command reads a little more.</summary>
    public static void Write(
        string path,
        IEnumerable<StreamHistory> streams,
        IEnumerable<KeyValuePair<BlobId, KnownSnapshot>> snapshots,
        IEnumerable<RunTimes> runs,
        IEntropy entropy
    )
    {
        Span<byte> unique = stackalloc byte[6];
        entropy.Fill(unique);
        var temporary = $"{path}.{Convert.ToHexStringLower(unique)}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
            using (var file = File.Create(temporary))
            using (Utf8JsonWriter json = new(file))
                Write(json, streams, snapshots, runs);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing is lost but time.
        }
    }

    private static void Write(
        Utf8JsonWriter json,
        IEnumerable<StreamHistory> streams,
        IEnumerable<KeyValuePair<BlobId, KnownSnapshot>> snapshots,
        IEnumerable<RunTimes> runs
    )
    {
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteStartArray("streams");
        foreach (var (head, history) in streams)
        {
            json.WriteStartObject();
            json.WriteString("stream", head.Stream.Value);
            json.WriteNumber("seq", head.Seq);
            json.WriteString("hash", head.Hash.Hex);
            json.WriteStartArray("events");
            foreach (var each in history.Events)
            {
                json.WriteStartObject();
                json.WriteString("kind", each.Kind);
                json.WriteString("at", each.At);
                json.WritePropertyName("body");
                each.WriteBody(json);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("snapshots");
        foreach (var (id, (asset, takenAt)) in snapshots)
            json.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{id.Hex} {takenAt.UtcTicks} {asset}"));
        json.WriteEndArray();
        json.WriteStartArray("runs");
        foreach (var run in runs)
        {
            json.WriteStartObject();
            json.WriteString("stream", run.Stream.Value);
            json.WriteString("runbook", run.Runbook.Value);
            json.WriteStartObject("seconds");
            foreach (var step in run.Steps)
                json.WriteNumber(step.Name, step.Duration.TotalSeconds);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Fill(JsonElement root)
    {
        if (root.GetProperty("version").GetInt32() != Version)
            return;
        foreach (var each in root.GetProperty("streams").EnumerateArray())
        {
            if (
                !StreamName.TryParse(each.GetProperty("stream").GetString() ?? "", out var stream)
                || !EntryHash.TryParse(each.GetProperty("hash").GetString(), out var hash)
            )
                continue;
            ValueList<AssetEvent> events =
            [
                .. each.GetProperty("events")
                    .EnumerateArray()
                    .Select(told =>
                        AssetEvent.TryRead(
                            told.GetProperty("kind").GetString() ?? "",
                            told.GetProperty("at").GetDateTimeOffset(),
                            told.GetProperty("body")
                        )
                    )
                    .OfType<AssetEvent>(),
            ];
            LedgerHead head = new(stream, each.GetProperty("seq").GetInt64(), hash);
            _streams[stream] = new StreamHistory(head, AssetHistory.Of(events));
        }
        foreach (var each in root.GetProperty("snapshots").EnumerateArray())
            if (each.GetString()?.Split(' ', 3) is [var hex, var ticks, var asset] && BlobId.TryParse(hex, out var id))
                _snapshots[id] = new KnownSnapshot(
                    asset,
                    new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero)
                );
        foreach (var each in root.GetProperty("runs").EnumerateArray())
            if (StreamName.TryParse(each.GetProperty("stream").GetString() ?? "", out var stream))
                _runs[stream] = new RunTimes(
                    stream,
                    new RunbookId(each.GetProperty("runbook").GetString() ?? ""),
                    [
                        .. each.GetProperty("seconds")
                            .EnumerateObject()
                            .Select(step => new StepTime(step.Name, TimeSpan.FromSeconds(step.Value.GetDouble()))),
                    ]
                );
    }
}

/// <param name="Asset">Empty for one that stock restic made.</param>
public readonly record struct KnownSnapshot(string Asset, DateTimeOffset TakenAt);
