using Resurgam.Cli;
using Resurgam.Core.Orders;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Serve;
using Resurgam.Tests.Cli;
using Resurgam.Tests.Plans;
using Resurgam.Tests.Runs;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Serve;

public sealed class OrderWorkTests
{
    [Theory]
    [InlineData(9, "runbook-absent")] // it goes on to look for what the plan of this test does not have
    [InlineData(11, "order-late")]
    public async Task A_run_does_not_begin_long_after_it_was_asked_for(int minutes, string code)
    {
        using CliWorld world = new();
        world.Variables["RESURGAM_STATE"] = world.Folder;
        VaultWorld vaults = new();
        var problem = "";
        await world.RunAsync(
            async (session, cancellationToken) =>
            {
                using var vault = await vaults.CreateAsync(vaults.Store, cancellationToken);
                var plan = PlanReaderTests.ReadGood(
                    RunWorld.Head + "    steps: { a: { action: wait, with: { for: 1s } } }\n"
                );
                Order order = new()
                {
                    Id = Order.IdOf("anna", "k"),
                    Kind = OrderKind.Run,
                    Of = "absent",
                    Person = "anna",
                    Reason = "a test",
                    Owner = "host-1",
                    Run = new RunId("absent-1"),
                };
                var askedAt = session.Time.GetUtcNow() - TimeSpan.FromMinutes(minutes);
                OrderWork work = new(session, plan, order, askedAt, _ => { });
                var thrown = await Assert.ThrowsAsync<ResurgamException>(() =>
                    work.BeginAsync(vault, cancellationToken)
                );
                problem = thrown.Problem.Code;
                return ExitCode.Success;
            },
            "work"
        );
        Assert.Equal(code, problem);
    }
}
