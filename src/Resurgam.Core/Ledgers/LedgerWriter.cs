using Resurgam.Core.Problems;

namespace Resurgam.Core.Ledgers;

/// <summary>Writes entries. The create-only store is the fence: of several writers of one place in a stream one wins.</summary>
/// <remarks>Not thread-safe. What it returns is durable. What it threw for may be there all the same: read before you decide.</remarks>
public sealed class LedgerWriter(Ledger ledger, LedgerAuthor author, TimeProvider time)
{
    /// <summary>Somebody else was first so often in a row: then something is wrong, or a machine writes in a loop.</summary>
    private const int MaxAttempts = 1000;

    private readonly KeyRing _ring = new(ledger.Secret.Root, ledger.VaultId);

    public Ledger Ledger => ledger;

    /// <summary>What the vault's stream said when it was last read.</summary>
    public KeyRing Ring => _ring;

    /// <summary>Adds an entry at the end of a stream, wherever that is by now.</summary>
    /// <exception cref="ResurgamException">
    /// The store's own; <c>ledger-key-withdrawn</c>, <c>ledger-busy</c>, <c>ledger-damaged</c>.
    /// </exception>
    public async Task<LedgerEntry> AppendAsync(StreamName stream, LedgerFact fact, CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        return await AppendAsync(stream, fact, author.Node, cancellationToken);
    }

    /// <summary>Adds an entry right behind <paramref name="head"/>, or not at all: who leads goes on, who does not stops and reads.</summary>
    /// <returns>Null when another entry is there.</returns>
    public async Task<LedgerEntry?> TryAppendAfterAsync(
        LedgerHead head,
        LedgerFact fact,
        CancellationToken cancellationToken
    )
    {
        await PrepareAsync(cancellationToken);
        return await TryPutAsync(head, fact, author.Node, cancellationToken);
    }

