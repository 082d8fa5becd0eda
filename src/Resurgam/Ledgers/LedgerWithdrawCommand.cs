using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Vaults;

namespace Resurgam.Ledgers;

internal static class LedgerWithdrawCommand
{
    public static Command Create()
    {
        Argument<string> key = new("key") { Description = "First digits of the key's id ('ledger keys' lists them)." };
        Option<string> reason = new("--reason")
        {
            Description = "Why, for the ledger.",
            HelpName = "TEXT",
            Required = true,
        };
        Command command = new("withdraw", "Let nothing count that a key signs from now on.") { key, reason };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(Session.Of(line), line.GetRequiredValue(key), line.GetRequiredValue(reason), cancellationToken)
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
        var entry = await LedgerAccess
            .OpenWriter(session, plan, vault)
            .WithdrawAsync(wanted, reason, cancellationToken);
        LedgerWithdrawDocument document = new(wanted, reason, EntryView.Of(entry));
        session.Output.Write(
            document,
            LedgerDocuments.Json.LedgerWithdrawDocument,
            text => text.WriteLine($"key {document.Key} is withdrawn by entry {entry.Seq} of stream vault")
        );
        return ExitCode.Success;
    }
}
