using Resurgam.Core.Ledgers;
using Resurgam.Core.Predictions;
using Resurgam.Core.Readiness;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Readiness;

public sealed class ReadinessStateTests
{
    private static readonly SubjectFinding Gone = new("docs", ReadinessFindings.NoFolder("/srv/docs"));
    private static readonly SubjectFinding Silent = new("target web", ReadinessFindings.TargetSilent("nobody answers"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_what_comes_and_goes_is_written_and_the_last_entry_is_what_is_open()
    {
        LedgerWorld world = new();
        var writer = world.NewWriter(world.NewMachine("one"));
        Assert.Null((await ReadAsync(world)).ChangeTo([]));

        await WriteAsync(world, writer, [Gone, Silent]);
        var both = await ReadAsync(world);
        Assert.Equal([Gone, Silent], both.Open);

        AssetFinding inOtherWords = Silent.Finding with { What = "nobody answers, still" };
        Assert.Null(both.ChangeTo([Gone, Silent with { Finding = inOtherWords }]));

        await WriteAsync(world, writer, [Silent]);
        var one = await ReadAsync(world);
        Assert.Equal([Silent], one.Open);
        Assert.Equal(2, one.Head.Seq);
        Assert.True((await world.VerifyAsync(Token, allSignatures: true)).Passed);
    }

    private static Task<ReadinessState> ReadAsync(LedgerWorld world) => ReadinessState.ReadAsync(world.Ledger, Token);

    private static async Task WriteAsync(LedgerWorld world, LedgerWriter writer, IReadOnlyList<SubjectFinding> now) =>
        await writer.AppendAsync(
            StreamName.Readiness,
            Assert.IsType<LedgerFact>((await ReadAsync(world)).ChangeTo(now)),
            Token
        );
}
