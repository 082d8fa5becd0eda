using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults.Expiry;
using Resurgam.Vaults;

namespace Resurgam.Retention;

internal static class HoldReleaseCommand
{
    public static Command Create()
    {
        Argument<string> hold = new("hold") { Description = "First digits of its id ('vault hold list')." };
        var reason = HoldCommand.NewReasonOption();
        Command command = new("release", "End a legal hold; what it covered expires by the plan again.")
        {
            hold,
            reason,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(hold),
                    line.GetRequiredValue(reason),
                    cancellationToken
                )
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        string wanted,
        string reason,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var ledger = await ExpiryLedger.ReadAsync(vault.OpenLedger(), cancellationToken);
        var matching = ledger
            .Holds.Where(hold => hold.Id.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))
            .ToList();
        var found = matching is [var one] ? one : throw ExpiryProblems.NoHold(wanted);
        HoldDocument released = new(found.Id, found.Asset, found.Generation, reason);
        return await HoldCommand.RecordAsync(
            session,
            plan,
            vault,
            EntryKind.HoldReleased,
            released,
            $"legal hold {released.Id} on {released.Scope} is released",
            cancellationToken
        );
    }
}
