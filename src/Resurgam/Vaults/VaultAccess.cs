using Resurgam.Adapters.Files;
using Resurgam.Adapters.Stores;
using Resurgam.Adapters.Stores.Azure;
using Resurgam.Adapters.Stores.S3;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Ledgers;

namespace Resurgam.Vaults;

/// <summary>From a plan to its store and its vault.</summary>
internal static class VaultAccess
{
    /// <summary>The store of the place that this command works in: <c>--from</c>, else the plan's own.</summary>
    public static Task<IStore> OpenStoreAsync(Session session, Plan plan, CancellationToken cancellationToken) =>
        OpenStoreAsync(session, PlaceAccess.Chosen(session, plan).Place, cancellationToken);

    public static async Task<IStore> OpenStoreAsync(
        Session session,
        StorePlace place,
        CancellationToken cancellationToken
    )
    {
        IStore store = place.Store.Kind switch
        {
            StoreKind.Folder => new FolderStore(place.Store.Value, session.Entropy),
            StoreKind.S3 => await OpenS3Async(session, place, cancellationToken),
            StoreKind.Azure => new AzureStore(
                await AzureOptionsOfAsync(session, place, cancellationToken),
                session.Time,
                session.Entropy
            ),
        };
        if (session.AsOf is not null && store is not S3AsOfStore)
            throw PlaceProblems.NoVersions(store.Name);
        return place.Bandwidth is { } bandwidth ? new ThrottledStore(store, bandwidth, session.Time) : store;
    }

    /// <summary>For what the ledger tells of, or decides: the vault in the place that this command works in, its ledger in the primary if that answers.</summary>
    public static async Task<Vault> OpenAsync(Session session, Plan plan, CancellationToken cancellationToken)
    {
        var vault = await OpenPlaceAsync(session, plan, cancellationToken);
        await LedgerHome.ChooseAsync(session, plan, vault, cancellationToken);
        return vault;
    }

    /// <summary>For looks: the vault, with its ledger, as the place has it that this command works in.</summary>
    public static Task<Vault> OpenPlaceAsync(Session session, Plan plan, CancellationToken cancellationToken) =>
        OpenAsync(session, plan, PlaceAccess.Chosen(session, plan), cancellationToken);

    /// <summary>The vault as one of its places has it.</summary>
    public static async Task<Vault> OpenAsync(
        Session session,
        Plan plan,
        ReplicaPlace place,
        CancellationToken cancellationToken
    )
    {
        var secret = await session.ReadSecretAsync(plan, cancellationToken);
        try
        {
            return await Vault.OpenAsync(
                await OpenStoreAsync(session, place.Place, cancellationToken),
                secret.ToText(),
                HostOf(session, plan),
                cancellationToken
            );
        }
        catch (ResurgamException e) when (e.Problem.Code == VaultProblems.AbsentCode)
        {
            throw await PlaceAccess.FindElsewhereAsync(session, plan, place, cancellationToken) is { } other
                ? PlaceProblems.AbsentHere(e.Problem, place, other)
                : e;
        }
    }

    /// <summary>How stock restic calls the place: <c>/srv/vault</c>, <c>s3:https://HOST/BUCKET/PREFIX</c>, <c>azure:CONTAINER:/PREFIX</c>.</summary>
    public static string ResticAddressOf(StorePlace place) =>
        place.Store.Kind switch
        {
            StoreKind.Folder => place.Store.Value,
            StoreKind.S3 => $"s3:{place.S3?.Endpoint ?? "https://s3.amazonaws.com"}/{place.Store.Value}",
            StoreKind.Azure => $"azure:{place.Store.Bucket}:/{place.Store.Prefix}".TrimEnd('/'),
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
            Derived = session.Derived,
            Damaged = problem => session.Output.Warn($"{problem.What} (see 'resurgam vault check --read-data')"),
        };

    private static async Task<IStore> OpenS3Async(
        Session session,
        StorePlace place,
        CancellationToken cancellationToken
    )
    {
        S3Store store = new(await S3OptionsOfAsync(session, place, cancellationToken), session.Time, session.Entropy);
        return session.AsOf is { } asOf ? new S3AsOfStore(store, asOf) : store;
    }

    private static async Task<S3Options> S3OptionsOfAsync(
        Session session,
        StorePlace place,
        CancellationToken cancellationToken
    )
    {
        var s3 = place.S3;
        Require.That(s3 is not null, "a plan with a store on S3 says how it is reached");
        return new S3Options
        {
            Bucket = place.Store.Bucket,
            Prefix = place.Store.Prefix,
            Endpoint = s3.Endpoint,
            Region = s3.Region,
            IsPathStyle = s3.IsPathStyle,
            StorageClass = s3.StorageClass,
            Encryption = s3.Encryption,
            KmsKey = s3.KmsKey,
            ObjectLock = s3.ObjectLock,
            LockFor = s3.LockFor ?? default,
            Credentials = await CredentialsOfAsync(session, s3, cancellationToken),
            Waits = session.Output.Note,
        };
    }

    private static async Task<AzureOptions> AzureOptionsOfAsync(
        Session session,
        StorePlace place,
        CancellationToken cancellationToken
    )
    {
        var azure = place.Azure;
        Require.That(azure is not null, "a plan with a store on Azure says how it is reached");
        return new AzureOptions
        {
            Account = azure.Account,
            Endpoint = azure.Endpoint,
            Container = place.Store.Bucket,
            Prefix = place.Store.Prefix,
            Credentials = await CredentialsOfAsync(session, azure, cancellationToken),
            Waits = session.Output.Note,
        };
    }

    private static async Task<AzureCredentials> CredentialsOfAsync(
        Session session,
        AzurePlace azure,
        CancellationToken cancellationToken
    )
    {
        if (azure.Key is { } key)
            return AzureCredentials.OfKey(
                (await session.ReadSecretAsync(key, cancellationToken)).ToText(),
                azure.Account
            );
        Require.That(azure.Sas is not null, "a plan with a store on Azure has a key or a signature");
        return AzureCredentials.OfSas(
            (await session.ReadSecretAsync(azure.Sas, cancellationToken)).ToText(),
            azure.Account
        );
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
