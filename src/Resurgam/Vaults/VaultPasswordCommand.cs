using System.CommandLine;
using Resurgam.Cli;

namespace Resurgam.Vaults;

internal static class VaultPasswordCommand
{
    public static Command Create()
    {
        Command command = new("password", "What stock restic needs to open the vault: repositories and password.");
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(Session session, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var password = (await session.ReadSecretAsync(plan, cancellationToken)).ToText();
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken); // proves that it is the one
        var root = VaultAccess.ResticAddressOf(PlaceAccess.Chosen(session, plan).Place);
        VaultPasswordDocument document = new(
            [
                .. (await vault.ListGenerationsAsync(cancellationToken)).Select(name =>
                    name.Length == 0 ? root : $"{root}/generations/{name}"
                ),
            ],
            password
        );
        session.Output.Write(
            document,
            VaultDocuments.Json.VaultPasswordDocument,
            text =>
            {
                foreach (var repository in document.Repositories)
                    text.WriteLine($"# restic -r {repository} snapshots");
                text.WriteLine(document.Password);
            }
        );
        if (password.AsSpan().ContainsAny('\n', '\r'))
            session.Output.Warn(
                "the password has several lines: all that follows the lines with '#'; 'vault password --output json' gives it whole"
            );
        return ExitCode.Success;
    }
}
