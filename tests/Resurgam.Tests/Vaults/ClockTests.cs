using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults;

/// <summary>Clocks are set back: by people, by time servers, by a battery that is empty.</summary>
public sealed class ClockTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2026-11-23T12:00:00Z", "2026-11-23T11:00:00Z")]
    [InlineData("2026-12-01T00:30:00Z", "2026-11-30T23:30:00Z")]
    [InlineData("2027-01-01T00:30:00Z", "2026-12-31T23:30:00Z")]
    public async Task The_snapshot_that_was_taken_last_is_the_latest_though_the_clock_went_back(
        string first,
        string then
    )
    {
        VaultWorld world = new();
        (await world.CreateAsync(world.Store, Token)).Dispose();
        world.Time.AdjustTime(DateTimeOffset.Parse(first, null));
        var older = await world.CaptureAsync(world.Store, VaultWorld.Content(1), Token);
        world.Time.AdjustTime(DateTimeOffset.Parse(then, null));

        var last = await world.CaptureAsync(world.Store, VaultWorld.Content(2), Token);
        var again = await world.CaptureAsync(world.Store, VaultWorld.Content(3), Token);

        using var vault = await world.OpenAsync(world.Store, Token);
        var ids = (await vault.ListSnapshotsAsync(VaultWorld.Asset, Token)).Select(snapshot => snapshot.Id);
        Assert.Equal([older.Id, last.Id, again.Id], ids);
        var latest = await vault.GetSnapshotAsync("latest", VaultWorld.Asset, Token);
        Assert.Equal(VaultWorld.Content(3), await world.RestoreAsync(latest, Token));
        Assert.Empty((await world.CheckAsync(world.Store, Token)).Damage);
    }
}
