using Resurgam.Adapters.Stores.Azure;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Stores.Azure;

/// <summary>Against a double that keeps Azure's rules; the real tests run the same against Azurite.</summary>
public sealed class AzureContractTests : StoreContract, IDisposable
{
    private readonly AzureDouble _server = new();
    private readonly AzureStore _store;

    public AzureContractTests() =>
        _store = new AzureStore(AzureStoreTests.OptionsFor(_server), TimeProvider.System, new SeededEntropy(1));

    protected override IStore Store => _store;

    public void Dispose()
    {
        _store.Dispose();
        _server.Dispose();
    }
}