    /// <summary>Writes the heads of all streams into the vault's stream, unless that was done today (UTC).</summary>
    /// <returns>False when today's is there, or there is nothing to anchor.</returns>
    public async Task<bool> AnchorAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        while (true)
        {
            var today = time.GetUtcNow().UtcDateTime.Date;
            if (_ring.AnchoredAt is { } at && at.UtcDateTime.Date >= today)
                return false;
            var heads = await ReadHeadsAsync(cancellationToken);
            if (heads.All(head => head.Seq == 0))
                return false;
            var fact = LedgerFact.Of(EntryKind.Anchor, json => KeyRing.WriteHeads(json, heads));
            if (await TryPutAsync(_ring.Head, fact, author.Node, cancellationToken) is { } anchor)
            {
                _ring.Apply(anchor);
                return true;
            }
            await CatchUpAsync(cancellationToken);
        }
    }

    /// <summary>Introduces another machine's key, unless it is known.</summary>
    public async Task IntroduceAsync(LedgerKey key, string node, CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        await WriteIntroductionAsync(key, node, cancellationToken);
    }

    /// <summary>From here on nothing that the key signs counts; what it signed before does.</summary>
    /// <param name="wanted">First digits of the key's id.</param>
    /// <exception cref="ResurgamException"><c>ledger-key-absent</c>: there is none, or more than one, or it is withdrawn.</exception>
    public async Task<LedgerEntry> WithdrawAsync(string wanted, string reason, CancellationToken cancellationToken)
    {
        await CatchUpAsync(cancellationToken);
        await BeginAsync(cancellationToken);
        var root = ledger.Secret.OpenRoot(author.Signing);
        while (true)
        {
            var matching = _ring
                .Keys.Values.Where(state => state.WithdrawnAt is null)
                .Where(state => state.Key.Id.Value.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))
                .ToList();
            var key = matching is [var one] ? one.Key.Id : throw LedgerProblems.NoKey(wanted);
            var heads = await ReadHeadsAsync(cancellationToken);
            var fact = LedgerFact.Of(
                EntryKind.KeyWithdrawn,
                json =>
                {
                    json.WriteString("key", key.Value);
                    json.WriteString("reason", reason);
                    KeyRing.WriteHeads(json, heads);
                }
            );
            if (await TryPutAsync(_ring.Head, fact, root, cancellationToken) is { } entry)
            {
                _ring.Apply(entry);
                return entry;
            }
            await CatchUpAsync(cancellationToken);
        }
    }

    /// <summary>Reads on in the vault's stream, begins it if it is empty, and introduces this machine's key where it is not known.</summary>
    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await CatchUpAsync(cancellationToken);
        await BeginAsync(cancellationToken);
        var node = author.Actor[(author.Actor.IndexOf('@', StringComparison.Ordinal) + 1)..];
        await WriteIntroductionAsync(author.Node.Key, node, cancellationToken);
        if (_ring.Keys[author.Node.Key.Id].WithdrawnAt is not null)
            throw LedgerProblems.KeyWithdrawn(author.Node.Key.Id);
    }

    private async Task WriteIntroductionAsync(LedgerKey key, string node, CancellationToken cancellationToken)
    {
        while (!_ring.Keys.ContainsKey(key.Id))
        {
            var fact = LedgerFact.Of(
                EntryKind.KeyIntroduced,
                json =>
                {
                    json.WriteString("key", key.PublicBase64);
                    json.WriteString("node", node);
                }
            );
            await WriteKeyEntryAsync(fact, cancellationToken);
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        while (_ring.Head.Seq == 0)
        {
            var fact = LedgerFact.Of(
                EntryKind.LedgerBegun,
                json =>
                {
                    json.WriteString("vault", ledger.VaultId);
                    json.WriteString("root", ledger.Secret.Root.PublicBase64);
                }
            );
            await WriteKeyEntryAsync(fact, cancellationToken);
        }
    }

    /// <summary>At the end of the vault's stream, by the vault's own key; who was first is read instead.</summary>
    private async Task WriteKeyEntryAsync(LedgerFact fact, CancellationToken cancellationToken)
    {
        var root = ledger.Secret.OpenRoot(author.Signing);
        if (await TryPutAsync(_ring.Head, fact, root, cancellationToken) is { } entry)
            Apply(entry);
        else
            await CatchUpAsync(cancellationToken);
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await foreach (var entry in ledger.ReadAsync(StreamName.Vault, _ring.Head.Seq + 1, cancellationToken))
            Apply(entry);
    }

    /// <summary>What is wrong with an entry is the verifier's to tell; a foreign beginning is nothing to build on.</summary>
    private void Apply(LedgerEntry entry)
    {
        var fault = _ring.Apply(entry);
        if (fault is not null && entry.Seq == 1)
            throw LedgerProblems.ForeignRoot(ledger.VaultId);
    }

    private async Task<LedgerEntry> AppendAsync(
        StreamName stream,
        LedgerFact fact,
        ILedgerSigner signer,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var head = await ledger.FindHeadAsync(stream, cancellationToken);
            if (await TryPutAsync(head, fact, signer, cancellationToken) is { } entry)
                return entry;
        }
        throw LedgerProblems.Busy(stream, MaxAttempts);
    }

    private async Task<IReadOnlyList<LedgerHead>> ReadHeadsAsync(CancellationToken cancellationToken)
    {
        List<LedgerHead> heads = [];
        foreach (var stream in await ledger.ListStreamsAsync(cancellationToken))
            if (stream != StreamName.Vault)
                heads.Add(await ledger.FindHeadAsync(stream, cancellationToken));
        return heads;
    }

    /// <returns>Null when the place is taken by another entry.</returns>
    private async Task<LedgerEntry?> TryPutAsync(
        LedgerHead head,
        LedgerFact fact,
        ILedgerSigner signer,
        CancellationToken cancellationToken
    )
    {
        // Names the stream before its first entry is there: one that is named and empty does no harm.
        if (head.Seq == 0)
            await ledger.Store.PutAsync(LedgerLayout.TagKey(head.Stream), default, cancellationToken);
        var entry = LedgerLine.Sign(head, fact, time.GetUtcNow(), author.Actor, author.Program, signer);
        var key = LedgerLayout.EntryKey(entry.Stream, entry.Seq);
        if (!await TryCreateAsync(entry, key, cancellationToken))
            return null;
        // The place was free, perhaps only because what was there has been joined and deleted since we read the head.
        if (
            !await ledger.IsJoinedAsync(entry.Stream, entry.Seq, cancellationToken)
            || await ledger.FindAsync(entry.Stream, entry.Seq, cancellationToken) == entry
        )
            return entry;
        await TryDeleteGhostAsync(key, cancellationToken);
        return null;
    }

    /// <summary>Creates the object. Whoever is told that it is there, or nothing, looks: what is there is ours when it is equal.</summary>
    /// <remarks>A store that asks again by itself may be told that the key is taken, by its own first request.</remarks>
    /// <returns>False when another entry is there.</returns>
    private async Task<bool> TryCreateAsync(LedgerEntry entry, string key, CancellationToken cancellationToken)
    {
        try
        {
            if (await ledger.Store.PutAsync(key, ledger.Secret.Seal(entry.Line.Span), cancellationToken))
                return true;
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
            if (await ledger.FindAsync(entry.Stream, entry.Seq, cancellationToken) is not { } found)
                throw;
            return found == entry;
        }
        return await ledger.FindAsync(entry.Stream, entry.Seq, cancellationToken) == entry;
    }

    /// <summary>An entry of ours that nobody will read, behind the segment that holds its place: it was never acknowledged.</summary>
    private async Task TryDeleteGhostAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await ledger.Store.DeleteAsync(key, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            // A store that refuses deletes: the verifier tells of it, and the segment counts.
        }
    }
}
