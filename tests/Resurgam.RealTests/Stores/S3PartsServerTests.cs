using Amazon.S3.Model;
using Resurgam.Adapters.Stores.S3;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Stores;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Stores;

/// <summary>The contract of a store on a server that honours <c>If-None-Match</c> when an upload is completed, with almost every object as an upload.</summary>
public sealed class S3PartsServerTests : StoreContract, IAsyncLifetime
{
    /// <summary>The least that S3 takes for a part that is not the last one.</summary>
    private const int Part = 5 << 20;

    private const string Key = "generations/2026-11/data/ab/large";

    private static readonly byte[] Large = Drawn((4 * Part) + 12_345);

    private S3Server? _server;
    private S3Options? _options;
    private S3Store? _store;

    protected override IStore Store => _store ?? throw new InvalidOperationException("not initialised");

    private S3Options Options => _options ?? throw new InvalidOperationException("not initialised");

    private S3Server Server => _server ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync()
    {
        _server = await S3Server.RequireNewAsync();
        _options = InParts(_server.OptionsFor(await _server.MakeBucketAsync(Token)));
        _store = Open(_options);
    }

    [Fact]
    public async Task An_object_in_parts_comes_back_and_stays_whoever_writes_it_again()
    {
        Assert.True(await Store.PutAsync(Key, Large, Token));
        Assert.False(await Store.PutAsync(Key, Drawn(Large.Length, seed: 2), Token));

        AssertSame(Large, await Store.FindAsync(Key, Token));
        using var client = S3Client.Create(Options);
        var head = await client.GetObjectMetadataAsync(Options.Bucket, $"{Options.Prefix}/{Key}", Token);
        Assert.EndsWith("-5", head.ETag.Trim('"'), StringComparison.Ordinal);
        await AssertNoUploadsAsync();
    }

    [Fact]
    public async Task Of_several_creators_of_a_large_object_one_wins_and_no_part_of_the_others_stays()
    {
        const int writers = 4;
        var stores = Enumerable.Range(1, writers).Select(seed => Open(Options, seed)).ToList();
        TaskCompletionSource together = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var met = 0;

        var won = await Task.WhenAll(
            stores.Select(
                async (store, i) =>
                {
                    var turns = 0;
                    return await store.PutAsync(
                        Key,
                        Drawn(2 * Part, i),
                        (_, _) =>
                        {
                            if (Interlocked.Increment(ref turns) == 1 && Interlocked.Increment(ref met) == writers)
                                together.SetResult(); // all have found the key free
                            return together.Task;
                        },
                        Token
                    );
                }
            )
        );

        Assert.Single(won, isWinner => isWinner);
        AssertSame(Drawn(2 * Part, Array.IndexOf(won, true)), await Store.FindAsync(Key, Token));
        await AssertNoUploadsAsync();
        stores.ForEach(store => store.Dispose());
    }

