using System.CommandLine;
using System.Security.Cryptography;
using Resurgam.Adapters.Secrets;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Keys;

internal static class SharesCreateCommand
{
    public static Command Create()
    {
        Option<int> threshold = new("--threshold")
        {
            Description = "So many shares are needed.",
            HelpName = "K",
            Required = true,
        };
        Option<int> count = new("--shares")
        {
            Description = "So many are made.",
            HelpName = "N",
            Required = true,
        };
        Option<string?> to = new("--to")
        {
            Description =
                "A folder for a file of each, mode 600, made when it is not there; they are printed, once, otherwise.",
            HelpName = "FOLDER",
        };
        Command command = new("create", "Make a new set of shares, and let it open the vault.")
        {
            threshold,
            count,
            to,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(threshold),
                    line.GetRequiredValue(count),
                    line.GetValue(to),
                    cancellationToken
                )
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        int threshold,
        int count,
        string? folder,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var secret = new byte[RecoveryShare.SecretBytes];
        session.Entropy.Fill(secret);
        var vaultId = (vault.Descriptor ?? throw VaultProblems.ReadOnlyRepository(vault.Store.Name)).Id;
        var shares = RecoveryShare.Split(secret, vaultId, threshold, count, session.Entropy);
        // Files first: a set whose files cannot be written opens nothing.
        var files = folder is null ? null : await WriteAsync(session, folder, shares, cancellationToken);
        var (made, entry) = await new LedgerRecorder(session, plan, vault).RunAsync(
            StreamName.Vault,
            EntryKind.SharesCreated,
            KeyDocuments.Json.SharesCreateRecord,
            async () =>
                new SharesCreateRecord(
                    vaultId,
                    await new VaultKeys(vault).AddAsync(
                        RecoveryShare.PassphraseOf(secret),
                        $"recovery shares {shares[0].SetName}, {threshold} of {count}",
                        cancellationToken
                    ),
                    shares[0].SetName,
                    threshold,
                    count
                )
        );
        CryptographicOperations.ZeroMemory(secret);
        SharesCreateDocument document = new(made, files is null ? [.. shares.Select(s => s.ToPaper())] : null, files)
        {
            Ledger = entry,
        };
        session.Output.Write(
            document,
            KeyDocuments.Json.SharesCreateDocument,
            text => WriteText(text, document, shares)
        );
        return ExitCode.Success;
    }

    private static async Task<IReadOnlyList<string>> WriteAsync(
        Session session,
        string folder,
        IReadOnlyList<RecoveryShare> shares,
        CancellationToken cancellationToken
    )
    {
        List<string> files = [];
        var place = SecretFile.MakeFolder(session.AbsolutePath(folder));
        foreach (var share in shares)
        {
            var file = Path.Combine(place, $"share-{share.SetName}-{share.Index}.txt");
            await SecretFile.WriteNewAsync(file, PaperOf(share), cancellationToken);
            files.Add(file);
        }
        return files;
    }

    private static void WriteText(TextWriter text, SharesCreateDocument document, IReadOnlyList<RecoveryShare> shares)
    {
        if (document.Files is null)
            foreach (var share in shares)
                text.WriteLine(PaperOf(share));
        foreach (var file in document.Files ?? [])
            text.WriteLine(file);
        text.WriteLine(
            $"set {document.Made.Set}: any {document.Made.Threshold} of {document.Made.Count} open the vault"
        );
        text.WriteLine(
            "They are shown only now. Give each to another person, then prove them: 'resurgam vault shares test FILES'."
        );
    }

    private static string PaperOf(RecoveryShare share) =>
        $"""
            Recovery share {share.Index} of {share.Count} for vault {share.VaultId}, set {share.SetName}.
            Any {share.Threshold} of them open the vault: 'resurgam vault shares combine FILES' gives its secret.

            {share.ToPaper()}

            """;
}
