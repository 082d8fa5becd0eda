using System.Net;
using System.Net.Sockets;

namespace Resurgam.RealTests.Support;

/// <summary>Between a client and a server on loopback: passes a number of the server's bytes on, then cuts or changes them.</summary>
internal sealed class BadNetwork : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    /// <param name="isCut">True: the connection ends there; false: one bit is flipped there.</param>
    public BadNetwork(int serverPort, long afterBytes, bool isCut)
    {
        _listener.Start();
        _running = RunAsync(serverPort, afterBytes, isCut);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task RunAsync(int serverPort, long afterBytes, bool isCut)
    {
        using var client = await _listener.AcceptTcpClientAsync(_end.Token);
        using TcpClient server = new();
        await server.ConnectAsync(IPAddress.Loopback, serverPort, _end.Token);
        var asking = client.GetStream().CopyToAsync(server.GetStream(), _end.Token);
        var buffer = new byte[16 << 10];
        for (int count; (count = await server.GetStream().ReadAsync(buffer, _end.Token)) > 0; afterBytes -= count)
        {
            var isHere = afterBytes >= 0 && afterBytes < count;
            if (isHere && isCut)
                return;
            if (isHere)
                buffer[afterBytes] ^= 1;
            await client.GetStream().WriteAsync(buffer.AsMemory(0, count), _end.Token);
        }
        client.Close();
        await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
