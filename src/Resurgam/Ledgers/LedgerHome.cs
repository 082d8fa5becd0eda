using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Vaults;

namespace Resurgam.Ledgers;

/// <summary>Which place's ledger tells of what a command does with <c>--from</c>: the primary's as long as it answers, else the replica's own.</summary>
/// <remarks>
/// Other machines go on writing in the primary, in the same streams: two places that are written to on their own fork, and nothing takes that back by itself.
/// Only when the primary is gone the replica is what is left of the vault, and is written to.
/// </remarks>
internal static class LedgerHome
{
    /// <summary>A primary that does not answer for so long is taken for gone.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <summary>What is done is not held up longer by a primary that answers and does not write.</summary>
    public static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(30);

    /// <summary>One that was found gone is not asked again for so long.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);

    /// <summary>Two ledgers that cannot be compared in so long are not: what is done goes first.</summary>
    private static readonly TimeSpan CompareLimit = TimeSpan.FromSeconds(30);

    /// <summary>Decides it for a vault that was opened in the place that this command works in.</summary>
    public static async Task ChooseAsync(Session session, Plan plan, Vault vault, CancellationToken cancellationToken)
    {
        var place = PlaceAccess.Chosen(session, plan);
        // As of another time nothing can be written anywhere.
        if (place.Name == ReplicaPlace.Primary || vault.Descriptor is not { } descriptor || session.AsOf is not null)
            return;
        if (
            session.PrimaryMissedAt is { } missed
            && session.Time.GetElapsedTime(missed) is var since
            && since < BetweenLooks
        )
            return;
        var primary = PlaceAccess.Get(plan, ReplicaPlace.Primary);
        try
        {
            var store = await PlaceAccess.WithinAsync(
                session,
                primary,
                AnswerLimit,
                async token =>
                {
                    var opened = await VaultAccess.OpenStoreAsync(session, primary.Place, token);
                    return (await Vault.FindDescriptorAsync(opened, token))?.Id == descriptor.Id ? opened : null;
                },
                cancellationToken
            );
            if (store is null)
            {
                Miss(session, place, "it has not this vault");
                return;
            }
            session.PrimaryMissedAt = null;
            await JoinAsync(session, plan, vault, store, place.Name, cancellationToken);
            vault.LedgerStore = new LedgerPair(store, vault.Store);
        }
        catch (ResurgamException e)
        {
            Miss(session, place, $"{e.Problem.What} ({e.Problem.Code})");
        }
    }

    /// <summary>Does what writes the ledger first, before anything is done: a primary that reads and does not write is none.</summary>
    /// <param name="begin">May have had an effect in the primary although it failed: it has to write what is new each time.</param>
    public static async Task<T> BeginAsync<T>(
        Session session,
        Plan plan,
        Vault vault,
        Func<CancellationToken, Task<T>> begin,
        CancellationToken cancellationToken
    )
    {
        if (!vault.HasLedgerElsewhere)
            return await begin(cancellationToken);
        try
        {
            return await PlaceAccess.WithinAsync(
                session,
                PlaceAccess.Get(plan, ReplicaPlace.Primary),
                WriteLimit,
                begin,
                cancellationToken
            );
        }
        catch (ResurgamException e)
        {
            Miss(session, PlaceAccess.Chosen(session, plan), $"{e.Problem.What} ({e.Problem.Code})");
            vault.LedgerStore = vault.Store;
            return await begin(cancellationToken);
        }
    }

    private static void Miss(Session session, ReplicaPlace place, string why)
    {
        if (session.PrimaryMissedAt is null)
            session.Output.Warn($"the ledger of {place.Name} tells of this, and not the primary's: {why}");
        session.PrimaryMissedAt = session.Time.GetTimestamp();
    }

    /// <summary>What was told in the replica while the primary was away goes to the primary first, so that this one goes on behind it.</summary>
    private static async Task JoinAsync(
        Session session,
        Plan plan,
        Vault vault,
        IStore primary,
        string place,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var findings = await PlaceAccess.WithinAsync(
                session,
                PlaceAccess.Get(plan, ReplicaPlace.Primary),
                CompareLimit,
                token =>
                {
                    ReplicaCopySettings settings = new()
                    {
                        OpenLedger = vault.OpenLedger,
                        Ends = LedgerAccess.EndsOf(session, plan, vault.Descriptor, place, ReplicaPlace.Primary),
                    };
                    return new ReplicaCopy(vault.Store, primary, settings, NoProgress.Instance).BringLedgerAsync(token);
                },
                cancellationToken
            );
            foreach (var finding in findings)
                session.Output.Warn(
                    finding.Fault == ReplicaFault.Forked
                        ? $"stream {finding.Key} of the ledger is forked: {finding.How}; 'resurgam ledger settle {place}' ends it"
                        : $"the ledger of {place} does not go to the primary's from {finding.Key} on: {finding.How}"
                );
        }
        catch (ResurgamException e)
        {
            session.Output.Warn(
                $"nobody can tell whether the ledger of {place} has what the primary's lacks: {e.Problem.What} ({e.Problem.Code})"
            );
        }
    }
}
