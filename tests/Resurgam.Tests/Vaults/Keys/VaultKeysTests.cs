using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Keys;

public sealed class VaultKeysTests
{
    private const string New = "battery staple";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_added_secret_opens_the_vault_every_generation_and_the_next_one()
    {
        var world = await NewWorldAsync();
        using (var vault = await world.OpenAsync(world.Store, Token))
            await new VaultKeys(vault).AddAsync(New, "safe", Token);
        world.Time.Advance(TimeSpan.FromDays(31));
        await world.CaptureAsync(world.Store, VaultWorld.Content(3), Token);

        Assert.True(await SecretProbe.OpensAllAsync(world.Store, VaultWorld.Password));
        Assert.True(await SecretProbe.OpensAllAsync(world.Store, New));
        using var opened = await world.OpenAsync(world.Store, Token);
        var keys = await new VaultKeys(opened).ListAsync(Token);
        Assert.Equal(["first", "safe"], keys.Select(key => key.Name));
        Assert.Equal([true, false], keys.Select(key => key.IsCurrent));
        Assert.All(keys, key => Assert.Empty(key.Missing ?? ["unknown"]));
    }

    [Fact]
    public async Task A_withdrawn_secret_opens_nothing_and_the_last_one_stays()
    {
        var world = await NewWorldAsync();
        using var vault = await world.OpenAsync(world.Store, Token);
        VaultKeys keys = new(vault);
        var first = (await keys.ListAsync(Token))[0].Id;
        Assert.Equal("vault-key-last-refused", await CodeAsync(() => keys.WithdrawAsync(first, Token)));

        var (added, withdrawn, _) = await keys.RotateAsync(New, "", Token);

        Assert.Equal([first], withdrawn);
        Assert.False(await SecretProbe.OpensSomethingAsync(world.Store, VaultWorld.Password));
        Assert.True(await SecretProbe.OpensAllAsync(world.Store, New));
        using var renewed = await Vault.OpenAsync(world.Store, New, world.Host, Token);
        Assert.Equal(
            "vault-key-last-refused",
            await CodeAsync(() => new VaultKeys(renewed).WithdrawAsync(added[..6], Token))
        );
    }

    [Fact]
    public async Task A_vault_that_is_older_than_records_rotates_too()
    {
        var world = await NewWorldAsync();
        foreach (
            var key in world.Store.Objects.Keys.Where(key => key.StartsWith("key-records/", StringComparison.Ordinal))
        )
            await world.Store.DeleteAsync(key, Token);
        using (var vault = await world.OpenAsync(world.Store, Token))
            await new VaultKeys(vault).RotateAsync(New, "", Token);

        Assert.True(await SecretProbe.OpensAllAsync(world.Store, New));
        Assert.False(await SecretProbe.OpensSomethingAsync(world.Store, VaultWorld.Password));
    }

    [Fact]
    public async Task A_key_that_cannot_be_proven_to_open_all_is_no_reason_to_withdraw_another()
    {
        var world = await NewWorldAsync();
        string added;
        using (var vault = await world.OpenAsync(world.Store, Token))
            added = await new VaultKeys(vault).AddAsync(New, "safe", Token);
        await world.Store.DeleteAsync($"keys/{added}", Token);

        using var again = await world.OpenAsync(world.Store, Token);
        VaultKeys keys = new(again);
        var first = (await keys.ListAsync(Token))[0].Id;
        Assert.Equal("vault-key-last-refused", await CodeAsync(() => keys.WithdrawAsync(first, Token)));
        await keys.AddAsync(New, "safe", Token); // completes it
        await keys.WithdrawAsync(first, Token);
        Assert.True(await SecretProbe.OpensAllAsync(world.Store, New));
    }

    [Fact]
    public async Task A_withdrawn_secret_that_is_added_again_is_a_new_key()
    {
        var world = await NewWorldAsync();
        using var vault = await world.OpenAsync(world.Store, Token);
        VaultKeys keys = new(vault);
        var first = await keys.AddAsync(New, "safe", Token);
        await keys.WithdrawAsync(first, Token);
        Assert.False(await SecretProbe.OpensSomethingAsync(world.Store, New));

        var second = await keys.AddAsync(New, "safe", Token);
        await keys.FinishWithdrawalsAsync(Token);

        Assert.NotEqual(first, second);
        Assert.True(await SecretProbe.OpensAllAsync(world.Store, New));
        Assert.Empty((await world.CheckAsync(world.Store, Token)).Damage);
    }

