using Resurgam.Adapters.Stores.S3;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Stores.S3;

public sealed class S3VaultTests : RemoteVaultContract
{
    private readonly S3Double _server = new();
    private readonly S3Store _store;

    public S3VaultTests() =>
        _store = new S3Store(
            S3StoreTests.OptionsFor(_server),
            new HastyTime(longestShort: TimeSpan.FromSeconds(10)),
            new SeededEntropy(1)
        );

    protected override IStore Store => _store;

    protected override HttpDouble Server => _server;

    protected override (string Unreachable, string Unavailable, IReadOnlyList<string> Expired) Codes =>
        ("s3-unreachable", "s3-unavailable", ["s3-credentials-expired", "s3-rejected"]);

    protected override void RefuseAsExpired() => _server.Refusal = (400, "ExpiredToken");

    protected override void RefuseAsKept() => _server.Refusal = (403, "AccessDenied");

    protected override void Dispose(bool disposing)
    {
        _store.Dispose();
        _server.Dispose();
    }
}
