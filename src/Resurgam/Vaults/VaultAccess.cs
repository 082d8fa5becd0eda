using Resurgam.Adapters.Files;
using Resurgam.Adapters.Stores;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;

namespace Resurgam.Vaults;

/// <summary>From a plan to its store and its vault.</summary>
internal static class VaultAccess
{
    public static IStore OpenStore(Session session, Plan plan) =>
        plan.Vault.Store.Kind switch
        {
            StoreKind.Folder => new FolderStore(plan.Vault.Store.Value, session.Entropy),
        };

    public static async Task<Vault> OpenAsync(Session session, Plan plan, CancellationToken cancellationToken)
    {
        var secret = await session.ReadSecretAsync(plan, cancellationToken);
        return await Vault.OpenAsync(
            OpenStore(session, plan),
            secret.ToText(),
            HostOf(session, plan),
            cancellationToken
        );
    }

    public static VaultHost HostOf(Session session, Plan plan) =>
        new(
            session.Entropy,
            session.Time,
            new ScratchFolder(Path.Combine(session.StateDirectoryOf(plan), "scratch"), session.Entropy),
            ThisProcess.Identity(UserNames.Read()),
            Environment.ProcessorCount
        )
        {
            Damaged = problem => session.Output.Warn($"{problem.What} (see 'resurgam vault check --read-data')"),
        };
}
