using Resurgam.Adapters.Stores.S3;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Stores;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Stores;

/// <summary>The contract of a store against a real S3 server, and what only a real one says.</summary>
public sealed class S3ServerTests : StoreContract, IAsyncLifetime
{
    private S3Server? _server;
    private S3Options? _options;
    private S3Store? _store;

    protected override IStore Store => _store ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync()
    {
        _server = await S3Server.RequireAsync();
        _options = _server.OptionsFor(await _server.MakeBucketAsync(Token));
        _store = Open(_options);
    }

    [Fact]
    public async Task A_listing_of_several_pages_is_whole()
    {
        var keys = Enumerable.Range(0, 1_100).Select(i => $"many/{i:D5}").ToList();
        await Parallel.ForEachAsync(keys, Token, async (key, token) => await Store.PutAsync(key, new byte[1], token));

        Assert.Equal(keys, await Store.ListAsync("many/", Token).Select(item => item.Key).ToListAsync(Token));
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_a_problem()
    {
        using var store = Open(Options with { Bucket = "no-such-bucket" });

        await FailsAsync("s3-no-bucket", () => store.FindAsync("a", Token));
        await FailsAsync("s3-no-bucket", () => store.HeadAsync("a", Token));
        await FailsAsync("s3-no-bucket", () => store.PutAsync("a", new byte[1], Token));
        await FailsAsync("s3-no-bucket", async () => await store.ListAsync("", Token).ToListAsync(Token));
    }

    [Theory]
    [InlineData(S3Server.AccessKey, "wrong")]
    [InlineData("nobody", S3Server.SecretKey)]
    public async Task Wrong_credentials_are_a_problem(string accessKey, string secretKey)
    {
        using var store = Open(
            Options with
            {
                Credentials = new S3Credentials(accessKey, secretKey, sessionToken: null),
            }
        );

        await FailsAsync("s3-credentials", () => store.PutAsync("a", new byte[1], Token));
    }

    [Fact]
    public async Task An_object_of_many_megabytes_comes_back()
    {
        var bytes = new byte[48 << 20];
        new SeededEntropy(1).Fill(bytes);

        Assert.True(await Store.PutAsync("large", bytes, Token));

        var found = await Store.FindAsync("large", Token);
        Assert.True(bytes.AsSpan().SequenceEqual(found));
    }

    [Fact]
    public async Task What_the_plan_asks_of_the_server_is_done_and_proved_when_the_vault_is_made()
    {
        var asked = Options with { StorageClass = "COLD", Encryption = ServerEncryption.Kms, KmsKey = "a-key" };
        using var store = Open(asked);
        VaultWorld world = new();

        (await world.CreateAsync(store, Token)).Dispose();
        var snapshot = await world.CaptureAsync(store, VaultWorld.Content(1), Token);

        Assert.Equal(VaultWorld.Content(1), await world.RestoreAsync(snapshot, Token));
        using var client = S3Client.Create(asked);
        foreach (var key in await store.ListAsync("", Token).Select(item => item.Key).ToListAsync(Token))
        {
            var head = await client.GetObjectMetadataAsync(asked.Bucket, $"{asked.Prefix}/{key}", Token);
            Assert.Equal(("COLD", "aws:kms"), (head.StorageClass?.Value, head.ServerSideEncryptionMethod?.Value));
        }
    }

    [Theory]
    [InlineData("NONE_SUCH", null, null, "storage-class")]
    [InlineData(null, ServerEncryption.Server, null, "encryption")]
    [InlineData(null, ServerEncryption.Kms, "no-such-key", "kms-key")]
    public async Task What_the_server_does_not_have_is_told_by_the_name_it_has_in_the_plan(
        string? storageClass,
        ServerEncryption? encryption,
        string? key,
        string name
    )
    {
        using var store = Open(Options with { StorageClass = storageClass, Encryption = encryption, KmsKey = key });

        var failure = await Assert.ThrowsAsync<ResurgamException>(async () =>
            (await new VaultWorld().CreateAsync(store, Token)).Dispose()
        );

        TestContext.Current.TestOutputHelper?.WriteLine($"{failure.Problem}");
        Assert.Contains(name, failure.Problem.Hint, StringComparison.Ordinal);
        Assert.Empty(await store.ListAsync("", Token).ToListAsync(Token));
    }

    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        return ValueTask.CompletedTask;
    }

    private S3Options Options => _options ?? throw new InvalidOperationException("not initialised");

    private static S3Store Open(S3Options options) => new(options, TimeProvider.System, new SeededEntropy(1));

    private static async Task FailsAsync(string code, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(call);
        Assert.Equal((code, Remedy.Fix), (failure.Problem.Code, failure.Problem.Remedy));
    }
}
