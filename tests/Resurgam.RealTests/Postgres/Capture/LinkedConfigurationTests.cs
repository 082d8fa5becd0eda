using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres.Capture;

/// <summary>Configuration files that are links in the data directory, as configuration management makes them.</summary>
public sealed class LinkedConfigurationTests
{
    private const int SourceFlawed = 23;
    private const string Line = "# kept with care\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task What_links_lead_to_comes_back_and_one_that_leads_nowhere_is_a_finding()
    {
        await using var world = await ClusterWorld.CreateAsync(null, TestContext.Current.CancellationToken);
        var elsewhere = await world.Server.MakeFolderAsync("elsewhere", Token);
        foreach (var name in (string[])["postgresql.conf", "pg_hba.conf"])
            await LinkAsync(world, elsewhere, name);
        File.CreateSymbolicLink(Path.Combine(world.Server.DataDirectory, "server.crt"), "/nowhere");

        var backup = await world.TryRunAsync("backup", ClusterWorld.Asset);
        Assert.True(backup.ExitCode == 0, backup.ToString());
        Assert.Contains("the link server.crt", backup.ToString(), StringComparison.Ordinal);
        Assert.Equal("1", (await world.AskRestoredAsync("select 1"))[0][0]);
        var target = Path.Combine(world.Folder, "restored1");
        foreach (var name in (string[])["postgresql.conf", "pg_hba.conf"])
            Assert.StartsWith(
                Line,
                await File.ReadAllTextAsync(Path.Combine(target, name), Token),
                StringComparison.Ordinal
            );

        File.Delete(Path.Combine(elsewhere, "pg_hba.conf"));
        backup = await world.TryRunAsync("backup", ClusterWorld.Asset);
        Assert.Equal(SourceFlawed, backup.ExitCode);
        Assert.Contains("pg_hba.conf is a link", backup.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task Over_the_network_a_link_is_a_finding()
    {
        await using var world = await ClusterWorld.CreateStreamedAsync(
            ClusterWorld.Major,
            null,
            TestContext.Current.CancellationToken
        );
        await LinkAsync(world, await world.Server.MakeFolderAsync("elsewhere", Token), "pg_hba.conf");
        var backup = await world.TryRunAsync("backup", ClusterWorld.Asset);
        Assert.Equal(SourceFlawed, backup.ExitCode);
        Assert.Contains("pg_hba.conf is no file but a link", backup.ToString(), StringComparison.Ordinal);
    }

    private static async Task LinkAsync(ClusterWorld world, string folder, string name)
    {
        var path = Path.Combine(world.Server.DataDirectory, name);
        var moved = Path.Combine(folder, name);
        await File.WriteAllTextAsync(moved, Line + await File.ReadAllTextAsync(path, Token), Token);
        File.Delete(path);
        File.CreateSymbolicLink(path, moved);
    }
}
