using Resurgam.Adapters.Files;
using Resurgam.Adapters.Stores;
using Resurgam.Adapters.Stores.S3;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;

namespace Resurgam.Vaults;

/// <summary>From a plan to its store and its vault.</summary>
internal static class VaultAccess
{
    public static async Task<IStore> OpenStoreAsync(Session session, Plan plan, CancellationToken cancellationToken) =>
        plan.Vault.Store.Kind switch
        {
            StoreKind.Folder => new FolderStore(plan.Vault.Store.Value, session.Entropy),
            StoreKind.S3 => new S3Store(
                await S3OptionsOfAsync(session, plan.Vault, cancellationToken),
                session.Time,
                session.Entropy
            ),
        };

    public static async Task<Vault> OpenAsync(Session session, Plan plan, CancellationToken cancellationToken)
    {
        var secret = await session.ReadSecretAsync(plan, cancellationToken);
        return await Vault.OpenAsync(
            await OpenStoreAsync(session, plan, cancellationToken),
            secret.ToText(),
            HostOf(session, plan),
            cancellationToken
        );
    }

    /// <summary>How stock restic calls the place: <c>/srv/vault</c>, or <c>s3:https://HOST/BUCKET/PREFIX</c>.</summary>
    public static string ResticAddressOf(VaultPlace vault) =>
        vault.Store.Kind switch
        {
            StoreKind.Folder => vault.Store.Value,
            StoreKind.S3 => $"s3:{vault.S3?.Endpoint ?? "https://s3.amazonaws.com"}/{vault.Store.Value}",
        };

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

    private static async Task<S3Options> S3OptionsOfAsync(
        Session session,
        VaultPlace vault,
        CancellationToken cancellationToken
    )
    {
        var s3 = vault.S3;
        Require.That(s3 is not null, "a plan with a store on S3 says how it is reached");
        var slash = vault.Store.Value.IndexOf('/');
        return new S3Options
        {
            Bucket = slash < 0 ? vault.Store.Value : vault.Store.Value[..slash],
            Prefix = slash < 0 ? "" : vault.Store.Value[(slash + 1)..],
            Endpoint = s3.Endpoint,
            Region = s3.Region,
            IsPathStyle = s3.IsPathStyle,
            Credentials = await CredentialsOfAsync(session, s3, cancellationToken),
        };
    }

    private static async Task<S3Credentials> CredentialsOfAsync(
        Session session,
        S3Place s3,
        CancellationToken cancellationToken
    )
    {
        if (s3 is not { AccessKey: { } accessKey, SecretKey: { } secretKey })
            return await S3Credentials.FindAsync(session.Around.FindVariable, cancellationToken);
        return new S3Credentials(
            (await session.ReadSecretAsync(accessKey, cancellationToken)).ToText(),
            (await session.ReadSecretAsync(secretKey, cancellationToken)).ToText(),
            s3.SessionToken is { } token ? (await session.ReadSecretAsync(token, cancellationToken)).ToText() : null
        );
    }
}
