using System.CommandLine;
using System.Text.Json;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults.Expiry;
using Resurgam.Ledgers;
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
        var entry = await LedgerAccess
            .OpenWriter(session, plan, vault)
            .AppendAsync(
                StreamName.Vault,
                LedgerFact.Of(
                    EntryKind.HoldReleased,
                    JsonSerializer.SerializeToUtf8Bytes(released, RetentionDocuments.Json.HoldDocument)
                ),
                cancellationToken
            );
        session.Output.Write(
            released with
            {
                Ledger = EntryView.Of(entry),
            },
            RetentionDocuments.Json.HoldDocument,
            text => text.WriteLine($"legal hold {released.Id} on {released.Scope} is released")
        );
        return ExitCode.Success;
    }
}
