using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Replicas;

/// <summary>A key that is withdrawn in one place of a vault is withdrawn in all.</summary>
public sealed class WithdrawnKeyTests
{
    private const string Old = VaultWorld.Password;
    private const string New = "battery staple";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_with_the_secret_takes_the_key_from_the_replica()
    {
        var (world, replica, id) = await RotatedAsync();
        Assert.True(await SecretProbe.OpensAllAsync(replica, Old));
        Assert.Equal([id], (await ReplicaComparison.RunAsync(world.Primary, replica, Token)).WithdrawnInTarget);

        var result = await CopyAsync(world, world.Primary, replica);

        Assert.Equal([id], result.WithdrawnKeys);
        Assert.Empty(result.Findings);
        Assert.False(await SecretProbe.OpensSomethingAsync(replica, Old));
        Assert.True(await SecretProbe.OpensAllAsync(replica, New));
        Assert.Equal(world.Primary.Objects, replica.Objects);
        var again = await CopyAsync(world, world.Primary, replica);
        Assert.Equal((0, 0), (again.Objects, again.WithdrawnKeys.Count));
    }

    [Fact]
    public async Task A_copy_without_the_secret_takes_nothing_and_says_what_still_opens()
    {
        var (world, replica, id) = await RotatedAsync();

        var result = await ReplicaWorld.CopyAsync(world.Primary, replica, Token);

        var finding = Assert.Single(result.Findings);
        Assert.Equal((ReplicaFault.WithdrawnKey, $"keys/{id}"), (finding.Fault, finding.Key));
        Assert.False(result.Passed);
        Assert.True(await SecretProbe.OpensAllAsync(replica, Old));
        Assert.True(await SecretProbe.OpensAllAsync(replica, New));
        Assert.True(
            (await ReplicaComparison.RunAsync(world.Primary, replica, Token)).LagAt(world.Vault.Time.GetUtcNow()).IsNone
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replica_that_has_not_heard_of_it_brings_no_key_back(bool hasSecret)
    {
        var (world, replica, id) = await RotatedAsync();

        var result = hasSecret
            ? await CopyAsync(world, replica, world.Primary)
            : await ReplicaWorld.CopyAsync(replica, world.Primary, Token);

        Assert.False(await SecretProbe.OpensSomethingAsync(world.Primary, Old));
        Assert.Equal(ReplicaFault.WithdrawnKey, Assert.Single(result.Findings).Fault);
        Assert.Equal($"keys/{id}", result.Findings[0].Key);
    }

    [Fact]
    public async Task A_forged_mark_takes_no_key_away()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        var id = world.Primary.Objects.Keys.Single(key => key.StartsWith("keys/", StringComparison.Ordinal))[
            "keys/".Length..
        ];
        world.Primary.Overwrite($"key-withdrawals/{id}", new byte[100]);

        var result = await CopyAsync(world, world.Primary, replica, Old);

        Assert.Contains(
            result.Findings,
            finding => finding.How.Contains("not of this vault", StringComparison.Ordinal)
        );
        Assert.True(await SecretProbe.OpensAllAsync(replica, Old));
        Assert.Contains(
            (await world.Vault.CheckAsync(world.Primary, Token)).Damage,
            damage => damage.Subject == $"key-withdrawals/{id}"
        );
    }

    [Fact]
    public async Task A_forged_mark_keeps_no_key_out_of_a_copy_with_the_secret()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        using var vault = await world.Vault.OpenAsync(world.Primary, Token);
        var id = await new VaultKeys(vault).AddAsync(New, "", Token);
        world.Primary.Overwrite($"key-withdrawals/{id}", new byte[100]);
        MemoryStore keyless = new();
        MemoryStore replica = new();

        await ReplicaWorld.CopyAsync(world.Primary, keyless, Token);
        await CopyAsync(world, world.Primary, replica);

        Assert.False(await SecretProbe.OpensSomethingAsync(keyless, New)); // by the mark's name: nobody could tell
        Assert.True(await SecretProbe.OpensAllAsync(keyless, Old));
        Assert.True(await SecretProbe.OpensAllAsync(replica, New));
        await CopyAsync(world, world.Primary, keyless);
        Assert.Equal(world.Primary.Objects, keyless.Objects);
    }

