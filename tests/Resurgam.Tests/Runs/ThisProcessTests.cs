using System.Diagnostics;
using Resurgam.Adapters.Files;

namespace Resurgam.Tests.Runs;

/// <summary>Whether a leader of this machine is gone, also when its number is another's by now.</summary>
public sealed class ThisProcessTests
{
    private static readonly string[] Ours = ThisProcess.Mark?.Split('.') ?? [];

    [Fact]
    public void Who_lives_is_not_gone() => Assert.False(IsGone(Ours));

    [Fact]
    public void A_number_that_another_process_has_by_now_is_no_sign_of_life() =>
        Assert.True(IsGone([Ours[0], Ours[1], "1"]));

    [Fact]
    public void Nothing_outlives_a_boot() => Assert.True(IsGone(["other", Ours[1], Ours[2]]));

    [Fact]
    public void What_runs_in_another_container_is_not_known_to_be_gone() => Assert.False(IsGone([Ours[0], "1", "1"]));

    [Fact]
    public void What_no_program_of_ours_wrote_says_nothing() => Assert.False(ThisProcess.IsGone(1, "mark"));

    [Fact]
    public async Task Who_has_ended_is_gone()
    {
        using var process = Process.Start("true");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(ThisProcess.IsGone(process.Id, string.Join('.', Ours)));
    }

    private static bool IsGone(string[] mark) => ThisProcess.IsGone(Environment.ProcessId, string.Join('.', mark));
}
