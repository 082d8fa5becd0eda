using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Replicas;

/// <summary>Forks of a ledger of many streams, in two stores that are far apart.</summary>
public sealed class ForkSearchTests
{
    private const int Streams = 100;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly LedgerWorld _world = new();
    private readonly Memory _memory = new();

    [Fact]
    public async Task What_was_compared_once_is_read_again_only_when_it_has_changed()
    {
        var far = await CreateAsync();
        Assert.Equal(Streams + 1, await LookAsync(far));
        Assert.Equal(1, await LookAsync(far)); // the vault's stream has the keys

        await WriteAsync(_world.Store, 7);
        far.Overwrite(KeyOf(7, 2), _world.Store.Objects[KeyOf(7, 2)]);

        Assert.Equal(2, await LookAsync(far));
    }

    [Fact]
    public async Task A_fork_of_two_branches_of_one_length_is_found_and_found_again()
    {
        var far = await CreateAsync();
        await LookAsync(far);
        await WriteAsync(_world.Store, 7);
        await WriteAsync(far, 7);

        for (var look = 0; look < 2; look++)
        {
            ForkSearch search = new(await CompareAsync(far), _world.Store, far, _memory);
            await search.RunAsync(Token);

            Assert.Contains(search.Forks, fork => fork.Stream == StreamName.OfAsset("a7") && fork.Seq == 2);
        }
    }

    [Fact]
    public async Task A_search_that_is_stopped_remembers_what_it_saw_and_the_next_goes_on()
    {
        var far = await CreateAsync();
        await WriteAsync(_world.Store, 7);
        await WriteAsync(far, 7);
        using CancellationTokenSource stop = new();
        FaultyStore slow = new(
            _world.Store,
            (call, _) =>
            {
                if (call == Streams - 20)
                    stop.Cancel();
                return StoreFault.None;
            }
        );
        ForkSearch search = new(await CompareAsync(far), slow, far, _memory);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => search.RunAsync(stop.Token));

        Assert.InRange(search.Unseen, 1, Streams);
        Assert.InRange(await LookAsync(far), 1, Streams - 10);
        await search.RunAsync(Token);
        Assert.Contains(search.Forks, fork => fork.Stream == StreamName.OfAsset("a7"));
    }

    private static string KeyOf(int number, int seq) => LedgerWorld.KeyOf(StreamName.OfAsset($"a{number}"), seq);

    private Task<ReplicaComparison> CompareAsync(IStore far) => ReplicaComparison.RunAsync(_world.Store, far, Token);

    /// <returns>Objects that were read here; of the other store it is as many.</returns>
    private async Task<int> LookAsync(MemoryStore far)
    {
        FaultyStore here = new(_world.Store, (_, _) => StoreFault.None);
        ForkSearch search = new(await CompareAsync(far), here, far, _memory);
        await search.RunAsync(Token);
        Assert.Equal(0, search.Unseen);
        return here.CallCount;
    }

    private async Task WriteAsync(IStore store, int number) =>
        await _world
            .NewWriter(_world.NewMachine("two"), store)
            .AppendAsync(StreamName.OfAsset($"a{number}"), LedgerWorld.Fact(number), Token);

    private async Task<MemoryStore> CreateAsync()
    {
        var writer = _world.NewWriter(_world.NewMachine("one"));
        for (var number = 0; number < Streams; number++)
            await writer.AppendAsync(StreamName.OfAsset($"a{number}"), LedgerWorld.Fact(number), Token);
        return _world.CopyStore();
    }

    private sealed class Memory : IEndMemory
    {
        private readonly HashSet<string> _ends = [];

        public IReadOnlySet<string> Read() => _ends.ToHashSet();

        public void Write(IEnumerable<string> ends)
        {
            var all = ends.ToList();
            _ends.Clear();
            _ends.UnionWith(all);
        }
    }
}
