using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Keys;

internal static class SharesTestCommand
{
    public static Command Create()
    {
        var files = SharesCommand.NewFilesArgument();
        Command command = new("test", "Prove that these shares alone open the vault; the plan's secret is not read.")
        {
            files,
        };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetRequiredValue(files), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        IReadOnlyList<string> files,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var shares = await SharesCommand.ReadAsync(session, files, cancellationToken);
        using var vault = await Vault.OpenAsync(
            await VaultAccess.OpenStoreAsync(session, plan, cancellationToken),
            RecoveryShare.PassphraseOf(RecoveryShare.Combine(shares)),
            VaultAccess.HostOf(session, plan),
            cancellationToken
        );
        await LedgerHome.ChooseAsync(session, plan, vault, cancellationToken);
        var (document, entry) = await new LedgerRecorder(session, plan, vault).RunAsync(
            StreamName.Vault,
            EntryKind.SharesTested,
            KeyDocuments.Json.SharesTestDocument,
            () => TestAsync(vault, shares, cancellationToken)
        );
        session.Output.Write(
            document with
            {
                Ledger = entry,
            },
            KeyDocuments.Json.SharesTestDocument,
            text =>
                text.WriteLine(
                    $"shares {string.Join(", ", document.Used)} of set {document.Set} open the vault: {Plural.Of(document.Opened.Count, "generation")}, {Plural.Of(document.Snapshots, "snapshot")}"
                )
        );
        return ExitCode.Success;
    }

    private static async Task<SharesTestDocument> TestAsync(
        Vault vault,
        IReadOnlyList<RecoveryShare> shares,
        CancellationToken cancellationToken
    )
    {
        var own = (await new VaultKeys(vault).ListAsync(cancellationToken)).First(key => key.IsCurrent);
        if (own.Missing is not { Count: 0 })
            throw VaultKeyProblems.NotProven(own.Id[..8], own.Missing ?? ["every generation"]);
        return new SharesTestDocument(
            shares[0].VaultId,
            shares[0].SetName,
            [.. shares.Select(share => (int)share.Index).Distinct()],
            shares[0].Threshold,
            await vault.ListGenerationsAsync(cancellationToken),
            (await vault.ListSnapshotsAsync(null, cancellationToken)).Count
        );
    }
}
