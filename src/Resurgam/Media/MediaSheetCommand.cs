using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Vaults.Media;
using Resurgam.Vaults;

namespace Resurgam.Media;

internal static class MediaSheetCommand
{
    public static Command Create()
    {
        Argument<string> set = new("set") { Description = "The set ('vault media list')." };
        Command command = new("sheet", "Print the sheet of paper for the box of a set.") { set };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetRequiredValue(set), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(Session session, string set, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var state = (await MediaLedger.ReadAsync(vault.OpenLedger(), cancellationToken)).Get(set);
        var sheet = MediaSheet.Of(state, vault.Descriptor?.Id ?? "");
        session.Output.Write(
            new MediaSheetDocument(set, sheet),
            MediaDocuments.Json.MediaSheetDocument,
            text => text.Write(sheet)
        );
        return ExitCode.Success;
    }
}
