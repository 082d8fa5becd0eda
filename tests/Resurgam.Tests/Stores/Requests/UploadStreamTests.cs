using Resurgam.Adapters.Stores.Requests;

namespace Resurgam.Tests.Stores.Requests;

public sealed class UploadStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Once_a_call_has_ended_nobody_reads_the_bytes_that_it_was_lent()
    {
        using StallWatch watch = new(TimeSpan.FromMinutes(1), TimeProvider.System, Token);
        byte[] lent = [1, 2, 3, 4];
        UploadStream body = new(lent, watch);
        var sent = new byte[2];
        Assert.Equal(2, await body.ReadAsync(sent, Token));

        await body.DisposeAsync(); // the HTTP client holds it still, and goes on
        lent.AsSpan().Fill(9); // another pack's

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await body.ReadExactlyAsync(sent, Token));
        Assert.Equal([1, 2], sent);
    }
}
