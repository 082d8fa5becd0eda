using Resurgam.Core.Plans;

namespace Resurgam.Tests.Plans;

public sealed class RecoverySetKeysTests
{
    [Fact]
    public void A_set_is_read_in_its_order_and_each_asset_once()
    {
        var plan = Assert
            .IsType<PlanReading.Good>(
                Read("platform: { assets: [b, a, b], barrier: { hold: [stop, now], release: [go], limit: 30s } }")
            )
            .Plan;
        var set = Assert.Single(plan.RecoverySets);
        Assert.Equal(["b", "a"], set.Assets);
        Assert.Equal(["stop", "now"], set.Barrier?.Hold ?? []);
        Assert.Equal(TimeSpan.FromSeconds(30), set.Barrier?.Limit);
        Assert.Same(set, plan.FindRecoverySet("platform"));
    }

    [Fact]
    public void An_asset_wins_over_a_set_of_its_name() =>
        Assert.Null(Assert.IsType<PlanReading.Good>(Read("a: { assets: [b] }")).Plan.FindRecoverySet("a"));

    [Theory]
    [InlineData("platform: {}", "plan-missing-key")]
    [InlineData("platform: { assets: [] }", "plan-type")]
    [InlineData("platform: { assets: [a], barrier: { hold: [x] } }", "plan-missing-key")]
    [InlineData("Platform: { assets: [a] }", "plan-asset-id")]
    public void What_cannot_be_meant_is_refused(string sets, string code) =>
        Assert.Equal(code, Assert.Single(Assert.IsType<PlanReading.Bad>(Read(sets)).Problems).Placed.Code);

    private static PlanReading Read(string sets) =>
        PlanReader.Read(
            $"resurgam: 1\nvault: {{ store: file:///v, secret: {{ env: S }} }}\nassets: {{ a: {{ kind: files, path: /a }}, b: {{ kind: files, path: /b }} }}\nrecovery-sets: {{ {sets} }}\n",
            "/p.yaml"
        );
}
