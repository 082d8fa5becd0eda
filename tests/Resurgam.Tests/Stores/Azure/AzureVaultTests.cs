using Resurgam.Adapters.Stores.Azure;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Stores.Azure;

public sealed class AzureVaultTests : RemoteVaultContract
{
    private readonly AzureDouble _server = new();
    private readonly AzureStore _store;

    public AzureVaultTests() =>
        _store = new AzureStore(
            AzureStoreTests.OptionsFor(_server),
            new HastyTime(longestShort: TimeSpan.FromSeconds(10)),
            new SeededEntropy(1)
        );

    protected override IStore Store => _store;

    protected override HttpDouble Server => _server;

    protected override (string Unreachable, string Unavailable, IReadOnlyList<string> Expired) Codes =>
        ("azure-unreachable", "azure-unavailable", ["azure-credentials-expired", "azure-credentials"]);

    protected override void RefuseAsExpired() =>
        (_server.Refusal, _server.Message) = (
            (403, "AuthenticationFailed"),
            "Signature not valid in the specified time frame"
        );

    protected override void RefuseAsKept() => _server.Refusal = (409, "BlobImmutableDueToPolicy");

    protected override void Dispose(bool disposing)
    {
        _store.Dispose();
        _server.Dispose();
    }
}
