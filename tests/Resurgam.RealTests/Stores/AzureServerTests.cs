using Resurgam.Adapters.Stores.Azure;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Stores;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Stores;

/// <summary>The contract of a store against Azurite, and what only a server says.</summary>
public sealed class AzureServerTests : StoreContract, IAsyncLifetime
{
    private AzureOptions? _options;
    private AzureStore? _store;

    protected override IStore Store => _store ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync()
    {
        var server = await AzureServer.RequireAsync();
        _options = server.OptionsFor(await server.MakeContainerAsync(Token));
        _store = Open(_options);
    }

    [Fact]
    public async Task A_container_that_is_not_there_is_a_problem()
    {
        using var store = Open(Options with { Container = "no-such-container" });

        await FailsAsync("azure-no-container", () => store.PutAsync("a", new byte[1], Token));
        await FailsAsync("azure-no-container", () => store.FindAsync("a", Token));
        await FailsAsync("azure-no-container", () => store.HeadAsync("a", Token));
        await FailsAsync("azure-no-container", async () => await store.ListAsync("", Token).ToListAsync(Token));
    }

    [Fact]
    public async Task A_wrong_key_is_a_problem()
    {
        using var store = Open(
            Options with
            {
                Credentials = AzureCredentials.OfKey(Convert.ToBase64String(new byte[64]), AzureServer.Account),
            }
        );

        var failure = await Assert.ThrowsAsync<ResurgamException>(() => store.FindAsync("a", Token));
        Assert.Contains(failure.Problem.Code, (string[])["azure-credentials", "azure-denied"]);
    }

    [Fact]
    public async Task A_large_object_goes_up_and_comes_back()
    {
        var bytes = new byte[40 << 20];
        new Random(1).NextBytes(bytes);

        Assert.True(await Store.PutAsync("large", bytes, Token));

        var found = await Store.FindAsync("large", Token);
        Assert.True(bytes.AsSpan().SequenceEqual(found));
    }

    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        return ValueTask.CompletedTask;
    }

    private AzureOptions Options => _options ?? throw new InvalidOperationException("not initialised");

    private static AzureStore Open(AzureOptions options) => new(options, TimeProvider.System, new SeededEntropy(1));

    private static async Task FailsAsync(string code, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(call);
        Assert.Equal((code, Remedy.Fix), (failure.Problem.Code, failure.Problem.Remedy));
    }
}
