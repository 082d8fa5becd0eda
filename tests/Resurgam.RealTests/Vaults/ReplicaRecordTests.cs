using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Vaults;

/// <summary>What the ledger tells of copies and heals that a person ran.</summary>
public sealed class ReplicaRecordTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_that_changed_something_is_told_and_leaves_no_place_behind()
    {
        using var world = await CreateAsync("far", "site");

        using var copied = JsonDocument.Parse(await world.RunAsync("vault", "copy", "--output", "json"));
        await world.RunAsync("vault", "copy"); // changes nothing, and tells nothing

        Assert.All(await LagsAsync(world), lag => Assert.Equal(0, lag));
        foreach (var place in (string[])["far", "site"])
        {
            var entry = Assert.Single(await EntriesAsync(world, $"place.{place}"));
            Assert.Equal("copy", entry.GetProperty("kind").GetString());
            Assert.Equal(place, entry.GetProperty("body").GetProperty("name").GetString());
            Assert.True(entry.GetProperty("body").GetProperty("objects").GetInt64() > 5);
        }
        var told = copied.RootElement.GetProperty("replicas")[1].GetProperty("ledger");
        Assert.Equal("place.site", told.GetProperty("stream").GetString());
        Assert.Contains("whole", await world.RunAsync("ledger", "verify", "--copy", "far"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replicas_that_are_copied_to_one_by_one_come_to_rest()
    {
        using var world = await CreateAsync("far", "site");

        for (var round = 0; round < 3; round++)
            foreach (var place in (string[])["far", "site"])
                await world.RunAsync("vault", "copy", place);

        Assert.All(await LagsAsync(world), lag => Assert.Equal(0, lag));
        foreach (var place in (string[])["far", "site"])
            Assert.Single(await EntriesAsync(world, $"place.{place}"));
    }

    [Fact]
    public async Task Each_place_tells_of_copies_in_a_stream_of_its_own()
    {
        using var world = await CreateAsync("far", "site");
        await world.RunAsync("vault", "copy", "far");

        await world.RunAsync("--from", "far", "vault", "copy", "site");

        Assert.Single(await EntriesAsync(world, "place.site-from-far"));
        Assert.All(await LagsAsync(world), lag => Assert.Equal(0, lag));
    }

    [Fact]
    public async Task A_copy_needs_no_secret_and_says_that_the_ledger_does_not_tell_of_it()
    {
        using var world = await CreateAsync("far");

        var exit = await world.TryRunWithoutSecretAsync("vault", "copy", "--verify");

        Assert.True(exit.ExitCode == 0, exit.ToString());
        Assert.Contains("the ledger does not tell of this", exit.Error, StringComparison.Ordinal);
        Assert.All(await LagsAsync(world), lag => Assert.Equal(0, lag));
        await AssertUntoldAsync(world);
    }

    [Fact]
    public async Task A_copy_from_a_store_that_cannot_be_written_succeeds_and_is_told_later()
    {
        using var world = await CreateAsync("far");
        await using (await Mount.ReadOnlyAsync(world.Vault, world.Vault, Token))
        {
            var exit = await world.TryRunAsync("vault", "copy");
            Assert.True(exit.ExitCode == 0, exit.ToString());
            Assert.Contains("the next command writes it", exit.Error, StringComparison.Ordinal);
        }
        await AssertUntoldAsync(world);

        await world.BackUpAsync();

        Assert.Single(await EntriesAsync(world, "place.far"));
    }

    [Fact]
    public async Task Copies_that_follow_each_other_are_told_summed_up()
    {
        using var world = await CreateAsync("far");
        await using var process = world.Start("vault", "copy", "--follow", "--every", "1s");
        await process.WaitForLineAsync("far: got", Token);
        for (var copy = 0; copy < 2; copy++)
        {
            await File.WriteAllTextAsync(Path.Combine(world.Source, $"{copy}"), $"{copy}", Token);
            await world.BackUpAsync();
            await process.WaitForLineAsync("far: got", Token);
        }
        // A copy may have begun in the middle of the last backup: the next one gets the rest.
        await Eventually.HoldsAsync(() => "far lags", async () => (await LagsAsync(world)).All(lag => lag == 0), Token);

        process.Signal(15);
        await process.WaitForExitAsync(Token);

        var entries = await EntriesAsync(world, "place.far");
        Assert.Equal(2, entries.Count); // the first copy, and all after it
        Assert.True(entries.Max(entry => entry.GetProperty("body").GetProperty("objects").GetInt64()) > 5);
        Assert.All(await LagsAsync(world), lag => Assert.Equal(0, lag));
    }

    [Theory]
    [InlineData("primary")]
    [InlineData("far")]
    public async Task A_heal_is_told_and_leaves_no_place_behind(string place)
    {
        using var world = await CreateAsync("far");
        await world.RunAsync("vault", "copy");
        var root = place == "far" ? world.Combine("far") : world.Vault;
        var pack = Directory
            .GetFiles(Path.Combine(root, "generations"), "*", SearchOption.AllDirectories)
            .First(file => file.Contains("/data/", StringComparison.Ordinal));
        File.Delete(pack);

        await world.RunAsync("vault", "heal", place);
        await world.RunAsync("vault", "heal", place); // nothing is left to heal, or to tell

        Assert.All(await LagsAsync(world), lag => Assert.Equal(0, lag));
        var heal = Assert.Single(
            await EntriesAsync(world, $"place.{place}"),
            entry => entry.GetProperty("kind").GetString() == "heal"
        );
        Assert.Equal(1, heal.GetProperty("body").GetProperty("missingObjects").GetInt64());
        Assert.Contains("whole", await world.RunAsync("ledger", "verify", "--copy", "far"), StringComparison.Ordinal);
    }

    /// <summary>A vault with a snapshot, and a plan that names empty replicas.</summary>
    private static async Task<FilesWorld> CreateAsync(params string[] replicas)
    {
        var world = await FilesWorld.CreateAsync(Token);
        await world.SetReplicasAsync([
            .. replicas.Select(name => $"{{ name: {name}, store: 'file://{world.Combine(name)}' }}"),
        ]);
        await File.WriteAllTextAsync(Path.Combine(world.Source, "a"), "b", Token);
        await world.BackUpAsync();
        return world;
    }

    private static async Task<IReadOnlyList<long>> LagsAsync(FilesWorld world)
    {
        using var info = JsonDocument.Parse(await world.RunAsync("vault", "info", "--output", "json"));
        return
        [
            .. info
                .RootElement.GetProperty("replicas")
                .EnumerateArray()
                .Select(replica => replica.GetProperty("lagObjects").GetInt64()),
        ];
    }

    private static async Task AssertUntoldAsync(FilesWorld world)
    {
        var shown = await world.TryRunAsync("ledger", "show", "--stream", "place.far");
        Assert.Contains("the ledger has no stream place.far", shown.Error, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<JsonElement>> EntriesAsync(FilesWorld world, string stream)
    {
        using var shown = JsonDocument.Parse(
            await world.RunAsync("ledger", "show", "--stream", stream, "--output", "json")
        );
        return [.. shown.RootElement.GetProperty("entries").EnumerateArray().Select(entry => entry.Clone())];
    }
}
