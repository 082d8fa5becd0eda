using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Vaults.Expiry;
using Resurgam.Vaults;

namespace Resurgam.Retention;

internal static class HoldListCommand
{
    public static Command Create()
    {
        Command command = new("list", "Every legal hold that is not released.");
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(Session session, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var ledger = await ExpiryLedger.ReadAsync(vault.OpenLedger(), cancellationToken);
        HoldListDocument document = new([
            .. ledger.Holds.Select(hold => new HoldView(
                hold.Id,
                hold.Asset,
                hold.Generation,
                hold.Reason,
                hold.AddedAt,
                hold.AddedBy
            )),
        ]);
        session.Output.Write(
            document,
            RetentionDocuments.Json.HoldListDocument,
            text =>
            {
                foreach (var hold in document.Holds)
                    text.WriteLine(
                        $"{hold.Id}  {CliJson.ToText(hold.AddedAt)}  {HoldDocument.ScopeOf(hold.Asset, hold.Generation)}, by {hold.AddedBy}: {hold.Reason}"
                    );
                if (document.Holds.Count == 0)
                    text.WriteLine("no legal hold");
            }
        );
        return ExitCode.Success;
    }
}