    [Fact]
    public async Task Who_gives_up_in_the_middle_leaves_no_part()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var store = Open(Options);
        var turns = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            store.PutAsync(
                Key,
                Large,
                (_, _) => Interlocked.Increment(ref turns) == 5 ? caller.CancelAsync() : Task.CompletedTask,
                caller.Token
            )
        );

        await AssertNoUploadsAsync();
        Assert.Null(await store.HeadAsync(Key, Token));
    }

    [Fact]
    public async Task A_line_that_is_cut_within_the_parts_costs_time_and_nothing_else()
    {
        await using CutNetwork line = new(new Uri(Options.Endpoint ?? "").Port);
        using var store = Open(Options with { Endpoint = $"http://127.0.0.1:{line.Port}" });
        await store.PutAsync("generations/2026-11/data/ab/first", Drawn(1000), Token); // learns what the server keeps
        var turns = 0;

        var put = store.PutAsync(
            Key,
            Large,
            (_, _) =>
            {
                if (Interlocked.Increment(ref turns) == 5)
                    line.Cut(); // four are on their way, or there
                return Task.CompletedTask;
            },
            Token
        );
        await Eventually.HoldsAsync("it tries again", () => line.RefusedCount > 0 || put.IsCompleted, Token);
        line.Mend();

        Assert.True(await put);
        Assert.True(line.RefusedCount > 0);
        AssertSame(Large, await Store.FindAsync(Key, Token));
        await AssertNoUploadsAsync();
    }

    [Fact]
    public async Task What_the_plan_asks_for_holds_for_an_object_in_parts()
    {
        var asked = Options with { StorageClass = "COLD", Encryption = ServerEncryption.Kms, KmsKey = "a-key" };
        using var store = Open(asked);

        Assert.True(await store.PutAsync(Key, Large, Token));

        AssertSame(Large, await store.FindAsync(Key, Token));
        using var client = S3Client.Create(asked);
        var head = await client.GetObjectMetadataAsync(asked.Bucket, $"{asked.Prefix}/{Key}", Token);
        Assert.Equal(("COLD", "aws:kms"), (head.StorageClass?.Value, head.ServerSideEncryptionMethod?.Value));
        Assert.EndsWith("-5", head.ETag.Trim('"'), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_in_parts_is_locked_until_the_horizon_of_its_generation()
    {
        var asked = InParts(Server.OptionsFor(await Server.MakeBucketAsync(Token, isLocked: true))) with
        {
            ObjectLock = ObjectLock.Compliance,
            LockFor = TimeSpan.FromDays(1),
        };
        using var store = Open(asked);

        Assert.True(await store.PutAsync(Key, Large, Token));

        Assert.Null(await store.FindBrokenPromiseAsync(Key, Token)); // deletes its version, and is refused
        using var client = S3Client.Create(asked);
        var head = await client.GetObjectMetadataAsync(asked.Bucket, $"{asked.Prefix}/{Key}", Token);
        Assert.EndsWith("-5", head.ETag.Trim('"'), StringComparison.Ordinal);
        Assert.Equal(
            LockHorizon.Of(Key, DateTimeOffset.UtcNow, asked.LockFor)?.UtcDateTime.Date,
            head.ObjectLockRetainUntilDate?.ToUniversalTime().Date
        );
    }

    /// <summary>Ceph before 20 honours the condition in one request, and passes over it at a completion.</summary>
    [Fact]
    public async Task On_an_older_server_a_large_object_goes_up_in_one_request_and_stays()
    {
        var server = await S3Server.RequireAsync();
        var options = InParts(server.OptionsFor(await server.MakeBucketAsync(Token)));
        using var store = Open(options);

        Assert.True(await store.PutAsync(Key, Large, Token));
        Assert.False(await store.PutAsync(Key, Drawn(Large.Length, seed: 2), Token));

        AssertSame(Large, await store.FindAsync(Key, Token));
        using var client = S3Client.Create(options);
        var head = await client.GetObjectMetadataAsync(options.Bucket, $"{options.Prefix}/{Key}", Token);
        Assert.DoesNotContain('-', head.ETag);
    }

    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static S3Options InParts(S3Options options) => options with { PartsAboveBytes = 500, PartBytes = Part };

    private static S3Store Open(S3Options options, int seed = 1) =>
        new(options, TimeProvider.System, new SeededEntropy(seed));

    private static void AssertSame(byte[] expected, byte[]? found) =>
        Assert.True(expected.AsSpan().SequenceEqual(found));

    private async Task AssertNoUploadsAsync()
    {
        using var client = S3Client.Create(Options);
        var listed = await client.ListMultipartUploadsAsync(
            new ListMultipartUploadsRequest { BucketName = Options.Bucket },
            Token
        );
        Assert.Empty(listed.MultipartUploads ?? []);
    }

    private static byte[] Drawn(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new SeededEntropy(seed).Fill(bytes);
        return bytes;
    }
}
