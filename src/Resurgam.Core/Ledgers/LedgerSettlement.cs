using System.Text;
using System.Text.Json;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Ledgers;

/// <summary>
/// Ends the forks between the ledgers of two places of a vault. The entries of the one stay as they are; those of the other are kept, line for line, in
/// a stream of their own, and what they tell is told again behind the ones that stay. Then the other place gets what stays in their stead.
/// </summary>
/// <remarks>
/// Everything is in the ledger that stays before anything goes from the other, and each entry says of which it tells: cut off anywhere, it is run again.
/// Runs, duties and other streams whose entries make sense only in their order are kept and not told again.
/// </remarks>
/// <param name="kept">Whose entries stay.</param>
/// <param name="other">The other place's; its name there is <paramref name="place"/>.</param>
/// <param name="writer">Writes in <paramref name="kept"/>.</param>
/// <param name="reason">Why, for the ledger.</param>
public sealed class LedgerSettlement(Ledger kept, Ledger other, LedgerWriter writer, string place, string reason)
{
    /// <summary>In the body of what is told again: hash of the entry that told it first.</summary>
    private const string Again = "setAside";

    /// <summary>Somebody added to the branch so often while it was taken away: then that one has to stop first.</summary>
    private const int MostPasses = 10;

    private const string OtherWriter = "somebody writes there at the same time";

    /// <summary>Where the entries that did not stay are kept.</summary>
    public StreamName Stream { get; } = StreamName.OfFork(place);

    /// <exception cref="ResurgamException"><c>ledger-damaged</c>, <c>ledger-key-withdrawn</c>, and the stores' own.</exception>
    public async Task<IReadOnlyList<SettledFork>> RunAsync(bool isDryRun, CancellationToken cancellationToken)
    {
        List<SettledFork> streams = [];
        var forks = (await LedgerComparison.RunAsync(kept, other, cancellationToken))
            .OfType<StreamComparison.Fork>()
            .ToList();
        if (!isDryRun)
            await KeepAsync([.. forks.SelectMany(fork => fork.There)], cancellationToken);
        foreach (var fork in forks)
        {
            List<LedgerEntry> branch = [.. fork.There];
            string? refused = null;
            if (!isDryRun)
            {
                await TellAgainAsync(fork, branch, cancellationToken);
                refused = await ReplaceAsync(fork, branch, cancellationToken);
            }
            streams.Add(
                new SettledFork(
                    fork.Stream,
                    fork.CommonSeq,
                    fork.Here.Count,
                    branch.Count,
                    branch.Count(IsToldAgain),
                    refused
                )
            );
        }
        return streams;
    }

    /// <returns>The entry that a fork's end set aside, when this one keeps its line: who signed it is still to be looked at.</returns>
    internal static LedgerEntry? FindKept(LedgerEntry entry)
    {
        if (!entry.Stream.IsOfFork || entry.Kind != EntryKind.SetAside)
            return null;
        using var body = JsonDocument.Parse(entry.Body);
        return
            TextIn(body, "line") is { } line
            && LedgerLine.TryRead(Encoding.UTF8.GetBytes(line + "\n"), out _) is { } kept
            && kept.Hash.Hex == TextIn(body, "hash")
            && kept.Stream.Value == TextIn(body, "stream")
            && body.RootElement.TryGetProperty("seq", out var seq)
            && seq.ValueKind == JsonValueKind.Number
            && seq.TryGetInt64(out var number)
            && kept.Seq == number
            ? kept
            : null;
    }

    /// <summary>Entries that are facts by themselves, wherever they stand.</summary>
    private static bool IsToldAgain(LedgerEntry entry) =>
        !IsOfChain(entry)
        && (
            entry.Stream == StreamName.Vault
            || ((string[])["asset.", "set.", "place."]).Any(kind =>
                entry.Stream.Value.StartsWith(kind, StringComparison.Ordinal)
            )
        );

    /// <summary>It says something of the chain that it is in, and of nothing else.</summary>
    private static bool IsOfChain(LedgerEntry entry) => entry.Kind is EntryKind.LedgerBegun or EntryKind.Anchor;

