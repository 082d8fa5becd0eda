using System.Net;
using System.Net.Sockets;

namespace Resurgam.RealTests.Support;

/// <summary>Between clients and a server on loopback: it can hold everything back for a while, or be cut and mended.</summary>
internal sealed class CutNetwork : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<TcpClient> _sockets = [];
    private readonly List<Task> _running = [];
    private readonly int _serverPort;
    private TaskCompletionSource _flows = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isCut;
    private int _refusedCount;

    public CutNetwork(int serverPort)
    {
        _serverPort = serverPort;
        _flows.SetResult();
        _listener.Start();
        _running.Add(AcceptAsync());
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that were tried while it was cut.</summary>
    public int RefusedCount => Volatile.Read(ref _refusedCount);

    /// <summary>Nothing arrives any more, in neither direction, and no connection ends: as behind a firewall that drops.</summary>
    public void Hold()
    {
        lock (_gate)
            _flows = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>All that was held back arrives.</summary>
    public void Release() => Flows.TrySetResult();

    /// <summary>Every connection ends, and each new one at once.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _isCut = true;
            foreach (var socket in _sockets)
                socket.Dispose();
            _sockets.Clear();
        }
    }

    public void Mend()
    {
        lock (_gate)
            _isCut = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Release();
        Cut();
        Task[] running;
        lock (_gate)
            running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private TaskCompletionSource Flows
    {
        get
        {
            lock (_gate)
                return _flows;
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_end.Token);
            TcpClient server = new() { NoDelay = true };
            client.NoDelay = true;
            lock (_gate)
            {
                _sockets.AddRange([client, server]);
                if (!_isCut)
                    _running.Add(JoinAsync(client, server));
            }
            if (_isCut)
            {
                Cut();
                Interlocked.Increment(ref _refusedCount);
            }
        }
    }

    private async Task JoinAsync(TcpClient client, TcpClient server)
    {
        using (client)
        using (server)
        {
            await server.ConnectAsync(IPAddress.Loopback, _serverPort, _end.Token);
            var asking = PassAsync(client, server);
            await Task.WhenAny(asking, PassAsync(server, client));
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[16 << 10];
        for (int count; (count = await from.GetStream().ReadAsync(buffer, _end.Token)) > 0; )
        {
            await Flows.Task;
            await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _end.Token);
        }
    }
}