    [Fact]
    public async Task No_replica_is_left_without_any_key_for_marks_that_nobody_can_tell_from_true_ones()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        foreach (var key in world.Primary.Objects.Keys.Where(key => key.StartsWith("keys/", StringComparison.Ordinal)))
            world.Primary.Overwrite($"key-withdrawals/{key["keys/".Length..]}", new byte[100]);
        MemoryStore replica = new();

        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);

        Assert.True(await SecretProbe.OpensAllAsync(replica, Old));
    }

    [Fact]
    public async Task Key_files_of_generations_that_no_record_knows_go_from_replicas_too()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        foreach (
            var key in world.Primary.Objects.Keys.Where(key => key.StartsWith("key-records/", StringComparison.Ordinal))
        )
            world.Primary.Remove(key);
        world.Vault.Time.Advance(TimeSpan.FromDays(31)); // the next generation's key file has a salt of its own
        await world.Vault.CaptureAsync(world.Primary, VaultWorld.Content(3), Token);
        MemoryStore replica = new();
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        using (var vault = await world.Vault.OpenAsync(world.Primary, Token))
            await new VaultKeys(vault).RotateAsync(New, "", Token);

        await ReplicaWorld.CopyAsync(replica, world.Primary, Token);
        Assert.False(await SecretProbe.OpensSomethingAsync(world.Primary, Old));
        await CopyAsync(world, world.Primary, replica);

        Assert.False(await SecretProbe.OpensSomethingAsync(replica, Old));
        Assert.True(await SecretProbe.OpensAllAsync(replica, New));
        Assert.Equal(world.Primary.Objects, replica.Objects);
    }

    [Fact]
    public async Task Credentials_that_may_not_look_at_versions_break_neither_copy_nor_status()
    {
        var (world, replica, _) = await RotatedAsync();
        KeepingStore blind = new(replica) { ShowsVersions = false };

        for (var copy = 0; copy < 2; copy++)
        {
            var result = await CopyAsync(world, world.Primary, blind);
            Assert.Equal(ReplicaFault.UnseenVersions, Assert.Single(result.Findings).Fault);
            Assert.True(result.Passed);
        }

        Assert.False(await SecretProbe.OpensSomethingAsync(replica, Old));
        Assert.True(Assert.Single(await VaultKeys.FindOpenAsync(blind, Token)).IsUnseen);
    }

    [Fact]
    public async Task A_store_under_lock_says_until_when_the_key_stays_and_lets_it_go_afterwards()
    {
        var (world, replica, id) = await RotatedAsync();
        KeepingStore locked = new(replica) { LockedUntil = new DateTimeOffset(2027, 2, 1, 0, 0, 0, TimeSpan.Zero) };

        var result = await CopyAsync(world, world.Primary, locked);

        Assert.All(result.Findings, finding => Assert.Equal(ReplicaFault.LockedKey, finding.Fault));
        Assert.Contains(
            result.Findings,
            finding => finding.How.Contains($"keys/{id} stays until 2027-02-01 00:00:00Z", StringComparison.Ordinal)
        );
        Assert.True(result.Passed);
        Assert.False(await SecretProbe.OpensSomethingAsync(replica, Old)); // hidden, and not seen again
        var comparison = await ReplicaComparison.RunAsync(world.Primary, locked, Token);
        var open = Assert.Single(await comparison.FindWithdrawnAsync(locked, Token));
        Assert.Equal((id, locked.LockedUntil), (open.Id, open.Until));

        locked.LockedUntil = null;
        Assert.Empty((await CopyAsync(world, world.Primary, locked)).Findings);

        Assert.Empty(locked.Kept);
        Assert.Empty(await comparison.FindWithdrawnAsync(locked, Token));
        Assert.True(await SecretProbe.OpensAllAsync(replica, New));
    }

    [Theory]
    [InlineData(StoreFault.Lost)]
    [InlineData(StoreFault.Unheard)]
    public async Task A_copy_broken_at_any_call_leaves_a_replica_that_opens_and_the_next_ends_it(StoreFault fault)
    {
        var (world, stale, _) = await RotatedAsync();
        for (var breakAt = 1; ; breakAt++)
        {
            var replica = ReplicaWorld.CopyOf(stale);
            var broken = FaultyStore.FailingFrom(replica, breakAt, fault);
            try
            {
                await CopyAsync(world, world.Primary, broken);
            }
            catch (ResurgamException e) when (e.Problem.Code == "store-unreachable")
            {
                // As told.
            }
            var where = $"call {breakAt}";
            Assert.True(
                await SecretProbe.OpensAllAsync(replica, New) || await SecretProbe.OpensAllAsync(replica, Old),
                where
            );

            Assert.Empty((await CopyAsync(world, world.Primary, replica)).Findings);

            Assert.Equal(world.Primary.Objects, replica.Objects);
            if (breakAt > broken.CallCount)
                break;
        }
    }

    /// <summary>A vault whose secret was rotated after it was copied.</summary>
    private static async Task<(ReplicaWorld World, MemoryStore Replica, string Withdrawn)> RotatedAsync()
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        MemoryStore replica = new();
        await ReplicaWorld.CopyAsync(world.Primary, replica, Token);
        using var vault = await world.Vault.OpenAsync(world.Primary, Token);
        var (_, withdrawn, remains) = await new VaultKeys(vault).RotateAsync(New, "", Token);
        Assert.Empty(remains);
        return (world, replica, Assert.Single(withdrawn));
    }

    private static Task<ReplicaCopyResult> CopyAsync(ReplicaWorld world, IStore from, IStore to, string secret = New) =>
        ReplicaWorld.CopyAsync(
            from,
            to,
            Token,
            new()
            {
                Workers = 1,
                FindWithdrawn = async token =>
                {
                    var opens =
                        from is MemoryStore store && await SecretProbe.OpensVaultAsync(store, secret) ? from : to;
                    using var vault = await Vault.OpenAsync(opens, secret, world.Vault.Host, token);
                    return await new VaultKeys(vault).ReadWithdrawnAsync([from, to], token);
                },
                FinishWithdrawals = async token =>
                {
                    using var vault = await Vault.OpenAsync(to, secret, world.Vault.Host, token);
                    try
                    {
                        return await new VaultKeys(vault).FinishWithdrawalsAsync(token);
                    }
                    catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
                    {
                        return null;
                    }
                },
            }
        );
}
