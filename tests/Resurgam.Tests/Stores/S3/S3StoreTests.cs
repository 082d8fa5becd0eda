using Resurgam.Adapters.Stores.S3;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Stores.S3;

/// <summary>What S3 servers and the networks before them do to a store.</summary>
public sealed class S3StoreTests : IDisposable
{
    private readonly S3Double _server = new();
    private readonly HastyTime _time = new(longestShort: TimeSpan.FromSeconds(10));
    private readonly S3Store _store;

    public S3StoreTests() => _store = new S3Store(OptionsFor(_server), _time, new SeededEntropy(1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static S3Options OptionsFor(S3Double server) =>
        new()
        {
            Bucket = "bucket",
            Prefix = "some/vault",
            Endpoint = server.Endpoint,
            Region = "us-east-1",
            IsPathStyle = true,
            Credentials = new S3Credentials("access", "secret", sessionToken: null),
        };

    [Fact]
    public async Task A_storm_of_503_is_outlasted()
    {
        _server.Trouble = (_, before) => before < 6 ? ServerTrouble.Busy : ServerTrouble.None;

        Assert.True(await _store.PutAsync("a", new byte[] { 1 }, Token));
        Assert.Equal([1], await _store.FindAsync("a", Token));

        Assert.Equal(7, _server.Asked.Count(line => line.StartsWith("PUT", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_storm_of_503_without_end_is_a_problem_after_two_minutes()
    {
        var start = _time.GetUtcNow();
        _server.Trouble = (_, _) => ServerTrouble.Busy;

        await FailsAsync("s3-unavailable", Remedy.Retry, () => _store.PutAsync("a", new byte[] { 1 }, Token));

        Assert.InRange((_time.GetUtcNow() - start).TotalSeconds, 100, 120);
    }

    [Fact]
    public async Task A_connection_that_drops_in_the_middle_of_an_upload_is_tried_again()
    {
        _server.Trouble = (_, before) => before < 2 ? ServerTrouble.Drop : ServerTrouble.None;
        var bytes = new byte[3_000_000];
        bytes.AsSpan().Fill(7);

        Assert.True(await _store.PutAsync("a", bytes, Token));

        Assert.Equal(bytes, await _store.FindAsync("a", Token));
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_is_ours()
    {
        _server.Trouble = (line, before) =>
            line.StartsWith("PUT", StringComparison.Ordinal) && before == 0
                ? ServerTrouble.Unheard
                : ServerTrouble.None;

        Assert.True(await _store.PutAsync("a", new byte[] { 1, 2 }, Token));

        Assert.Equal([1, 2], await _store.FindAsync("a", Token));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(1)] // the same bytes are not the same write
    public async Task A_create_that_was_dropped_while_another_won_is_lost(byte theirs)
    {
        _server.Trouble = (line, before) =>
        {
            if (!line.StartsWith("PUT", StringComparison.Ordinal) || before > 0)
                return ServerTrouble.None;
            _server.Set("some/vault/a", [theirs]);
            return ServerTrouble.Drop;
        };

        Assert.False(await _store.PutAsync("a", new byte[] { 1 }, Token));

        Assert.Equal(new[] { theirs }, await _store.FindAsync("a", Token));
    }

    [Fact]
    public async Task A_first_create_that_meets_its_own_bytes_is_not_ours()
    {
        _server.Set("some/vault/a", [1]);

        Assert.False(await _store.PutAsync("a", new byte[] { 1 }, Token));
    }

    [Fact]
    public async Task A_server_that_takes_requests_and_never_answers_is_a_problem_in_bounded_time()
    {
        await _store.HeadAsync("a", Token); // one that was never heard is given up sooner
        var start = _time.GetUtcNow();
        _server.Trouble = (_, _) => ServerTrouble.Silent;
        _server.OnSilence = _time.Expire;

        await FailsAsync("s3-unreachable", Remedy.Retry, () => _store.FindAsync("a", Token));

        Assert.InRange((_time.GetUtcNow() - start).TotalSeconds, 60, 300);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_problem_in_bounded_time()
    {
        _server.Dispose();

        await FailsAsync("s3-unreachable", Remedy.Retry, () => _store.HeadAsync("a", Token));
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_not_kept_waiting()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _server.Trouble = (_, _) => ServerTrouble.Silent;
        _server.OnSilence = caller.Cancel;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _store.PutAsync("a", new byte[] { 1 }, caller.Token)
        );

        Assert.Single(_server.Asked);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_fetched_again()
    {
        _server.Set("some/vault/a", [.. Enumerable.Range(0, 200).Select(i => (byte)i)]);
        _server.Trouble = (_, before) => before % 2 == 0 ? ServerTrouble.HalfAnswer : ServerTrouble.None;

        Assert.Equal(200, (await _store.FindAsync("a", Token))?.Length);
        var buffer = new byte[50];
        Assert.Equal(50, await _store.ReadAsync("a", 100, buffer, Token));
        Assert.Equal(Enumerable.Range(100, 50), buffer.Select(value => (int)value));
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_gives_no_wrong_bytes()
    {
        _server.Set("some/vault/a", new byte[100]);
        _server.Trouble = (_, _) => ServerTrouble.WholeForRange;

        await FailsAsync("s3-no-s3", Remedy.Fix, () => _store.ReadAsync("a", 10, new byte[5], Token).AsTask());
        Assert.Equal(5, await _store.ReadAsync("a", 0, new byte[5], Token));
    }

    [Theory]
    [InlineData(400, "ExpiredToken", "s3-credentials-expired")]
    [InlineData(403, "InvalidAccessKeyId", "s3-credentials")]
    [InlineData(403, "SignatureDoesNotMatch", "s3-credentials")]
    [InlineData(403, "AccessDenied", "s3-denied")]
    [InlineData(403, "RequestTimeTooSkewed", "s3-clock")]
    [InlineData(404, "NoSuchBucket", "s3-no-bucket")]
    [InlineData(301, "PermanentRedirect", "s3-region")]
    [InlineData(400, "AuthorizationHeaderMalformed", "s3-region")]
    [InlineData(403, "QuotaExceeded", "store-full")]
    [InlineData(501, "NotImplemented", "s3-no-s3")]
    [InlineData(400, "InvalidRequest", "s3-rejected")]
    public async Task A_refusal_is_told_by_its_meaning_and_not_tried_again(int status, string said, string code)
    {
        _server.Refusal = (status, said);
        _server.Trouble = (_, _) => ServerTrouble.Refused;

        await FailsAsync(code, Remedy.Fix, () => _store.PutAsync("a", new byte[] { 1 }, Token));
        Assert.Single(_server.Asked);
        await FailsAsync(code, Remedy.Fix, () => _store.FindAsync("a", Token));
        await FailsAsync(code, Remedy.Fix, () => _store.DeleteAsync("a", Token));
        await FailsAsync(code, Remedy.Fix, async () => await _store.ListAsync("", Token).ToListAsync(Token));
    }

    [Fact]
    public async Task A_head_tells_an_absent_bucket_from_an_absent_object()
    {
        Assert.Null(await _store.HeadAsync("a", Token));
        _server.Refusal = (404, "NoSuchBucket");
        _server.Trouble = (_, _) => ServerTrouble.Refused;

        await FailsAsync("s3-no-bucket", Remedy.Fix, () => _store.HeadAsync("a", Token));
    }

    [Fact]
    public async Task A_listing_that_repeats_itself_ends()
    {
        for (var i = 0; i < 5; i++)
            _server.Set($"some/vault/{i}", []);
        _server.RepeatsPages = true;

        await FailsAsync("s3-no-s3", Remedy.Fix, async () => await _store.ListAsync("", Token).ToListAsync(Token));
    }

    [Fact]
    public async Task Folders_that_consoles_show_and_other_prefixes_are_no_objects_of_ours()
    {
        _server.Set("some/vault/", []);
        _server.Set("some/vault/a/", []);
        _server.Set("some/vault-2/b", []);
        _server.Set("some/vault/a/b", [1]);

        Assert.Equal(["a/b"], await _store.ListAsync("", Token).Select(item => item.Key).ToListAsync(Token));
    }

    [Fact]
    public async Task No_vault_is_made_where_conditions_are_ignored()
    {
        _server.IgnoresConditions = true;
        await FailsAsync("store-unfit", Remedy.Fix, CreateVaultAsync);
    }

    [Fact]
    public async Task No_message_has_the_secret()
    {
        _server.Refusal = (403, "SignatureDoesNotMatch");
        _server.Trouble = (_, _) => ServerTrouble.Refused;
        using S3Store store = new(
            OptionsFor(_server) with
            {
                Credentials = new S3Credentials("access", "hunter2", sessionToken: "hunter3"),
            },
            _time,
            new SeededEntropy(1)
        );

        var failure = await Assert.ThrowsAsync<ResurgamException>(() => store.FindAsync("a", Token));

        Assert.DoesNotContain("hunter", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", OptionsFor(_server).ToString() + store.Name, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _store.Dispose();
        _server.Dispose();
    }

    private async Task CreateVaultAsync()
    {
        using var vault = await new VaultWorld().CreateAsync(_store, Token);
    }

    private static async Task FailsAsync(string code, Remedy remedy, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(call);
        Assert.Equal((code, remedy), (failure.Problem.Code, failure.Problem.Remedy));
    }
}
