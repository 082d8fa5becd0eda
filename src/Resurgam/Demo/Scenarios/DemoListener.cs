using System.Net;
using System.Net.Sockets;

namespace Resurgam.Demo.Scenarios;

/// <summary>Answers requests of this machine, one after the other.</summary>
internal sealed class DemoListener : IAsyncDisposable
{
    /// <summary>A wait for a request is not always told that the listener is closed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    private readonly HttpListener _listener = new();
    private readonly TimeProvider _time;
    private readonly Task _serving;

    private DemoListener(int port, TimeProvider time, Func<HttpListenerRequest, Task<HttpStatusCode>> answer)
    {
        _time = time;
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _serving = ServeAsync(answer);
    }

    public static DemoListener Start(
        int port,
        TimeProvider time,
        Func<HttpListenerRequest, Task<HttpStatusCode>> answer
    ) => new(port, time, answer);

    /// <summary>A port that nobody uses just now.</summary>
    public static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await Task.WhenAny(_serving, Task.Delay(Grace, _time));
    }

    private async Task ServeAsync(Func<HttpListenerRequest, Task<HttpStatusCode>> answer)
    {
        while (_listener.IsListening)
            try
            {
                var context = await _listener.GetContextAsync();
                context.Response.StatusCode = (int)await answer(context.Request);
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Closed, or the other side hung up.
            }
    }
}
