using Resurgam.Adapters.Stores;
using Resurgam.Ledgers;
using Resurgam.Tests.Cli;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Ledgers;

/// <summary>Where a command with <c>--from</c> tells of what it does.</summary>
public sealed class LedgerHomeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_primary_that_goes_a_second_time_is_told_a_second_time()
    {
        using CliWorld cli = new() { Entropy = new SeededEntropy(1) };
        var world = await CreateAsync(cli);

        var exit = await cli.RunAsync(
            async (session, token) =>
            {
                var plan = await session.LoadPlanAsync(token);
                using var vault = await world.Vault.OpenAsync(PlaceOf(cli, "far"), token);
                for (var outage = 0; outage < 2; outage++)
                {
                    Directory.Move(Path.Combine(cli.Folder, "vault"), Path.Combine(cli.Folder, "away"));
                    await LedgerHome.ChooseAsync(session, plan, vault, token);
                    Directory.Move(Path.Combine(cli.Folder, "away"), Path.Combine(cli.Folder, "vault"));
                    cli.Time.Advance(TimeSpan.FromMinutes(2));
                    await LedgerHome.ChooseAsync(session, plan, vault, token);
                    Assert.True(vault.HasLedgerElsewhere);
                }
                return 0;
            },
            "--from",
            "far",
            "work"
        );

        Assert.Equal(0, exit);
        Assert.Equal(2, cli.Stderr.ToString().Split("the ledger of far tells of this").Length - 1);
    }

    [Fact]
    public async Task What_somebody_without_the_key_put_into_a_replica_does_not_come_to_the_primary()
    {
        using CliWorld cli = new() { Entropy = new SeededEntropy(1) };
        var world = await CreateAsync(cli);
        await PlaceOf(cli, "far").PutAsync("ledger/asset.db/000000000004", new byte[] { 1, 2, 3 }, Token);

        await cli.RunAsync(
            async (session, token) =>
            {
                var plan = await session.LoadPlanAsync(token);
                using var vault = await world.Vault.OpenAsync(PlaceOf(cli, "far"), token);
                await LedgerHome.ChooseAsync(session, plan, vault, token);
                Assert.True(vault.HasLedgerElsewhere);
                return 0;
            },
            "--from",
            "far",
            "work"
        );

        Assert.Contains(
            "the ledger of far does not go to the primary's from ledger/asset.db/000000000004 on",
            cli.Stderr.ToString(),
            StringComparison.Ordinal
        );
        await world.TellAsync(PlaceOf(cli, "vault"), "db", 1, Token);
    }

    private static FolderStore PlaceOf(CliWorld cli, string name) => new(Path.Combine(cli.Folder, name), cli.Entropy);

    /// <summary>A vault and its replica in two folders.</summary>
    private static async Task<ReplicaWorld> CreateAsync(CliWorld cli)
    {
        var world = await ReplicaWorld.CreateAsync(Token);
        foreach (var place in (string[])["vault", "far"])
        foreach (var (key, bytes) in world.Primary.Objects)
            await PlaceOf(cli, place).PutAsync(key, bytes, Token);
        cli.WritePlan(
            """
            resurgam: 1
            vault: { store: file:./vault, secret: { env: S }, replicas: [{ name: far, store: file:./far }] }
            """
        );
        cli.Variables["RESURGAM_STATE"] = Path.Combine(cli.Folder, "state");
        return world;
    }
}
