using Resurgam.Core.Plans;

namespace Resurgam.Tests.Plans;

public sealed class LogicalPostgresKeysTests
{
    [Fact]
    public void A_logical_capture_is_read()
    {
        var asset = Assert.IsType<Asset.LogicalPostgres>(
            Read("capture: logical, databases: [shop], questions: [{ name: n, sql: select 1 }]") switch
            {
                PlanReading.Good(var plan) => Assert.Single(plan.Assets),
                var other => throw new InvalidOperationException($"{other}"),
            }
        );
        Assert.Equal("postgres", asset.Kind);
        Assert.Equal("postgres-logical", asset.SnapshotKind);
        Assert.Equal(["shop"], asset.Databases);
        Assert.Equal("n", Assert.Single(asset.Questions).Name);
    }

    [Fact]
    public void Without_a_word_a_capture_is_physical() =>
        Assert.Equal(
            Assert.IsType<PlanReading.Good>(Read("max-rate: 1 MiB/s")).Plan.Hash,
            Assert.IsType<PlanReading.Good>(Read("max-rate: 1 MiB/s, capture: physical")).Plan.Hash
        );

    [Theory]
    [InlineData("capture: logical, data-directory: /d", "plan-capture")]
    [InlineData("capture: logical, wal: { slot: s }", "plan-capture")]
    [InlineData("capture: logical, max-rate: 1 MiB/s", "plan-capture")]
    [InlineData("databases: [shop]", "plan-capture")]
    [InlineData("capture: both", "plan-choice")]
    public void What_cannot_be_meant_is_refused(string keys, string code) =>
        Assert.Equal(code, Assert.Single(Assert.IsType<PlanReading.Bad>(Read(keys)).Problems).Placed.Code);

    private static PlanReading Read(string keys) =>
        PlanReader.Read(
            $"resurgam: 1\nvault: {{ store: file:///v, secret: {{ env: S }} }}\nassets:\n  db: {{ kind: postgres, connection: host=h user=u, {keys} }}\n",
            "/p.yaml"
        );
}
