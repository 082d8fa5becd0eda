using System.Text.Json;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Predictions;
using Resurgam.Core.Values;

namespace Resurgam.Core.Readiness;

/// <summary>What is open between a plan and what is really there, by the last entry of its stream in the ledger.</summary>
/// <param name="ChangedAt">Of that entry; null before the first.</param>
/// <param name="Open">In the order in which they were seen.</param>
public sealed record ReadinessState(LedgerHead Head, DateTimeOffset? ChangedAt, ValueList<SubjectFinding> Open)
{
    /// <summary>Kind of its entries: docs/formats/ledger.md.</summary>
    public const string EntryKind = "readiness";

    /// <exception cref="Problems.ResurgamException">The store's own, and <c>ledger-damaged</c>.</exception>
    public static async Task<ReadinessState> ReadAsync(Ledger ledger, CancellationToken cancellationToken)
    {
        var head = await ledger.FindHeadAsync(StreamName.Readiness, cancellationToken);
        var last = head.Seq == 0 ? null : await ledger.FindAsync(StreamName.Readiness, head.Seq, cancellationToken);
        return last is null ? new ReadinessState(head, null, []) : new ReadinessState(head, last.Time, Read(last));
    }

    /// <returns>What to write behind <see cref="Head"/>; null when nothing came and nothing went.</returns>
    public LedgerFact? ChangeTo(IReadOnlyList<SubjectFinding> now)
    {
        var come = now.Where(each => !Open.Any(each.IsSameAs)).ToList();
        var gone = Open.Where(each => !now.Any(each.IsSameAs)).ToList();
        return come.Count + gone.Count == 0
            ? null
            : LedgerFact.Of(
                EntryKind,
                json =>
                {
                    Write(json, "come", come);
                    Write(json, "gone", gone);
                    Write(json, "open", now);
                }
            );
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<SubjectFinding> findings)
    {
        json.WriteStartArray(name);
        foreach (var (subject, finding) in findings)
        {
            json.WriteStartObject();
            json.WriteString("subject", subject);
            json.WriteString("code", finding.Code);
            json.WriteBoolean("risk", finding.IsRisk);
            json.WriteString("what", finding.What);
            json.WriteString("hint", finding.Hint);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static ValueList<SubjectFinding> Read(LedgerEntry entry)
    {
        using var body = JsonDocument.Parse(entry.Body);
        if (!body.RootElement.TryGetProperty("open", out var open) || open.ValueKind != JsonValueKind.Array)
            return [];
        return
        [
            .. open.EnumerateArray()
                .Where(each => each.ValueKind == JsonValueKind.Object)
                .Select(each => new SubjectFinding(
                    each.FindText("subject") ?? "",
                    new AssetFinding(
                        each.FindText("code") ?? "",
                        each.TryGetProperty("risk", out var risk) && risk.ValueKind == JsonValueKind.True,
                        each.FindText("what") ?? "",
                        each.FindText("hint") ?? ""
                    )
                )),
        ];
    }
}

/// <param name="Subject">An asset's name, or <c>target NAME</c>, <c>runbook NAME</c>.</param>
public sealed record SubjectFinding(string Subject, AssetFinding Finding)
{
    /// <summary>The words may change from look to look.</summary>
    public bool IsSameAs(SubjectFinding other) => Subject == other.Subject && Finding.Code == other.Finding.Code;
}
