using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Core.Vaults.Replicas;

namespace Resurgam.Vaults;

/// <summary>The places of a vault by their names: the plan's store is <c>primary</c>, beside it are its replicas.</summary>
internal static class PlaceAccess
{
    /// <summary>For commands that people wait for, and that can say that they do not know.</summary>
    private static readonly TimeSpan FirstAnswerLimit = TimeSpan.FromSeconds(7);

    /// <summary>The place that this command works in: <c>--from</c>, else the plan's store.</summary>
    public static ReplicaPlace Chosen(Session session, Plan plan) => Get(plan, session.From ?? ReplicaPlace.Primary);

    public static IReadOnlyList<ReplicaPlace> All(Plan plan) =>
        [new ReplicaPlace(ReplicaPlace.Primary, plan.Vault.Primary), .. plan.Vault.Replicas];

    /// <summary>Work on a place that may be dead, which is left behind when its time is over.</summary>
    /// <exception cref="ResurgamException">The work's own, or <c>replica-silent</c>.</exception>
    public static async Task<T> WithinAsync<T>(
        Session session,
        ReplicaPlace place,
        TimeSpan limit,
        Func<CancellationToken, Task<T>> work,
        CancellationToken cancellationToken
    )
    {
        using CancellationTokenSource timer = new(limit, session.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            // A folder on a dead server of files hangs without listening to anybody.
            return await Task.Run(() => work(both.Token), both.Token).WaitAsync(limit, session.Time, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw PlaceProblems.Silent(place.Place.Store.Written, limit);
        }
    }

    /// <summary>Whether a place answers at all, in a time that a person waits.</summary>
    /// <returns>Null when it has no vault.</returns>
    /// <exception cref="ResurgamException">The store's own, or <c>replica-silent</c>.</exception>
    public static Task<VaultDescriptor?> FindDescriptorAsync(
        Session session,
        ReplicaPlace place,
        CancellationToken cancellationToken
    ) =>
        WithinAsync(
            session,
            place,
            FirstAnswerLimit,
            async token =>
                await Vault.FindDescriptorAsync(await VaultAccess.OpenStoreAsync(session, place.Place, token), token),
            cancellationToken
        );

    /// <summary>Another place of the plan that holds a vault, of those that answer.</summary>
    /// <returns>Null when none does.</returns>
    public static async Task<ReplicaPlace?> FindElsewhereAsync(
        Session session,
        Plan plan,
        ReplicaPlace here,
        CancellationToken cancellationToken
    )
    {
        foreach (var place in AllBut(plan, here))
            try
            {
                if (await FindDescriptorAsync(session, place, cancellationToken) is not null)
                    return place;
            }
            catch (ResurgamException e)
            {
                session.Output.Warn($"{place.Name} does not tell whether it has the vault: {e.Problem.What}");
            }
        return null;
    }

    /// <summary>All but the one that this command works in, or of those the one that was named.</summary>
    /// <exception cref="ResurgamException"><c>replica-unknown</c>, <c>replica-none</c>, <c>replica-itself</c></exception>
    public static IReadOnlyList<ReplicaPlace> Others(Session session, Plan plan, string? wanted)
    {
        var chosen = Chosen(session, plan);
        if (wanted is not null)
            return Get(plan, wanted) is var named && named.Name != chosen.Name
                ? [named]
                : throw PlaceProblems.Itself(wanted);
        return AllBut(plan, chosen) is { Count: > 0 } others ? others : throw PlaceProblems.None(plan.Name);
    }

    /// <summary>
    /// For a copy: which generations the ledger of either place calls expired. Without the secret nobody can tell; when one of the ledgers cannot be read,
    /// the other's word alone is not all.
    /// </summary>
    public static Func<CancellationToken, Task<ExpiryAnswer?>> FindExpired(
        Session session,
        Plan plan,
        params IReadOnlyList<IStore> stores
    ) =>
        async cancellationToken =>
        {
            ExpiryAnswer? answer = null;
            List<UnreadLedger> closed = [];
            foreach (var store in stores)
            {
                if (await Vault.FindDescriptorAsync(store, cancellationToken) is null)
                    continue; // nothing was begun there that could have expired
                var without = $"the ledger of {store.Name} does not tell what is expired";
                var told = await TryWithVaultAsync(
                    session,
                    plan,
                    store,
                    without,
                    vault => ExpiryAnswer.AskAsync(vault.OpenLedger(), store.Name, cancellationToken),
                    cancellationToken
                );
                if (told is null)
                    closed.Add(new UnreadLedger(store.Name, "the vault there does not open"));
                else
                    answer = answer?.And(told) ?? told;
                foreach (var ledger in told?.Unread ?? [])
                    session.Output.Warn($"{without}: {ledger.How}");
            }
            return closed.Aggregate(answer, (all, ledger) => all?.AndUnread(ledger));
        };

    /// <summary>For a copy: which keys are withdrawn by marks that open, in either place. Without the secret nobody can tell.</summary>
    public static Func<CancellationToken, Task<IReadOnlySet<string>?>> FindWithdrawn(
        Session session,
        Plan plan,
        params IReadOnlyList<IStore> stores
    ) =>
        async cancellationToken =>
        {
            foreach (var store in stores)
            {
                var withdrawn = await TryWithVaultAsync(
                    session,
                    plan,
                    store,
                    $"{store.Name} does not tell which marks of withdrawn keys are true",
                    vault => new VaultKeys(vault).ReadWithdrawnAsync(stores, cancellationToken),
                    cancellationToken
                );
                if (withdrawn is not null)
                    return withdrawn;
            }
            return null;
        };

    /// <summary>For a copy: takes from its target what belongs to withdrawn keys. Without the secret nobody can tell, and nothing goes.</summary>
    public static Func<CancellationToken, Task<WithdrawnKeyResult?>> FinishWithdrawals(
        Session session,
        Plan plan,
        IStore target
    ) =>
        cancellationToken =>
            TryWithVaultAsync<WithdrawnKeyResult>(
                session,
                plan,
                target,
                $"withdrawn keys stay in {target.Name}",
                vault => new VaultKeys(vault).FinishWithdrawalsAsync(cancellationToken),
                cancellationToken
            );

    public static IReadOnlyList<ReplicaPlace> AllBut(Plan plan, ReplicaPlace one) =>
        [.. All(plan).Where(place => place.Name != one.Name)];

    /// <exception cref="ResurgamException"><c>replica-unknown</c></exception>
    public static ReplicaPlace Get(Plan plan, string name) =>
        All(plan).FirstOrDefault(place => place.Name == name)
        ?? throw PlaceProblems.Unknown(plan.Name, name, [.. All(plan).Select(place => place.Name)]);

    /// <summary>For a copy out of a replica.</summary>
    /// <returns>Null, and a warning, when it does not open.</returns>
    public static async Task<Vault?> TryOpenAsync(
        Session session,
        Plan plan,
        IStore store,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await OpenAsync(session, plan, store, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            session.Output.Warn(
                $"what {store.Name} brings into the ledger is not looked at: {e.Problem.What} ({e.Problem.Code})"
            );
            return null;
        }
    }

    private static async Task<Vault> OpenAsync(
        Session session,
        Plan plan,
        IStore store,
        CancellationToken cancellationToken
    )
    {
        var secret = (await session.ReadSecretAsync(plan, cancellationToken)).ToText();
        return await Vault.OpenAsync(store, secret, VaultAccess.HostOf(session, plan), cancellationToken);
    }

    /// <summary>What a copy can do only with the secret, which it may lack; <c>without</c> says in the warning what that means.</summary>
    /// <returns>Null, and a warning, when somebody has to mend something first.</returns>
    private static async Task<T?> TryWithVaultAsync<T>(
        Session session,
        Plan plan,
        IStore store,
        string without,
        Func<Vault, Task<T>> work,
        CancellationToken cancellationToken
    )
        where T : class
    {
        try
        {
            using var vault = await OpenAsync(session, plan, store, cancellationToken);
            return await work(vault);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            session.Output.Warn($"{without}: {e.Problem.What} ({e.Problem.Code})");
            return null;
        }
    }
}

internal static class PlaceProblems
{
    public static ResurgamException Unknown(string plan, string name, IReadOnlyList<string> known) =>
        new(
            new Problem(
                "replica-unknown",
                Remedy.Fix,
                $"plan '{plan}' has no place '{name}' for its vault",
                Nearest.Of(name, known) is { } near
                    ? $"Did you mean '{near}'? The vault's places: {string.Join(", ", known)}."
                    : $"The vault's places: {string.Join(", ", known)}; replicas stand in 'vault.replicas' of the plan."
            )
        );

