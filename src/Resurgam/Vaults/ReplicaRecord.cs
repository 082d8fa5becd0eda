using System.Text.Json.Serialization.Metadata;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Ledgers;

namespace Resurgam.Vaults;

/// <summary>Tells the ledger of copies and heals that changed something, and brings what it told to the other places at once.</summary>
/// <remarks>
/// An entry is an object like any other: without that it alone would leave each replica behind, and the next copy there would be told in turn. It is
/// written where this command works, in a stream that names that place unless it is the vault's own, so that places that are apart do not write one
/// stream. A copy needs no secret and the ledger does: without
/// it the work is done and not told, and the operator hears so.
/// </remarks>
internal sealed class ReplicaRecord(Session session, Plan plan)
{
    /// <summary>A copy every half a minute would make the ledger longer than what it tells of: it is told summed up.</summary>
    private static readonly TimeSpan BetweenEntries = TimeSpan.FromHours(1);

    /// <summary>Findings that an entry names: a place may hold millions.</summary>
    private const int MostNamed = 100;

    private readonly Dictionary<string, ReplicaCopyView> _untold = new(StringComparer.Ordinal);
    private long? _toldAt;

    /// <summary>What a copy did, to be told.</summary>
    public void Add(VaultCopyDocument document)
    {
        if (document.DryRun)
            return;
        foreach (var copy in document.Replicas.Where(copy => copy.HasChanged))
            _untold[copy.Name] = _untold.TryGetValue(copy.Name, out var before) ? before.With(copy) : copy;
    }

    /// <summary>Between two of many copies.</summary>
    public async Task TellWhenDueAsync()
    {
        if (_toldAt is null || session.Time.GetElapsedTime(_toldAt.Value) >= BetweenEntries)
            await TellAsync();
    }

    /// <summary>Tells what is not told yet. Not to be stopped: the work is done.</summary>
    /// <returns>Where the entries of the places stand.</returns>
    public async Task<IReadOnlyDictionary<string, EntryView>> TellAsync()
    {
        Dictionary<string, EntryView> entries = new(StringComparer.Ordinal);
        if (_untold.Count == 0)
            return entries;
        if (await TryOpenAsync(session, plan) is { } vault)
            using (vault)
            {
                foreach (var (name, copy) in _untold)
                    if (await TellAsync(vault, name, copy) is { } entry)
                        entries.Add(name, entry);
                if (entries.Count > 0)
                    await BringAsync(session, plan, vault);
            }
        _untold.Clear();
        _toldAt = session.Time.GetTimestamp();
        return entries;
    }

    /// <summary>Tells of a heal.</summary>
    /// <param name="patient">The place that was healed.</param>
    /// <returns>Null when the ledger does not tell of it.</returns>
    public static async Task<EntryView?> TellAsync(
        Session session,
        Plan plan,
        ReplicaPlace patient,
        VaultHealDocument document
    )
    {
        if (await TryOpenAsync(session, plan) is not { } vault)
            return null;
        using (vault)
        {
            var named = document with
            {
                Damaged = [.. document.Damaged.Take(MostNamed)],
                Findings = [.. document.Findings.Take(MostNamed)],
            };
            var json = VaultDocuments.Json.VaultHealDocument;
            var entry = await RecordAsync(session, plan, vault, patient.Name, EntryKind.Heal, named, json);
            if (entry is not null)
                await BringAsync(session, plan, vault);
            return entry;
        }
    }

    private Task<EntryView?> TellAsync(Vault vault, string name, ReplicaCopyView copy)
    {
        var named = copy with { Findings = [.. copy.Findings.Take(MostNamed)] };
        return RecordAsync(session, plan, vault, name, EntryKind.Copy, named, VaultDocuments.Json.ReplicaCopyView);
    }

    private static Task<EntryView?> RecordAsync<T>(
        Session session,
        Plan plan,
        Vault vault,
        string place,
        string kind,
        T document,
        JsonTypeInfo<T> type
    )
    {
        var writer = PlaceAccess.Chosen(session, plan).Name;
        var stream = StreamName.OfPlace(place, writer == ReplicaPlace.Primary ? null : writer);
        return new LedgerRecorder(session, plan, vault).RecordAsync(stream, kind, document, type);
    }

    /// <returns>Null without the vault's secret, or when the place does not answer: the operator was told.</returns>
    private static async Task<Vault?> TryOpenAsync(Session session, Plan plan)
    {
        try
        {
            return await VaultAccess.OpenAsync(session, plan, CancellationToken.None);
        }
        catch (ResurgamException e)
        {
            session.Output.Warn($"the ledger does not tell of this: {e.Problem.What} ({e.Problem.Code})");
            return null;
        }
    }

    private static async Task BringAsync(Session session, Plan plan, Vault vault)
    {
        var chosen = PlaceAccess.Chosen(session, plan);
        foreach (var place in PlaceAccess.AllBut(plan, chosen))
        {
            try
            {
                var target = await VaultAccess.OpenStoreAsync(session, place.Place, CancellationToken.None);
                ReplicaCopySettings settings = new()
                {
                    OpenLedger = vault.OpenLedger,
                    Ends = LedgerAccess.EndsOf(session, plan, vault.Descriptor, chosen.Name, place.Name),
                };
                ReplicaCopy copy = new(vault.Store, target, settings, session.Progress);
                await copy.BringLedgerAsync(CancellationToken.None);
            }
            catch (ResurgamException e)
            {
                session.Output.Warn(
                    $"{place.Name} gets the ledger's word of this with the next copy: {e.Problem.What} ({e.Problem.Code})"
                );
            }
        }
    }
}
