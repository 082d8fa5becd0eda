using Resurgam.Adapters.Stores.S3;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Stores.S3;

/// <summary>Against a double that keeps S3's rules; the real tests run the same against a real server.</summary>
public sealed class S3ContractTests : StoreContract, IDisposable
{
    private readonly S3Double _server = new();
    private readonly S3Store _store;

    public S3ContractTests() =>
        _store = new S3Store(S3StoreTests.OptionsFor(_server), TimeProvider.System, new SeededEntropy(1));

    protected override IStore Store => _store;

    public void Dispose()
    {
        _store.Dispose();
        _server.Dispose();
    }
}

/// <summary>The same with parts for every object of more than a few bytes.</summary>
public sealed class S3PartsContractTests : StoreContract, IDisposable
{
    private readonly S3Double _server = new();
    private readonly S3Store _store;

    public S3PartsContractTests() =>
        _store = new S3Store(
            S3StoreTests.OptionsFor(_server) with
            {
                PartsAboveBytes = 500,
                PartBytes = 9000,
            },
            TimeProvider.System,
            new SeededEntropy(1)
        );

    protected override IStore Store => _store;

    public void Dispose()
    {
        _store.Dispose();
        _server.Dispose();
    }
}
