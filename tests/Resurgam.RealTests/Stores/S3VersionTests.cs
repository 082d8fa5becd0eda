using Amazon.S3;
using Amazon.S3.Model;
using Resurgam.Adapters.Stores.S3;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Stores;

/// <summary>Versions and locks, as a real server keeps them.</summary>
public sealed class S3VersionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_replaced_and_deleted_since_is_read_as_it_was()
    {
        var (options, client) = await MakeAsync(isLocked: false);
        using var bucket = client;
        await bucket.PutBucketVersioningAsync(
            new PutBucketVersioningRequest
            {
                BucketName = options.Bucket,
                VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
            },
            Token
        );
        using var now = Open(options);
        await now.PutAsync("a/kept", new byte[] { 1 }, Token);
        await now.PutAsync("a/deleted", new byte[] { 2, 2 }, Token);
        await now.PutAsync("a/replaced", new byte[] { 3, 3, 3 }, Token);
        var then = await LaterAsync(bucket, options, "mark-1"); // times of versions have whole seconds
        await now.DeleteAsync("a/deleted", Token);
        await bucket.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = options.Bucket,
                Key = "some/vault/a/replaced",
                ContentBody = "an attacker's",
                UseChunkEncoding = false,
            },
            Token
        );
        await now.PutAsync("a/new", new byte[] { 4 }, Token);

        using S3AsOfStore past = new(Open(options), then);

        Assert.Equal(
            [("a/deleted", 2), ("a/kept", 1), ("a/replaced", 3)],
            await past.ListAsync("a/", Token).Select(item => (item.Key, item.LengthBytes)).ToListAsync(Token)
        );
        Assert.Equal([3, 3, 3], await past.FindAsync("a/replaced", Token));
        Assert.Equal([2, 2], await past.FindAsync("a/deleted", Token));
        Assert.Null(await past.FindAsync("a/new", Token));
        var buffer = new byte[2];
        Assert.Equal(2, await past.ReadAsync("a/replaced", 1, buffer, Token));
        Assert.Equal([3, 3], buffer);
        var failure = await Assert.ThrowsAsync<ResurgamException>(() => past.PutAsync("a/x", new byte[1], Token));
        Assert.Equal("s3-as-of-refused", failure.Problem.Code);
    }

    [Fact]
    public async Task A_bucket_without_versions_says_so()
    {
        var (options, client) = await MakeAsync(isLocked: false);
        client.Dispose();
        using S3AsOfStore past = new(Open(options), DateTimeOffset.UtcNow);

        var failure = await Assert.ThrowsAsync<ResurgamException>(() => past.FindAsync("a", Token));
        Assert.Equal("s3-no-versions", failure.Problem.Code);
    }

    [Fact]
    public async Task Versions_that_were_deleted_from_sight_can_be_deleted_for_good()
    {
        var (options, client) = await MakeAsync(isLocked: false);
        using var bucket = client;
        await bucket.PutBucketVersioningAsync(
            new PutBucketVersioningRequest
            {
                BucketName = options.Bucket,
                VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
            },
            Token
        );
        using var store = Open(options);
        await store.PutAsync("a/key", new byte[] { 1 }, Token);
        await store.PutAsync("b/key", new byte[] { 2 }, Token);
        await store.DeleteAsync("a/key", Token);

        var versions = await store.ListVersionsAsync("a/", Token).ToListAsync(Token);
        Assert.Equal(["a/key", "a/key"], versions.Select(version => version.Key)); // the object, and the mark of its deletion
        foreach (var version in versions)
            await store.DeleteVersionAsync(version, Token);

        Assert.Empty(await store.ListVersionsAsync("a/", Token).ToListAsync(Token));
        Assert.Single(await store.ListVersionsAsync("b/", Token).ToListAsync(Token));
        Assert.Equal([2], await store.FindAsync("b/key", Token));
    }

    /// <summary>A whole vault under lock is in <see cref="S3LockedVaultTests"/>, on a server that can hold one.</summary>
    [Fact]
    public async Task An_object_under_lock_stays_whoever_deletes_it()
    {
        const string key = "generations/2026-11/data/ab/abcd";
        var (options, client) = await MakeAsync(isLocked: true);
        client.Dispose();
        using var store = Open(options with { ObjectLock = ObjectLock.Compliance, LockFor = TimeSpan.FromDays(1) });

        Assert.True(await store.PutAsync(key, new byte[] { 1, 2, 3 }, Token));

        Assert.Null(await store.FindBrokenPromiseAsync(key, Token)); // deletes its version, and is refused
        Assert.Equal([1, 2, 3], await store.FindAsync(key, Token));
        await store.PutAsync("generations/2026-11/locks/ab", new byte[] { 1 }, Token);
        Assert.NotNull(await store.FindBrokenPromiseAsync("generations/2026-11/locks/ab", Token));
    }

    /// <summary>Ceph before 20 keeps locks, and passes over <c>If-None-Match</c> where versions are kept.</summary>
    [Fact]
    public async Task No_vault_is_made_under_lock_on_a_server_that_then_replaces_objects()
    {
        var (options, client) = await MakeAsync(isLocked: true);
        client.Dispose();
        using var store = Open(options with { ObjectLock = ObjectLock.Compliance, LockFor = TimeSpan.FromDays(1) });

        var failure = await Assert.ThrowsAsync<ResurgamException>(async () =>
            (await new VaultWorld().CreateAsync(store, Token)).Dispose()
        );

        Assert.Equal("store-unfit", failure.Problem.Code);
        Assert.Contains("was written again", failure.Problem.What, StringComparison.Ordinal);
        Assert.Contains("object lock: Ceph does before 20", failure.Problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_vault_is_made_under_lock_in_a_bucket_that_keeps_none()
    {
        var (options, client) = await MakeAsync(isLocked: false);
        client.Dispose();
        using var store = Open(options with { ObjectLock = ObjectLock.Governance, LockFor = TimeSpan.FromDays(1) });

        var failure = await Assert.ThrowsAsync<ResurgamException>(async () =>
            (await new VaultWorld().CreateAsync(store, Token)).Dispose()
        );

        Assert.Contains(failure.Problem.Code, (string[])["store-unfit", "s3-rejected"]);
    }

    private static async Task<(S3Options Options, AmazonS3Client Client)> MakeAsync(bool isLocked)
    {
        var server = await S3Server.RequireAsync();
        var client = S3Client.Create(server.OptionsFor("none"));
        var name = $"bucket-{Path.GetRandomFileName().Replace('.', '-')}";
        await client.PutBucketAsync(
            new PutBucketRequest { BucketName = name, ObjectLockEnabledForBucket = isLocked },
            Token
        );
        return (server.OptionsFor(name), client);
    }

    /// <summary>Waits until the server's clock, which counts whole seconds, shows the next one.</summary>
    /// <returns>A moment that all before belongs to and nothing after.</returns>
    private static async Task<DateTimeOffset> LaterAsync(AmazonS3Client client, S3Options options, string key)
    {
        DateTimeOffset? first = null;
        var marks = 0;
        DateTimeOffset at = default;
        await Eventually.HoldsAsync(
            () => "the server's clock stands still",
            async () =>
            {
                var name = $"{key}-{marks++}";
                await client.PutObjectAsync(
                    new PutObjectRequest
                    {
                        BucketName = options.Bucket,
                        Key = name,
                        ContentBody = "x",
                        UseChunkEncoding = false,
                    },
                    Token
                );
                var head = await client.GetObjectMetadataAsync(options.Bucket, name, Token);
                at = new DateTimeOffset((head.LastModified ?? default).ToUniversalTime());
                first ??= at;
                return at - first >= TimeSpan.FromSeconds(2);
            },
            Token
        );
        return at - TimeSpan.FromSeconds(1);
    }

    private static S3Store Open(S3Options options) => new(options, TimeProvider.System, new SeededEntropy(1));
}
