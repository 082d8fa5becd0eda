using System.Globalization;
using System.Runtime.CompilerServices;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Replicas;

namespace Resurgam.Core.Vaults.Scrubs;

/// <summary>Reads the due share of one place of a vault, byte for byte, and checks that nothing is missing from it.</summary>
/// <remarks>
/// Objects by their names or their seals (<see cref="ObjectCheck"/>), in the order of the <see cref="ScrubRing"/>; what is missing by following
/// every snapshot to its packs (<see cref="VaultCheck"/>), each time. What was damaged before is looked at again, so that what is
/// healed is told as such.
/// </remarks>
/// <param name="vault">Opened in the place that is read.</param>
/// <param name="recordAsync">Keeps what was reached: after every <see cref="RecordEvery"/> and at the end. What was not kept is read again.</param>
public sealed class VaultScrub(
    Vault vault,
    ScrubSettings settings,
    Func<ScrubState, Task> recordAsync,
    IWorkProgress progress
) : IDisposable
{
    public static readonly TimeSpan RecordEvery = TimeSpan.FromMinutes(10);

    /// <summary>So many objects between two looks at the clock.</summary>
    private const int BatchObjects = 256;

    /// <summary>So many in a row that cannot be read are no damage but a store that is gone.</summary>
    private const int MostUnreadable = 20;

    private readonly ObjectCheck _check = new(vault);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ScrubDamage> _damaged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ScrubDamage> _known = new(StringComparer.Ordinal);
    private int _unreadable;
    private long _objects;
    private long _bytes;

    /// <param name="last">What the ledger says of the place; null when it was never read.</param>
    /// <returns>What was kept at the end.</returns>
    public async Task<ScrubState> RunAsync(ScrubState? last, CancellationToken cancellationToken)
    {
        var began = vault.Host.Time.GetUtcNow();
        var share = settings.IsWhole ? 1 : ScrubRing.ShareOf(began - last?.ReadAt, settings.Period);
        var round = Round.After(last, began, share);
        progress.Stage($"listing {vault.Store.Name}");
        var due = await ListAsync(round, cancellationToken);
        foreach (var damage in last?.Damaged ?? [])
            _damaged[damage.Key] = _known[damage.Key] = damage;
        await LookAgainAsync(began, cancellationToken);
        await CheckStructureAsync(began, cancellationToken);

        progress.Stage($"reading {share.ToString("P1", CultureInfo.InvariantCulture)} of {vault.Store.Name}");
        progress.Expect(due.Sum(each => each.Item.LengthBytes));
        var recordedAt = vault.Host.Time.GetUtcNow();
        foreach (var batch in due.Chunk(BatchObjects))
        {
            if (vault.Host.Time.GetUtcNow() - recordedAt > RecordEvery)
            {
                recordedAt = vault.Host.Time.GetUtcNow();
                await recordAsync(StateOf(round.Until(batch[0].Distance), round.ShareFrom));
            }
            await ReadAsync([.. batch.Select(each => each.Item)], began, cancellationToken);
        }
        var state = StateOf(round.Whole(), began);
        await recordAsync(state);
        return state;
    }

    public void Dispose() => _check.Dispose();

    /// <returns>In the order of the ring, from the cursor on.</returns>
    private async Task<List<(ulong Distance, StoreObject Item)>> ListAsync(
        Round round,
        CancellationToken cancellationToken
    )
    {
        List<(ulong Distance, StoreObject Item)> due = [];
        if (round.Share <= 0)
            return due;
        await foreach (var item in vault.Store.ListAsync("", cancellationToken))
        {
            var distance = ScrubRing.From(round.Cursor, ScrubRing.PlaceOf(item.Key));
            if (!VaultObject.IsPassing(item.Key) && (round.IsAll || distance < round.Width))
                due.Add((distance, item));
        }
        due.Sort((left, right) => left.Distance.CompareTo(right.Distance));
        return due;
    }

    /// <summary>What was damaged and is whole or gone by now counts no more; what is missing is the other check's to say.</summary>
    private async Task LookAgainAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var key in _damaged.Keys.ToList())
        {
            if (!StoreKey.IsValid(key) || await vault.Store.HeadAsync(key, cancellationToken) is not { } item)
                _damaged.Remove(key);
            else
                await ReadAsync(item, now, cancellationToken);
        }
    }

    private async Task CheckStructureAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var result = await new VaultCheck(vault, progress).RunAsync(readData: false, cancellationToken);
        foreach (var (subject, how) in result.Damage)
            Add(subject, how, now);
    }

    private async Task ReadAsync(
        IReadOnlyList<StoreObject> batch,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        using ByteBudget budget = new(settings.MemoryBytes);
        ParallelOptions parallel = new()
        {
            MaxDegreeOfParallelism = Math.Max(2, vault.Host.Workers),
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            BudgetedAsync(batch, budget, cancellationToken),
            parallel,
            async (item, token) =>
            {
                await ReadAsync(item, now, token);
                budget.Return(item.LengthBytes);
            }
        );
    }

    private static async IAsyncEnumerable<StoreObject> BudgetedAsync(
        IReadOnlyList<StoreObject> items,
        ByteBudget budget,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var item in items)
        {
            await budget.TakeAsync(item.LengthBytes, cancellationToken);
            yield return item;
        }
    }

    private async Task ReadAsync(StoreObject item, DateTimeOffset now, CancellationToken cancellationToken)
    {
        byte[]? bytes;
        try
        {
            bytes = await vault.Store.FindAsync(item.Key, cancellationToken);
            Interlocked.Exchange(ref _unreadable, 0);
        }
        catch (ResurgamException e) when (Interlocked.Increment(ref _unreadable) < MostUnreadable)
        {
            Add(item.Key, e.Problem.What, now); // a bad sector, or an object that the store lost without saying so
            return;
        }
        if (bytes is null)
            return; // merged, joined or expired since it was listed
        Interlocked.Increment(ref _objects);
        Interlocked.Add(ref _bytes, bytes.Length);
        progress.Add(bytes.Length);
        if (await _check.FindFaultAsync(item.Key, bytes, cancellationToken) is { } fault)
            Add(item.Key, fault, now);
        else
            lock (_gate)
                _damaged.Remove(item.Key);
    }

    private void Add(string key, string how, DateTimeOffset now)
    {
        lock (_gate)
            _damaged[key] = new ScrubDamage(key, how, _known.GetValueOrDefault(key)?.FoundAt ?? now);
    }

    private ScrubState StateOf(Reached reached, DateTimeOffset readAt)
    {
        lock (_gate)
            return new ScrubState
            {
                Place = settings.Place,
                Passed = _damaged.Count == 0,
                Cursor = reached.Cursor.ToString("x16", CultureInfo.InvariantCulture),
                Rounds = reached.Rounds,
                RoundBeganAt = reached.RoundBeganAt,
                AllReadSince = reached.AllReadSince,
                ReadAt = readAt,
                Objects = _objects,
                Bytes = _bytes,
                PeriodSeconds = (long)settings.Period.TotalSeconds,
                Damaged =
                [
                    .. _damaged.Values.OrderBy(damage => damage.Key, StringComparer.Ordinal).Take(ScrubState.MostNamed),
                ],
                DamagedCount = _damaged.Count,
            };
    }

    /// <summary>The stretch of the ring that is read now.</summary>
    /// <param name="ShareFrom">The share is that of the time since then: when it is cut off, it stays due.</param>
    private sealed record Round(
        ScrubState? Last,
        DateTimeOffset Began,
        DateTimeOffset ShareFrom,
        double Share,
        ulong Cursor,
        ulong Width
    )
    {
        public bool IsAll => Share >= 1;

        public static Round After(ScrubState? last, DateTimeOffset began, double share) =>
            new(
                last,
                began,
                last?.ReadAt ?? began - ScrubRing.FirstGap,
                share,
                last?.CursorOnRing ?? 0,
                ScrubRing.WidthOf(share)
            );

        public Reached Whole() => IsAll ? new Reached(Cursor, Rounds + 1, Began, Began) : Until(Width);

        /// <summary>Up to this distance from the cursor.</summary>
        public Reached Until(ulong distance)
        {
            var cursor = unchecked(Cursor + distance);
            return cursor < Cursor
                ? new Reached(cursor, Rounds + 1, Began, Last?.RoundBeganAt ?? Began)
                : new Reached(cursor, Rounds, Last?.RoundBeganAt ?? Began, Last?.AllReadSince);
        }

        private long Rounds => Last?.Rounds ?? 0;
    }

    private readonly record struct Reached(
        ulong Cursor,
        long Rounds,
        DateTimeOffset RoundBeganAt,
        DateTimeOffset? AllReadSince
    );
}

/// <summary>What is to be read.</summary>
public sealed record ScrubSettings
{
    public static readonly TimeSpan DefaultPeriod = TimeSpan.FromDays(30);

    /// <summary><c>primary</c>, or the name of a replica.</summary>
    public required string Place { get; init; }

    /// <summary>Everything is read once within so long.</summary>
    public TimeSpan Period { get; init; } = DefaultPeriod;

    /// <summary>Everything now, whatever is due.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Most bytes of objects in memory at once; a single object that is larger goes alone.</summary>
    public long MemoryBytes { get; init; } = 96 << 20;
}
