using System.Text.Json;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Predictions;

namespace Resurgam.Core.Duties;

/// <summary>What the last entry of a duty's stream says.</summary>
/// <param name="Head">The entry; behind it comes the next, or it is lost.</param>
/// <param name="DueAt">The least there is for an endless duty.</param>
/// <param name="Kind">One of <see cref="DutyEntry"/>; empty before the first.</param>
/// <param name="Until">A claim holds so long; what broke is tried again after it.</param>
/// <param name="Attempt">From 1.</param>
public sealed record DutyState(
    LedgerHead Head,
    string Kind,
    DateTimeOffset DueAt,
    string Owner,
    DateTimeOffset Until,
    int Attempt
)
{
    /// <summary>How it ended; null before it has.</summary>
    public bool? Passed { get; init; }

    /// <summary>How it ended, in words.</summary>
    public string What { get; init; } = "";

    public bool IsClaimed => Kind is DutyEntry.Claimed or DutyEntry.Held;

    /// <summary>Of what was due then nothing is left to do.</summary>
    public bool IsSettled => Kind is DutyEntry.Done or DutyEntry.Missed or DutyEntry.Known;

    /// <exception cref="Problems.ResurgamException">The store's own, and <c>ledger-damaged</c>.</exception>
    public static async Task<DutyState> ReadAsync(Ledger ledger, StreamName stream, CancellationToken cancellationToken)
    {
        var head = await ledger.FindHeadAsync(stream, cancellationToken);
        var last = head.Seq == 0 ? null : await ledger.FindAsync(stream, head.Seq, cancellationToken);
        return last is null ? new DutyState(head, "", DateTimeOffset.MinValue, "", default, 0) : Of(last);
    }

    internal static DutyState Of(LedgerEntry entry)
    {
        using var json = JsonDocument.Parse(entry.Body);
        var body = json.RootElement;
        return new DutyState(
            entry.Head,
            entry.Kind,
            body.FindTime("dueAt") ?? DateTimeOffset.MinValue,
            body.FindText("owner") ?? "",
            body.FindTime("until") ?? entry.Time,
            (int)Math.Min(body.FindNumber("attempt") ?? 1, int.MaxValue)
        )
        {
            Passed = body.FindFlag("passed"),
            What = body.FindText("what") ?? "",
        };
    }
}

/// <summary>Kinds of entries in a duty's stream: docs/formats/ledger.md.</summary>
public static class DutyEntry
{
    public const string Claimed = "duty-claimed";
    public const string Held = "duty-held";
    public const string Done = "duty-done";

    /// <summary>Nobody began it in time, and it is not made up for.</summary>
    public const string Missed = "duty-missed";

    /// <summary>Daemons know of it from here on: what was due before nobody could have begun.</summary>
    public const string Known = "duty-known";

    /// <summary>It could not be done; after <c>until</c> anybody may try again.</summary>
    public const string Broken = "duty-broken";

    /// <summary>Its daemon was told to stop; anybody may claim it at once.</summary>
    public const string Released = "duty-released";
}
