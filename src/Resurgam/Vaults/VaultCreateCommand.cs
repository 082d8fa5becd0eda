using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults;
using Resurgam.Keys;
using Resurgam.Ledgers;

namespace Resurgam.Vaults;

internal static class VaultCreateCommand
{
    public static Command Create()
    {
        Command command = new("create", "Make a new vault in the plan's store.");
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(Session session, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var secret = NewVaultSecret.Read(session, await session.ReadSecretAsync(plan, cancellationToken));
        if (
            await PlaceAccess.FindElsewhereAsync(session, plan, PlaceAccess.Chosen(session, plan), cancellationToken) is
            { } other
        )
            throw PlaceProblems.VaultElsewhere(other);
        using var vault = await Vault.CreateAsync(
            await VaultAccess.OpenStoreAsync(session, plan, cancellationToken),
            secret,
            VaultAccess.HostOf(session, plan),
            cancellationToken
        );
        var (id, created) = (vault.Descriptor?.Id ?? "", vault.Descriptor?.Created ?? default);
        VaultCreateDocument made = new(
            id,
            vault.Store.Name,
            created,
            LedgerAccess.FingerprintOf(vault.OpenLedger().Root)
        );
        var entry = await new LedgerRecorder(session, plan, vault).RecordAsync(
            StreamName.Vault,
            EntryKind.VaultCreated,
            made,
            VaultDocuments.Json.VaultCreateDocument
        );
        session.Output.Write(
            made with
            {
                Ledger = entry,
            },
            VaultDocuments.Json.VaultCreateDocument,
            text =>
            {
                text.WriteLine($"vault {id} made at {vault.Store.Name}");
                text.WriteLine($"key of the vault: {made.SigningKey}");
                text.WriteLine("Keep the secret where a disaster here does not reach it: without it nothing opens.");
            }
        );
        return ExitCode.Success;
    }
}
