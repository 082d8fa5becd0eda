using System.Text.Json;
using Resurgam.Core.Ledgers;

namespace Resurgam.Core.Vaults.Expiry;

/// <summary>What the ledger says that expiry goes by. A fold of its entries; only what is signed by a key that counts lets anything go.</summary>
public sealed class ExpiryLedger
{
    private readonly Dictionary<string, LegalHold> _holds = new(StringComparer.Ordinal);
    private readonly HashSet<BlobId> _verified = [];
    private readonly SortedDictionary<string, LedgerEntry> _expired = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);

    private ExpiryLedger() { }

    /// <summary>Those that are not released, oldest first.</summary>
    public IReadOnlyList<LegalHold> Holds => [.. _holds.Values.OrderBy(hold => hold.AddedAt)];

    /// <summary>The last entry of the vault's stream that was read.</summary>
    public required LedgerHead Head { get; init; }

    /// <summary>Time of the newest entry of any stream; null for an empty ledger.</summary>
    public DateTimeOffset? NewestAt { get; private set; }

    /// <summary>Generations that are to be no more, oldest first.</summary>
    public IReadOnlyCollection<string> Expired => _expired.Keys;

    /// <returns>Null when it has not expired.</returns>
    public LedgerEntry? FindExpiry(string generation) => _expired.GetValueOrDefault(generation);

    /// <summary>An end of its destruction is told, whatever the store kept of it.</summary>
    public bool IsDeleted(string generation) => _deleted.Contains(generation);

    public bool IsVerified(BlobId snapshot) => _verified.Contains(snapshot);

    /// <exception cref="Problems.ResurgamException"><c>ledger-damaged</c>: then nothing can be decided.</exception>
    public static async Task<ExpiryLedger> ReadAsync(Ledger ledger, CancellationToken cancellationToken)
    {
        KeyRing ring = new(ledger.Root, ledger.VaultId);
        List<(LedgerEntry Entry, bool IsSigned)> entries = [];
        await foreach (var entry in ledger.ReadAsync(StreamName.Vault, 1, cancellationToken))
        {
            ring.Apply(entry);
            entries.Add((entry, ring.FaultOfSignature(entry) is null));
        }
        ExpiryLedger read = new() { Head = ring.Head };
        foreach (var (entry, isSigned) in entries)
        {
            read.Consider(entry);
            read.Apply(entry, isSigned);
        }
        foreach (var stream in await ledger.ListStreamsAsync(cancellationToken))
            if (stream != StreamName.Vault)
                await foreach (var entry in ledger.ReadAsync(stream, 1, cancellationToken))
                {
                    read.Consider(entry);
                    read.ApplyVerification(entry, ring);
                }
        return read;
    }

    private void Consider(LedgerEntry entry)
    {
        if (NewestAt is null || entry.Time > NewestAt)
            NewestAt = entry.Time;
    }

    private void Apply(LedgerEntry entry, bool isSigned)
    {
        using var body = JsonDocument.Parse(entry.Body);
        var root = body.RootElement;
        switch (entry.Kind)
        {
            // Whoever wrote it: a hold that is not genuine does no harm.
            case EntryKind.HoldAdded when TextOf(root, "id") is { } id:
                _holds[id] = new LegalHold(
                    id,
                    TextOf(root, "asset"),
                    TextOf(root, "generation"),
                    TextOf(root, "reason") ?? "",
                    entry.Time,
                    entry.Actor
                );
                break;
            case EntryKind.HoldReleased when isSigned && TextOf(root, "id") is { } id:
                _holds.Remove(id);
                break;
            case EntryKind.GenerationExpired when isSigned && TextOf(root, "generation") is { } generation:
                _expired[generation] = entry;
                break;
            case EntryKind.GenerationDeleted when isSigned && TextOf(root, "generation") is { } generation:
                _deleted.Add(generation);
                break;
        }
    }

    /// <summary>The newest word on a snapshot counts; one that it is not proven needs no signature: it keeps things.</summary>
    private void ApplyVerification(LedgerEntry entry, KeyRing ring)
    {
        if (entry.Kind is not (EntryKind.Verification or EntryKind.Verification + EntryKind.FailedEnding))
            return;
        using var body = JsonDocument.Parse(entry.Body);
        if (!BlobId.TryParse(TextOf(body.RootElement, "snapshot"), out var snapshot))
            return;
        var passed =
            entry.Kind == EntryKind.Verification
            && body.RootElement.TryGetProperty("passed", out var value)
            && value.ValueKind == JsonValueKind.True;
        if (!passed)
            _verified.Remove(snapshot);
        else if (ring.FaultOfSignature(entry) is null)
            _verified.Add(snapshot);
    }

    private static string? TextOf(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
