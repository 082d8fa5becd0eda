using Resurgam.Core.Postgres;
using Resurgam.Restores;
using Resurgam.Tests.Cli;

namespace Resurgam.Tests.Restores;

public sealed class RestoreRequestTests
{
    [Theory]
    [InlineData("2026-11-27", "--at 2026-11-27 is taken as 2026-11-27T00:00:00Z: UTC, at the beginning of the day")]
    [InlineData("2026-11-27 14:05", "--at 2026-11-27 14:05 is taken as 2026-11-27T14:05:00Z: UTC")]
    [InlineData("2026-11-27T14:05:00.5", "--at 2026-11-27T14:05:00.5 is taken as 2026-11-27T14:05:00.5Z: UTC")]
    [InlineData("2026-11-27T14:05:00Z", null)]
    [InlineData("2026-11-27T14:05:00+02:00", null)]
    [InlineData("2026-11-27 14:05-05", null)]
    [InlineData("latest", null)]
    [InlineData("name:one", null)]
    [InlineData("0/3000060", null)]
    public void A_moment_that_leaves_something_open_is_told_as_it_was_understood(string at, string? told) =>
        Assert.Equal(
            told,
            new RestoreRequest
            {
                Wanted = "db",
                Target = "/to",
                RecoveryTarget = RecoveryTarget.TryParse(at) ?? new RecoveryTarget.Latest(),
                TargetText = at,
            }.FindMoment()
        );

    [Theory]
    [InlineData("'a' is no setting", "--set", "a", "--start")]
    [InlineData("'a' is no setting", "--set", "a")]
    [InlineData("--set is for the server that --start starts", "--set", "port=5433")]
    public async Task A_setting_that_would_be_ignored_is_refused(string what, params string[] more)
    {
        using CliWorld world = new();
        Assert.Equal(2, await world.RunAsync(RestoreCommand.Create(), ["restore", "db", "--to", "/to", .. more]));
        Assert.Contains(what, world.Stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_as_plan_is_called_a_folder()
    {
        using CliWorld world = new();
        Assert.Equal(
            3,
            await world.RunAsync(RestoreCommand.Create(), "restore", "db", "--to", "/to", "--plan", "/tmp")
        );
        Assert.Contains("/tmp is a folder, and no plan file", world.Stderr.ToString(), StringComparison.Ordinal);
    }
}
