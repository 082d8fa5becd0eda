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
            var told = IsToldAgain(fork.Stream) ? fork.There.Where(entry => !IsOfChain(entry)).ToList() : [];
            string? refused = null;
            if (!isDryRun)
            {
                await TellAgainAsync(fork, told, cancellationToken);
                refused = await ReplaceAsync(fork, cancellationToken);
            }
            streams.Add(
                new SettledFork(fork.Stream, fork.CommonSeq, fork.Here.Count, fork.There.Count, told.Count, refused)
            );
        }
        return streams;
    }

    /// <returns>Hash of an entry that a fork's end set aside, when this one tells of one.</returns>
    internal static EntryHash? HashIn(LedgerEntry entry)
    {
        if (!entry.Stream.IsOfFork || entry.Kind != EntryKind.SetAside)
            return null;
        using var body = JsonDocument.Parse(entry.Body);
        return
            body.RootElement.TryGetProperty("hash", out var text)
            && EntryHash.TryParse(text.GetString() ?? "", out var hash)
            ? hash
            : null;
    }

    /// <summary>Entries that are facts by themselves, wherever they stand.</summary>
    private static bool IsToldAgain(StreamName stream) =>
        stream == StreamName.Vault
        || ((string[])["asset.", "set.", "place."]).Any(kind =>
            stream.Value.StartsWith(kind, StringComparison.Ordinal)
        );

    /// <summary>It says something of the chain that it is in, and of nothing else.</summary>
    private static bool IsOfChain(LedgerEntry entry) => entry.Kind is EntryKind.LedgerBegun or EntryKind.Anchor;

    private async Task KeepAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        HashSet<EntryHash> there = [];
        await foreach (var entry in kept.ReadAsync(Stream, 1, cancellationToken))
            if (HashIn(entry) is { } hash)
                there.Add(hash);
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
        IReadOnlyList<LedgerEntry> entries,
        CancellationToken cancellationToken
    )
    {
        HashSet<string> told = new(StringComparer.Ordinal);
        await foreach (var entry in kept.ReadAsync(fork.Stream, fork.CommonSeq + 1, cancellationToken))
            if (TextIn(entry, Again) is { } hash)
                told.Add(hash);
        foreach (var entry in entries.Where(entry => !told.Contains(entry.Hash.Hex)))
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
    /// <returns>Why the other's store does not let it go; null when it did.</returns>
    private async Task<string?> ReplaceAsync(StreamComparison.Fork fork, CancellationToken cancellationToken)
    {
        var first = other.FirstOfSegment(fork.CommonSeq + 1);
        if (await other.FindSegmentAsync(fork.Stream, first, cancellationToken) is { } segment)
            foreach (var entry in segment.TakeWhile(entry => entry.Seq <= fork.CommonSeq))
                await other.Store.PutAsync(
                    LedgerLayout.EntryKey(entry.Stream, entry.Seq),
                    other.Secret.Seal(entry.Line.Span),
                    cancellationToken
                );
        try
        {
            foreach (var key in await ListBranchAsync(fork, cancellationToken))
                await other.Store.DeleteAsync(key, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return e.Problem.What;
        }
        // Not to be stopped now: without it the stream would end early there until the next copy.
        await foreach (var entry in kept.ReadAsync(fork.Stream, fork.CommonSeq + 1, CancellationToken.None))
        {
            var key = LedgerLayout.EntryKey(entry.Stream, entry.Seq);
            var bytes = await kept.Store.FindAsync(key, CancellationToken.None) ?? kept.Secret.Seal(entry.Line.Span);
            await other.Store.PutAsync(key, bytes, CancellationToken.None);
        }
        return null;
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
        return body.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
    }
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
