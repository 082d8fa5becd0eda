using System.Text.Json;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Drills;

/// <summary>All drills of a vault, in one stream of the ledger: which places are in use, and what came of each.</summary>
/// <remarks>
/// A drill begins by an entry right behind all that was read, and only when nobody uses its places: of two that begin at the same time
/// one waits. Layout: docs/formats/drills.md. Not thread-safe.
/// </remarks>
public sealed class DrillBook(LedgerWriter writer)
{
    private const string Begun = "drill-begun";
    private const string Ended = "drill-ended";

    private readonly List<DrillRecord> _records = [];
    private LedgerHead _head = writer.Ledger.Beginning(Stream);

    public static StreamName Stream { get; } =
        StreamName.TryParse("drill.all", out var stream) ? stream : throw new InvalidOperationException();

    /// <summary>Oldest first, as far as it was read.</summary>
    public IReadOnlyList<DrillRecord> Records => _records;

    /// <returns>Those that were measured, oldest first.</returns>
    public IEnumerable<DrillRecord> Of(string drill) => _records.Where(record => record.Drill == drill);

    /// <summary>Reads on to the end of the stream.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await foreach (var entry in writer.Ledger.ReadAsync(Stream, _head.Seq + 1, cancellationToken))
            Apply(entry);
    }

    /// <returns>The one that is in the way: its places are used until it is at its end.</returns>
    public DrillRecord? FindInTheWay(string drill, IReadOnlyList<string> places) =>
        _records.FirstOrDefault(record =>
            record.Ending is null && (record.Drill == drill || record.Places.Any(places.Contains))
        );

    /// <returns>False when others wrote first: look again what is in the way.</returns>
    public async Task<bool> TryBeginAsync(
        string drill,
        RunId run,
        IReadOnlyList<string> places,
        CancellationToken cancellationToken
    )
    {
        var fact = LedgerFact.Of(
            Begun,
            json =>
            {
                json.WriteString("drill", drill);
                json.WriteString("run", run.Value);
                json.WriteStartArray("places");
                foreach (var place in places)
                    json.WriteStringValue(place);
                json.WriteEndArray();
            }
        );
        return await TryAppendAsync(fact, cancellationToken);
    }

    /// <summary>Writes what came of a drill, unless that is there already.</summary>
    public async Task EndAsync(DrillRecord record, DrillEnding ending, CancellationToken cancellationToken)
    {
        var fact = LedgerFact.Of(Ended, BodyOf(record, ending));
        while (_records.Exists(one => one.Run == record.Run && one.Ending is null))
            await TryAppendAsync(fact, cancellationToken);
    }

    private static byte[] BodyOf(DrillRecord record, DrillEnding ending)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("drill", record.Drill);
            json.WriteString("run", record.Run.Value);
            json.WriteBoolean("passed", ending.Passed);
            json.WriteStartArray("reasons");
            foreach (var reason in ending.Reasons)
                json.WriteStringValue(reason);
            json.WriteEndArray();
            Rehearsal.WriteSeconds(json, "recoverySeconds", ending.Recovery);
            Rehearsal.WriteSeconds(json, "lossSeconds", ending.Loss);
            Rehearsal.WriteSeconds(json, "predictedSeconds", ending.Predicted);
            if (ending.RestoredBytes is { } restored)
                json.WriteNumber("restoredBytes", restored);
            if (ending.Report.Length > 0)
            {
                json.WritePropertyName("report");
                json.WriteRawValue(ending.Report);
            }
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private async Task<bool> TryAppendAsync(LedgerFact fact, CancellationToken cancellationToken)
    {
        if (await writer.TryAppendAfterAsync(_head, fact, cancellationToken) is { } entry)
        {
            Apply(entry);
            return true;
        }
        await CatchUpAsync(cancellationToken);
        return false;
    }

    private void Apply(LedgerEntry entry)
    {
        _head = entry.Head;
        using var document = JsonDocument.Parse(entry.Body);
        var body = document.RootElement;
        RunId run = new(TextOf(body, "run"));
        if (entry.Kind == Begun)
            _records.Add(new DrillRecord(TextOf(body, "drill"), run, entry.Time, TextsOf(body, "places"), null));
        else if (
            entry.Kind == Ended
            && _records.FindIndex(one => one.Run == run && one.Ending is null) is >= 0 and var at
        )
            _records[at] = _records[at] with
            {
                Ending = new DrillEnding(
                    body.TryGetProperty("passed", out var passed) && passed.ValueKind == JsonValueKind.True,
                    TextsOf(body, "reasons"),
                    SecondsOf(body, "recoverySeconds"),
                    SecondsOf(body, "lossSeconds"),
                    SecondsOf(body, "predictedSeconds")
                )
                {
                    At = entry.Time,
                    RestoredBytes =
                        body.TryGetProperty("restoredBytes", out var restored) && restored.TryGetInt64(out var bytes)
                            ? bytes
                            : null,
                },
            };
    }

    private static string TextOf(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() ?? ""
            : "";

    private static ValueList<string> TextsOf(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(text => text.ToString())]
            : [];

    private static TimeSpan? SecondsOf(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.TryGetDouble(out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
}

/// <summary>One drill that was begun.</summary>
/// <param name="Places">What it had for itself.</param>
/// <param name="Ending">Null: it is not at its end, or nobody has written so yet.</param>
public sealed record DrillRecord(
    string Drill,
    RunId Run,
    DateTimeOffset BegunAt,
    ValueList<string> Places,
    DrillEnding? Ending
);

/// <summary>What came of a drill.</summary>
/// <param name="Reasons">Why it did not pass; empty when it did.</param>
/// <param name="Recovery">From the fault until all conditions held. Null: they never did.</param>
/// <param name="Loss">Null: not measured.</param>
/// <param name="Predicted">What was predicted for the recovery.</param>
public sealed record DrillEnding(
    bool Passed,
    ValueList<string> Reasons,
    TimeSpan? Recovery,
    TimeSpan? Loss,
    TimeSpan? Predicted
)
{
    public DateTimeOffset At { get; init; }

    /// <summary>How much it had to restore, as its prediction had it. Null: nothing, or that was not known.</summary>
    public long? RestoredBytes { get; init; }

    /// <summary>The whole report as JSON, to be written; it is not kept when it was read.</summary>
    public string Report { get; init; } = "";
}
