namespace Resurgam.RealTests;

public sealed class SmokeTests
{
    [Fact]
    public void The_runner_runs() => Assert.NotNull(typeof(Program).Assembly.Location);
}