    /// <summary>The other withdrawal in the middle of the first, at each of its calls.</summary>
    [Fact]
    public async Task Of_two_withdrawals_at_once_one_at_most_takes_its_key()
    {
        for (var at = 1; ; at++)
        {
            var world = await NewWorldAsync();
            var (first, second) = await AddSecondAsync(world);
            var other = Task.CompletedTask;
            FaultyStore watched = new(
                world.Store,
                (call, _) =>
                {
                    if (call == at)
                        other = FailsAsync(() => WithdrawAsync(world, world.Store, New, second));
                    return StoreFault.None;
                }
            );

            await FailsAsync(() => WithdrawAsync(world, watched, VaultWorld.Password, first));
            await other;

            var where = $"call {at}, {(at <= watched.CallCount ? watched.Calls[at - 1] : "none")}";
            var (isOld, isNew) = (
                await SecretProbe.OpensAllAsync(world.Store, VaultWorld.Password),
                await SecretProbe.OpensAllAsync(world.Store, New)
            );
            Assert.True(isOld || isNew, where);
            Assert.DoesNotContain($"key-withdrawals/{(isOld ? first : second)}", world.Store.Objects.Keys);
            if (at > watched.CallCount)
                break;
        }
    }

    [Fact]
    public async Task A_withdrawal_that_was_cut_off_leaves_the_secret_alone_when_it_was_added_again()
    {
        var world = await NewWorldAsync();
        var (_, id) = await AddSecondAsync(world);
        FaultyStore cut = new(
            world.Store,
            (_, call) =>
                call.StartsWith("put key-withdrawals/", StringComparison.Ordinal) ? StoreFault.Unheard : StoreFault.None
        );
        await FailsAsync(() => WithdrawAsync(world, cut, New, id));
        Assert.Contains($"key-withdrawals/{id}", world.Store.Objects.Keys);
        using (var vault = await world.OpenAsync(world.Store, Token))
            Assert.NotEqual(id, await new VaultKeys(vault).AddAsync(New, "safe", Token));

        await WithdrawAsync(world, world.Store, New, id);

        Assert.True(await SecretProbe.OpensAllAsync(world.Store, New));
        Assert.DoesNotContain($"keys/{id}", world.Store.Objects.Keys);
    }

    [Fact]
    public async Task A_withdrawal_is_finished_although_nothing_but_its_mark_and_older_versions_is_left()
    {
        var world = await NewWorldAsync();
        var (_, id) = await AddSecondAsync(world);
        KeepingStore store = new(world.Store) { LockedUntil = world.Time.GetUtcNow().AddDays(1) };
        Assert.NotEmpty(await WithdrawAsync(world, store, VaultWorld.Password, id));
        Assert.NotEmpty(await WithdrawAsync(world, store, VaultWorld.Password, id));

        store.LockedUntil = null;
        Assert.Empty(await WithdrawAsync(world, store, VaultWorld.Password, id));

        Assert.Empty(store.Kept);
        Assert.True(await SecretProbe.OpensAllAsync(world.Store, VaultWorld.Password));
        Assert.Equal(
            "vault-key-absent",
            await CodeAsync(() => WithdrawAsync(world, store, VaultWorld.Password, "xyz"))
        );
    }

    [Fact]
    public async Task A_mark_that_does_not_open_makes_way_for_the_true_one()
    {
        var world = await NewWorldAsync();
        var (_, id) = await AddSecondAsync(world);
        world.Store.Overwrite($"key-withdrawals/{id}", new byte[100]);

        await WithdrawAsync(world, world.Store, VaultWorld.Password, id);

        Assert.False(await SecretProbe.OpensSomethingAsync(world.Store, New));
        Assert.Empty((await world.CheckAsync(world.Store, Token)).Damage);
    }

