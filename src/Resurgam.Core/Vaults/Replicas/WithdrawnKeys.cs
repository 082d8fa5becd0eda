using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Keys;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>The keys that a copy brings no more.</summary>
/// <remarks>
/// A mark's name is enough for that, so that a copy needs no secret. But who may only write to a store must not keep keys out of a copy by marks that he
/// made up: with the vault's secret those that do not open are passed over, and no place is left without any key at all.
/// </remarks>
internal sealed class WithdrawnKeys
{
    public static readonly WithdrawnKeys None = new(null, new HashSet<string>(), []);

    private readonly IStore? _source;
    private readonly IReadOnlySet<string> _ids;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _salts;

    private WithdrawnKeys(IStore? source, IReadOnlySet<string> ids, IReadOnlyList<ReadOnlyMemory<byte>> salts) =>
        (_source, _ids, _salts) = (source, ids, salts);

    /// <param name="source">Where the copy comes from.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="comparison">Of the two.</param>
    /// <param name="findGood">Tells which marks open: <see cref="ReplicaCopySettings.FindWithdrawn"/>.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<WithdrawnKeys> ReadAsync(
        IStore source,
        IStore target,
        ReplicaComparison comparison,
        Func<CancellationToken, Task<IReadOnlySet<string>?>>? findGood,
        CancellationToken cancellationToken
    )
    {
        HashSet<string> ids = new(comparison.Withdrawn, StringComparer.Ordinal);
        if (!comparison.HasHeldKeys)
            return new WithdrawnKeys(source, ids, []);
        if (findGood is not null && await findGood(cancellationToken) is { } good)
            ids.IntersectWith(good);
        if (!comparison.HasKeyBeside(ids))
            ids.Clear();
        List<ReadOnlyMemory<byte>> salts = [];
        foreach (var id in ids)
        foreach (var store in (IStore[])[source, target])
            if (await FindSaltAsync(store, VaultKeys.Prefix + id, cancellationToken) is { } salt)
                salts.Add(salt);
        return new WithdrawnKeys(source, ids, salts);
    }

    public bool Contains(string id) => _ids.Contains(id);

    /// <summary>What the target lacks of keys that only a mark's name calls withdrawn.</summary>
    public IEnumerable<StoreObject> ComingOf(ReplicaComparison comparison) =>
        comparison.HeldKeys.Where(held => !Contains(held.Id)).Select(held => held.Item);

    /// <summary>A key file of the source that belongs to a withdrawn key: by its own name, or by the salt that the key's files have everywhere.</summary>
    public async Task<bool> IsOneOfTheirsAsync(string key, CancellationToken cancellationToken)
    {
        if (!VaultObject.IsKeyFile(key))
            return false;
        if (Contains(key[(key.LastIndexOf('/') + 1)..]))
            return true;
        return _source is not null
            && _salts.Count > 0
            && await FindSaltAsync(_source, key, cancellationToken) is { } salt
            && _salts.Any(withdrawn => withdrawn.Span.SequenceEqual(salt.Span));
    }

    /// <returns>Null when there is no such file, or it is damaged.</returns>
    private static async Task<ReadOnlyMemory<byte>?> FindSaltAsync(
        IStore store,
        string key,
        CancellationToken cancellationToken
    ) =>
        await store.FindAsync(key, cancellationToken) is { } bytes && !VaultObject.IsNamedOtherwise(key, bytes)
            ? KeyDocument.Read(bytes).Salt
            : null;
}