    public static ResurgamException None(string plan) =>
        new(
            new Problem(
                "replica-none",
                Remedy.Fix,
                $"plan '{plan}' names no replica of its vault",
                "Add one to 'vault.replicas': { name: far, store: s3://BUCKET/PREFIX }."
            )
        );

    /// <summary>A new vault there would be another one beside the replicas of the old.</summary>
    public static ResurgamException AbsentHere(Problem absent, ReplicaPlace here, ReplicaPlace other) =>
        new(
            absent with
            {
                Hint =
                    $"{other.Name} has the vault: see first whether {here.Name} is mounted and is the right place. Anything can be restored with '--from {other.Name}'; 'resurgam --from {other.Name} vault copy {here.Name}' makes the vault anew here.",
            }
        );

    public static ResurgamException VaultElsewhere(ReplicaPlace other) =>
        new(
            new Problem(
                "vault-elsewhere",
                Remedy.Fix,
                $"{other.Name}, another place of this plan's vault, holds one already: {other.Place.Store.Written}",
                $"If the vault's own place was lost: 'resurgam --from {other.Name} vault copy primary' brings it back. For a new vault give every replica a new place in the plan."
            )
        );

    public static ResurgamException NoVersions(string store) =>
        new(
            new Problem(
                "store-no-versions",
                Remedy.Fix,
                $"store {store} cannot be read as it was at another time",
                "Only a bucket on S3 that keeps versions can. Leave --as-of out, or name such a replica with --from."
            )
        );

    public static ResurgamException Silent(string store, TimeSpan limit) =>
        new(
            new Problem(
                "replica-silent",
                Remedy.Retry,
                $"{store} did not answer within {Duration.Format(limit)}",
                "Check the network and the place; 'resurgam vault info' asks it again."
            )
        );

    public static ResurgamException Itself(string name) =>
        new(
            new Problem(
                "replica-itself",
                Remedy.Fix,
                $"{name} is the place that this command reads from already",
                "Name another place, or another one with --from."
            )
        );
}