    private static async Task<(string First, string Second)> AddSecondAsync(VaultWorld world)
    {
        using var vault = await world.OpenAsync(world.Store, Token);
        VaultKeys keys = new(vault);
        var first = (await keys.ListAsync(Token))[0].Id;
        return (first, await keys.AddAsync(New, "safe", Token));
    }

    private static async Task<IReadOnlyList<WithdrawnKeyRemains>> WithdrawAsync(
        VaultWorld world,
        IStore store,
        string password,
        string id
    )
    {
        using var vault = await Vault.OpenAsync(store, password, world.Host, Token);
        return (await new VaultKeys(vault).WithdrawAsync(id, Token)).Remains;
    }

    [Theory]
    [InlineData(StoreFault.Unheard, false)]
    [InlineData(StoreFault.Lost, true)]
    public async Task A_rotation_broken_at_any_call_leaves_a_secret_that_opens_everything(StoreFault fault, bool isKill)
    {
        for (var breakAt = 1; ; breakAt++)
        {
            var world = await NewWorldAsync();
            var broken = isKill
                ? FaultyStore.FailingFrom(world.Store, breakAt, fault)
                : FaultyStore.FailingAt(world.Store, breakAt, fault);
            await FailsAsync(() => RotateAsync(world, broken));
            var where = $"call {breakAt}, {(breakAt <= broken.CallCount ? broken.Calls[breakAt - 1] : "none")}";

            Assert.True(
                await SecretProbe.OpensAllAsync(world.Store, VaultWorld.Password)
                    || await SecretProbe.OpensAllAsync(world.Store, New),
                where
            );
            if (await SecretProbe.OpensVaultAsync(world.Store, VaultWorld.Password))
                await RotateAsync(world, world.Store); // the plan's secret is still the old one
            Assert.True(await SecretProbe.OpensAllAsync(world.Store, New), where);
            using var vault = await Vault.OpenAsync(world.Store, New, world.Host, Token);
            foreach (var left in (await new VaultKeys(vault).ListAsync(Token)).Where(key => !key.IsCurrent))
                await new VaultKeys(vault).WithdrawAsync(left.Id, Token);
            Assert.False(await SecretProbe.OpensSomethingAsync(world.Store, VaultWorld.Password), where);
            Assert.Empty((await world.CheckWithAsync(New, Token)).Damage);
            if (breakAt > broken.CallCount)
                break;
        }
    }

    private static async Task RotateAsync(VaultWorld world, IStore store)
    {
        using var vault = await world.OpenAsync(store, Token);
        await new VaultKeys(vault).RotateAsync(New, "", Token);
    }

    [Fact]
    public void A_guess_is_paid_for_once_and_other_words_salts_and_costs_have_keys_of_their_own()
    {
        SeededEntropy entropy = new(7);
        var master = SealingKey.Create(entropy);
        KeyDocument[] files =
        [
            .. from n in (int[])[2, 2, 4]
            select KeyDocument.Create(
                master,
                New,
                entropy,
                DateTimeOffset.UnixEpoch,
                "h",
                "u",
                new ScryptCost(n, 1, 1)
            ),
        ];
        DerivedKeys derived = new();

        List<SealingKey> keys =
        [
            .. from file in files from password in (string[])[New, "another"] select derived.Get(file, password),
        ];

        Assert.Same(keys[0], derived.Get(files[0], New));
        Assert.Equal(6, keys.Select(key => Convert.ToHexString(key.Encrypt)).Distinct().Count());
        Assert.True(files[0].TryOpen(keys[0], out _));
        Assert.False(files[0].TryOpen(keys[1], out _));
    }

    /// <summary>Two generations.</summary>
    private static async Task<VaultWorld> NewWorldAsync()
    {
        VaultWorld world = new();
        (await world.CreateAsync(world.Store, Token)).Dispose();
        await world.CaptureAsync(world.Store, VaultWorld.Content(1), Token);
        world.Time.Advance(TimeSpan.FromDays(31));
        await world.CaptureAsync(world.Store, VaultWorld.Content(2), Token);
        return world;
    }

    private static async Task<string> CodeAsync(Func<Task> work) =>
        (await Assert.ThrowsAsync<ResurgamException>(work)).Problem.Code;

    private static async Task FailsAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (ResurgamException)
        {
            // What is left is looked at.
        }
    }
}
