using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Scrubs;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Stores;

/// <summary>What a vault makes of trouble at the server that it lies on. A new kind of server adds one subclass, and no test.</summary>
public abstract class RemoteVaultContract : IDisposable
{
    private readonly VaultWorld _world = new();

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Of a bucket or container that is empty, with credentials that are good.</summary>
    protected abstract IStore Store { get; }

    protected abstract HttpDouble Server { get; }

    /// <summary>Of the problem that a server is that does not answer, that is too busy, that knows the credentials no longer (the answer to a HEAD has no words that say so).</summary>
    protected abstract (string Unreachable, string Unavailable, IReadOnlyList<string> Expired) Codes { get; }

    /// <summary>Lets <see cref="ServerTrouble.Refused"/> say that the credentials have expired.</summary>
    protected abstract void RefuseAsExpired();

    /// <summary>Lets <see cref="ServerTrouble.Refused"/> say that a policy keeps the object.</summary>
    protected abstract void RefuseAsKept();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    /// <summary>Each request meets it once, and is answered when it is repeated.</summary>
    [Theory]
    [InlineData(ServerTrouble.Busy)]
    [InlineData(ServerTrouble.Drop)]
    [InlineData(ServerTrouble.Unheard)]
    [InlineData(ServerTrouble.HalfAnswer)]
    public async Task Trouble_with_every_request_slows_a_vault_and_harms_nothing(ServerTrouble trouble)
    {
        Server.Trouble = (_, before) => before % 2 == 0 ? trouble : ServerTrouble.None;

        (await _world.CreateAsync(Store, Token)).Dispose();
        for (var version = 1; version <= 2; version++)
            await _world.CaptureAsync(Store, VaultWorld.Content(version), Token);

        await AssertHoldsAsync(1, 2);
    }

    /// <summary>From one request on nothing goes through, and that request is another one each time.</summary>
    [Theory]
    [InlineData(ServerTrouble.Drop)]
    [InlineData(ServerTrouble.Busy)]
    [InlineData(ServerTrouble.Refused)]
    public async Task A_capture_that_loses_its_server_or_its_credentials_at_any_request_leaves_nothing_false(
        ServerTrouble trouble
    )
    {
        RefuseAsExpired();
        IReadOnlyList<string> codes = trouble switch
        {
            ServerTrouble.Drop => [Codes.Unreachable],
            ServerTrouble.Busy => [Codes.Unavailable],
            _ => Codes.Expired,
        };
        (await _world.CreateAsync(Store, Token)).Dispose();
        await _world.CaptureAsync(Store, VaultWorld.Content(1), Token);
        List<int> versions = [1];
        var version = 2;
        for (var good = 0; ; good += 1 + (good / 4), version++)
        {
            var left = good;
            Server.Trouble = (_, _) => Interlocked.Decrement(ref left) < 0 ? trouble : ServerTrouble.None;
            var failure = await Record.ExceptionAsync(() =>
                _world.CaptureAsync(Store, VaultWorld.Content(version), Token)
            );
            Server.Trouble = (_, _) => ServerTrouble.None;

            if (failure is not null)
                Assert.Contains(Assert.IsType<ResurgamException>(failure).Problem.Code, codes);
            var snapshots = await ListAsync();
            Assert.InRange(snapshots.Count, versions.Count + (failure is null ? 1 : 0), versions.Count + 1);
            if (snapshots.Count > versions.Count)
                versions.Add(version);
            await AssertHoldsAsync([.. versions]);
            if (left >= 0)
                break; // it went through
        }
        Assert.True(version > 6, $"only {version} captures were broken");
    }

    [Fact]
    public async Task A_put_that_was_acknowledged_and_lost_is_found_by_the_scrub_and_by_the_check()
    {
        (await _world.CreateAsync(Store, Token)).Dispose();
        var lost = "";
        Server.Trouble = (line, _) =>
            line.StartsWith("PUT ", StringComparison.Ordinal)
            && line.Contains("/data/", StringComparison.Ordinal)
            && Interlocked.CompareExchange(ref lost, line, "") == ""
                ? ServerTrouble.Forgotten
                : ServerTrouble.None;

        await _world.CaptureAsync(Store, VaultWorld.Content(1), Token); // nobody can know yet

        Assert.NotEqual("", lost);
        var key = lost[lost.IndexOf("generations/", StringComparison.Ordinal)..];
        var scrubbed = await ScrubAsync();
        Assert.Contains(
            scrubbed.Damaged,
            damage => damage.Key == key && damage.How == "the index names it, and it is missing"
        );
        var check = await _world.CheckAsync(Store, Token);
        Assert.Contains(check.Damage, damage => damage.Subject.Contains(key, StringComparison.Ordinal));
    }

    /// <summary>A vault is only made where listings are fresh; where they grow old afterwards it may store something twice.</summary>
    [Theory]
    [InlineData("/index/")]
    [InlineData("/snapshots/")]
    [InlineData("/data/")]
    [InlineData("/locks/")]
    public async Task Listings_that_come_late_cost_space_and_nothing_else(string hidden)
    {
        (await _world.CreateAsync(Store, Token)).Dispose();
        await _world.CaptureAsync(Store, VaultWorld.Content(1), Token);
        Server.IsHidden = key => key.Contains(hidden, StringComparison.Ordinal);
        await _world.CaptureAsync(Store, VaultWorld.Content(2), Token);

        Server.IsHidden = _ => false;
        await AssertHoldsAsync(1, 2);
    }

    [Fact]
    public async Task No_vault_is_made_where_listings_are_stale()
    {
        Server.IsHidden = _ => true;

        var failure = await Assert.ThrowsAsync<ResurgamException>(() => _world.CreateAsync(Store, Token));

        Assert.Equal("store-unfit", failure.Problem.Code);
    }

    [Fact]
    public async Task A_server_that_lets_nothing_go_takes_backups()
    {
        RefuseAsKept();
        Server.Trouble = (line, _) =>
            line.StartsWith("DELETE ", StringComparison.Ordinal) ? ServerTrouble.Refused : ServerTrouble.None;

        (await _world.CreateAsync(Store, Token)).Dispose();
        for (var version = 1; version <= 2; version++)
            await _world.CaptureAsync(Store, VaultWorld.Content(version), Token);

        Assert.Contains(Server.Asked, line => line.StartsWith("DELETE ", StringComparison.Ordinal));
        await AssertHoldsAsync(1, 2);
    }

    /// <summary>The vault is whole, and these versions are in it, byte for byte, and no other.</summary>
    private async Task AssertHoldsAsync(params int[] versions)
    {
        Assert.Empty((await _world.CheckAsync(Store, Token)).Damage);
        List<int> found = [];
        foreach (var snapshot in await ListAsync())
        {
            var files = await _world.RestoreAsync(snapshot, Token);
            found.Add(files["folder/version"][0]);
            Assert.Equal(VaultWorld.Content(found[^1]), files);
        }
        Assert.Equal(versions, found.Order());
    }

    private async Task<IReadOnlyList<SnapshotEntry>> ListAsync()
    {
        using var vault = await _world.OpenAsync(Store, Token);
        return await vault.ListSnapshotsAsync(VaultWorld.Asset, Token);
    }

    private async Task<ScrubState> ScrubAsync()
    {
        using var vault = await _world.OpenAsync(Store, Token);
        ScrubSettings settings = new()
        {
            Place = "primary",
            Period = TimeSpan.FromDays(10),
            IsWhole = true,
        };
        using VaultScrub scrub = new(vault, settings, _ => Task.CompletedTask, NoProgress.Instance);
        return await scrub.RunAsync(last: null, Token);
    }
}
