using Resurgam.Adapters.Stores.Azure;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Stores.Azure;

/// <summary>What Azure and the networks before it do to a store.</summary>
public sealed class AzureStoreTests : IDisposable
{
    private readonly AzureDouble _server = new();
    private readonly HastyTime _time = new(longestShort: TimeSpan.FromSeconds(10));
    private readonly AzureStore _store;

    public AzureStoreTests() => _store = new AzureStore(OptionsFor(_server), _time, new SeededEntropy(1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static AzureOptions OptionsFor(AzureDouble server) =>
        new()
        {
            Account = AzureDouble.Account,
            Endpoint = server.Endpoint,
            Container = AzureDouble.Container,
            Prefix = "some/vault",
            Credentials = AzureCredentials.OfKey(AzureDouble.Key, AzureDouble.Account),
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

        await FailsAsync("azure-unavailable", Remedy.Retry, () => _store.PutAsync("a", new byte[] { 1 }, Token));

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
    [InlineData(409, "BlobAlreadyExists")]
    [InlineData(412, "ConditionNotMet")]
    [InlineData(403, "UnauthorizedBlobOverwrite")]
    [InlineData(409, "BlobImmutableDueToPolicy")]
    public async Task A_name_that_is_taken_is_taken_whatever_it_is_called(int status, string code)
    {
        _server.Set("some/vault/a", [9]);
        _server.Taken = (status, code);

        Assert.False(await _store.PutAsync("a", new byte[] { 9 }, Token));

        Assert.Equal([9], await _store.FindAsync("a", Token));
    }

    [Fact]
    public async Task A_server_that_takes_requests_and_never_answers_is_a_problem_in_bounded_time()
    {
        await _store.HeadAsync("a", Token); // one that was never heard is given up sooner
        var start = _time.GetUtcNow();
        _server.Trouble = (_, _) => ServerTrouble.Silent;
        _server.OnSilence = _time.Expire;

        await FailsAsync("azure-unreachable", Remedy.Retry, () => _store.FindAsync("a", Token));

        Assert.InRange((_time.GetUtcNow() - start).TotalSeconds, 60, 300);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_problem_in_bounded_time()
    {
        _server.Dispose();

        await FailsAsync("azure-unreachable", Remedy.Retry, () => _store.HeadAsync("a", Token));
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

        await FailsAsync("azure-no-azure", Remedy.Fix, () => _store.ReadAsync("a", 10, new byte[5], Token).AsTask());
        Assert.Equal(5, await _store.ReadAsync("a", 0, new byte[5], Token));
    }

    [Theory]
    [InlineData(403, "AuthenticationFailed", "Make sure the value is formed correctly", "azure-credentials")]
    [InlineData(
        403,
        "AuthenticationFailed",
        "Signature not valid in the specified time frame",
        "azure-credentials-expired"
    )]
    [InlineData(403, "AuthenticationFailed", "Request date header too old", "azure-clock")]
    [InlineData(403, "AuthorizationPermissionMismatch", "no", "azure-denied")]
    [InlineData(404, "ContainerNotFound", "no", "azure-no-container")]
    [InlineData(400, "InvalidHeaderValue", "no", "azure-rejected")]
    public async Task A_refusal_is_told_by_its_meaning_and_not_tried_again(
        int status,
        string said,
        string message,
        string code
    )
    {
        (_server.Refusal, _server.Message) = ((status, said), message);
        _server.Trouble = (_, _) => ServerTrouble.Refused;

        await FailsAsync(code, Remedy.Fix, () => _store.PutAsync("a", new byte[] { 1 }, Token));
        Assert.Single(_server.Asked);
        await FailsAsync(code, Remedy.Fix, () => _store.FindAsync("a", Token));
        await FailsAsync(code, Remedy.Fix, () => _store.DeleteAsync("a", Token));
        await FailsAsync(code, Remedy.Fix, async () => await _store.ListAsync("", Token).ToListAsync(Token));
    }

    [Fact]
    public async Task A_delete_that_a_policy_refuses_is_a_problem()
    {
        _server.Refusal = (409, "BlobImmutableDueToPolicy");
        _server.Trouble = (_, _) => ServerTrouble.Refused;

        await FailsAsync("azure-denied", Remedy.Fix, () => _store.DeleteAsync("a", Token));
    }

    [Fact]
    public async Task A_shared_access_signature_stands_in_every_address_and_in_no_message()
    {
        _server.Sas = "sv=2021-12-02&sig=hunter2%3D";
        using AzureStore store = new(
            OptionsFor(_server) with
            {
                Credentials = AzureCredentials.OfSas("?sv=2021-12-02&sig=hunter2%3D", AzureDouble.Account),
            },
            _time,
            new SeededEntropy(1)
        );

        Assert.True(await store.PutAsync("a/b", new byte[] { 1 }, Token));
        Assert.Equal([1], await store.FindAsync("a/b", Token));
        Assert.Equal(["a/b"], await store.ListAsync("a", Token).Select(item => item.Key).ToListAsync(Token));

        _server.Sas = "sv=other";
        var failure = await Assert.ThrowsAsync<ResurgamException>(() => store.FindAsync("a", Token));
        Assert.DoesNotContain("hunter", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", OptionsFor(_server).ToString() + store.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_that_cannot_be_are_told_before_anything_is_asked()
    {
        Assert.Throws<ResurgamException>(() => AzureCredentials.OfKey("not base64!", "account"));
        Assert.Throws<ResurgamException>(() => AzureCredentials.OfSas("sv=2021-12-02", "account"));
    }

    [Fact]
    public async Task A_listing_with_empty_pages_is_whole_and_one_that_repeats_itself_ends()
    {
        var keys = Enumerable.Range(0, 7).Select(i => $"{i}").ToList();
        foreach (var key in keys)
            _server.Set($"some/vault/{key}", []);
        _server.Set("some/vault-2/b", []);
        _server.HasEmptyPages = true;

        Assert.Equal(keys, await _store.ListAsync("", Token).Select(item => item.Key).ToListAsync(Token));

        _server.HasEmptyPages = false;
        _server.RepeatsPages = true;
        await FailsAsync(
            "azure-no-azure",
            Remedy.Fix,
            async () => await _store.ListAsync("", Token).ToListAsync(Token)
        );
    }

    public void Dispose()
    {
        _store.Dispose();
        _server.Dispose();
    }

    private static async Task FailsAsync(string code, Remedy remedy, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(call);
        Assert.Equal((code, remedy), (failure.Problem.Code, failure.Problem.Remedy));
    }
}