    private async Task KeepAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        HashSet<EntryHash> there = [];
        await foreach (var entry in kept.ReadAsync(Stream, 1, cancellationToken))
            if (FindKept(entry) is { } one)
                there.Add(one.Hash);
        foreach (var entry in entries.Where(entry => !there.Contains(entry.Hash)))
            await writer.AppendAsync(
                Stream,
                LedgerFact.Of(
                    EntryKind.SetAside,
                    json =>
                    {
                        json.WriteString("stream", entry.Stream.Value);
                        json.WriteNumber("seq", entry.Seq);
                        json.WriteString("hash", entry.Hash.Hex);
                        json.WriteString("reason", reason);
                        json.WriteString("line", Encoding.ASCII.GetString(entry.Line.Span[..^1]));
                    }
                ),
                cancellationToken
            );
    }

    private async Task TellAgainAsync(
        StreamComparison.Fork fork,
        IEnumerable<LedgerEntry> entries,
        CancellationToken cancellationToken
    )
    {
        HashSet<string> told = new(StringComparer.Ordinal);
        await foreach (var entry in kept.ReadAsync(fork.Stream, fork.CommonSeq + 1, cancellationToken))
            if (TextIn(entry, Again) is { } hash)
                told.Add(hash);
        foreach (var entry in entries.Where(entry => IsToldAgain(entry) && !told.Contains(entry.Hash.Hex)))
            switch (entry.Kind)
            {
                case EntryKind.KeyIntroduced:
                    if (LedgerKey.TryImport(TextIn(entry, "key") ?? "") is { } key)
                        await writer.IntroduceAsync(key, TextIn(entry, "node") ?? "", cancellationToken);
                    break;
                case EntryKind.KeyWithdrawn:
                    await WithdrawAsync(entry, cancellationToken);
                    break;
                default:
                    await writer.AppendAsync(entry.Stream, AgainOf(entry), cancellationToken);
                    break;
            }
    }

    private async Task WithdrawAsync(LedgerEntry entry, CancellationToken cancellationToken)
    {
        var counts = writer.Ring.Keys.Values.FirstOrDefault(state =>
            state.Key.Id.Value == TextIn(entry, "key") && state.WithdrawnAt is null
        );
        if (counts is not null)
            await writer.WithdrawAsync(counts.Key.Id.Value, TextIn(entry, "reason") ?? "", cancellationToken);
    }

    private static LedgerFact AgainOf(LedgerEntry entry) =>
        LedgerFact.Of(
            entry.Kind,
            json =>
            {
                using var body = JsonDocument.Parse(entry.Body);
                var isLate = false;
                foreach (var member in body.RootElement.EnumerateObject().Where(member => member.Name != Again))
                {
                    member.WriteTo(json);
                    isLate |= member.Name == LedgerFact.OccurredAt;
                }
                if (!isLate)
                    json.WriteString(LedgerFact.OccurredAt, entry.Time.UtcDateTime);
                json.WriteString(Again, entry.Hash.Hex);
            }
        );

    /// <summary>Takes the other's branch away, its end first, and puts the one that stays in its place.</summary>
    /// <param name="branch">What of it is kept. A program that still writes there adds to it: nothing goes that is not kept.</param>
    /// <returns>Why the other's store does not let it go; null when it did.</returns>
    private async Task<string?> ReplaceAsync(
        StreamComparison.Fork fork,
        List<LedgerEntry> branch,
        CancellationToken cancellationToken
    )
    {
        for (var pass = 1; await ListBranchAsync(fork, cancellationToken) is { Count: > 0 } keys; pass++)
        {
            if (pass > MostPasses)
                return OtherWriter;
            var late = await ReadLateAsync(fork, keys, branch, cancellationToken);
            await KeepAsync(late, cancellationToken);
            await TellAgainAsync(fork, late, cancellationToken);
            branch.AddRange(late);
            await UnjoinAsync(fork, cancellationToken);
            try
            {
                foreach (var key in keys)
                    await other.Store.DeleteAsync(key, cancellationToken);
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
            {
                return e.Problem.What;
            }
        }
        // Not to be stopped now: without it the stream would end early there until the next copy.
        await foreach (var entry in kept.ReadAsync(fork.Stream, fork.CommonSeq + 1, CancellationToken.None))
        {
            var key = LedgerLayout.EntryKey(entry.Stream, entry.Seq);
            var bytes = await kept.Store.FindAsync(key, CancellationToken.None) ?? kept.Secret.Seal(entry.Line.Span);
            if (
                !await other.Store.PutAsync(key, bytes, CancellationToken.None)
                && await other.FindAsync(entry.Stream, entry.Seq, CancellationToken.None) != entry
            )
                return OtherWriter;
        }
        return null;
    }

    /// <returns>What lies below these keys behind the common entry and is not of the branch: written since that was compared.</returns>
    private async Task<IReadOnlyList<LedgerEntry>> ReadLateAsync(
        StreamComparison.Fork fork,
        IReadOnlyList<string> keys,
        IReadOnlyList<LedgerEntry> branch,
        CancellationToken cancellationToken
    )
    {
        List<LedgerEntry> found = [];
        foreach (var key in keys)
            switch (LedgerLayout.Read(key))
            {
                case LedgerObject.Single(var stream, var seq):
                    if (await other.FindSingleAsync(stream, seq, cancellationToken) is { } one)
                        found.Add(one);
                    break;
                case LedgerObject.Segment(var stream, var first):
                    if (await other.FindSegmentAsync(stream, first, cancellationToken) is { } joined)
                        found.AddRange(joined.Where(entry => entry.Seq > fork.CommonSeq));
                    break;
                case var none:
                    throw new System.Diagnostics.UnreachableException($"{none} is of no branch");
            }
        return [.. found.Except(branch).OrderBy(entry => entry.Seq)];
    }

    /// <summary>What both have and the other place has joined with its branch is put there by itself.</summary>
    private async Task UnjoinAsync(StreamComparison.Fork fork, CancellationToken cancellationToken)
    {
        var first = other.FirstOfSegment(fork.CommonSeq + 1);
        if (await other.FindSegmentAsync(fork.Stream, first, cancellationToken) is { } segment)
            foreach (var entry in segment.TakeWhile(entry => entry.Seq <= fork.CommonSeq))
                await other.Store.PutAsync(
                    LedgerLayout.EntryKey(entry.Stream, entry.Seq),
                    other.Secret.Seal(entry.Line.Span),
                    cancellationToken
                );
    }

    /// <summary>Single entries from the last one on, then segments from the last one on.</summary>
    private async Task<IReadOnlyList<string>> ListBranchAsync(
        StreamComparison.Fork fork,
        CancellationToken cancellationToken
    )
    {
        List<string> singles = [];
        List<string> segments = [];
        await foreach (var item in other.Store.ListAsync(LedgerLayout.EntryPrefix(fork.Stream), cancellationToken))
            if (LedgerLayout.Read(item.Key) is LedgerObject.Single single && single.Seq > fork.CommonSeq)
                singles.Add(item.Key);
        await foreach (var item in other.Store.ListAsync(LedgerLayout.SegmentPrefix(fork.Stream), cancellationToken))
            if (
                LedgerLayout.Read(item.Key) is LedgerObject.Segment segment
                && segment.First + other.EntriesInSegment > fork.CommonSeq + 1
            )
                segments.Add(item.Key);
        return [.. singles.AsEnumerable().Reverse(), .. segments.AsEnumerable().Reverse()];
    }

    private static string? TextIn(LedgerEntry entry, string name)
    {
        using var body = JsonDocument.Parse(entry.Body);
        return TextIn(body, name);
    }

    private static string? TextIn(JsonDocument body, string name) =>
        body.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}

/// <summary>What became of a stream that was forked.</summary>
/// <param name="CommonSeq">Last entry that both had.</param>
/// <param name="Kept">Entries behind it that stay.</param>
/// <param name="SetAside">Entries of the other place that are kept in a stream of their own.</param>
/// <param name="ToldAgain">Of these, told again behind those that stay.</param>
/// <param name="Refused">Why the other place still has its own: its store does not let it go; null when it has what stays.</param>
public sealed record SettledFork(
    StreamName Stream,
    long CommonSeq,
    int Kept,
    int SetAside,
    int ToldAgain,
    string? Refused
);
