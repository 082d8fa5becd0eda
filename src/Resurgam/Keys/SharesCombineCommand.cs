using System.CommandLine;
using Resurgam.Adapters.Secrets;
using Resurgam.Cli;
using Resurgam.Core.Vaults.Keys;

namespace Resurgam.Keys;

internal static class SharesCombineCommand
{
    public static Command Create()
    {
        var files = SharesCommand.NewFilesArgument();
        Option<string?> to = new("--to")
        {
            Description = "A new file for the secret, mode 600; it is printed otherwise.",
            HelpName = "FILE",
        };
        Command command = new("combine", "The secret that the shares stand for; needs neither plan nor vault.")
        {
            files,
            to,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(Session.Of(line), line.GetRequiredValue(files), line.GetValue(to), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        IReadOnlyList<string> files,
        string? to,
        CancellationToken cancellationToken
    )
    {
        var shares = await SharesCommand.ReadAsync(session, files, cancellationToken);
        var secret = RecoveryShare.PassphraseOf(RecoveryShare.Combine(shares));
        var file = to is null ? null : session.AbsolutePath(to);
        if (file is not null)
            await SecretFile.WriteNewAsync(file, secret + "\n", cancellationToken);
        SharesCombineDocument document = new(shares[0].VaultId, shares[0].SetName, file is null ? secret : null, file);
        session.Output.Write(
            document,
            KeyDocuments.Json.SharesCombineDocument,
            text =>
                text.WriteLine(
                    document.Secret
                        ?? $"{document.File} holds the secret of vault {document.Vault}: name it in 'vault.secret' of the plan, {{ file: {document.File} }}"
                )
        );
        return ExitCode.Success;
    }
}
