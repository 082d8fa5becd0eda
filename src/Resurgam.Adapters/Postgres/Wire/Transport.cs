using System.Net.Security;
using System.Net.Sockets;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>The bytes below the protocol: a socket, or TLS on one.</summary>
internal sealed class Transport : IAsyncDisposable
{
    private readonly Socket? _socket;

    /// <param name="stream">Owns the socket.</param>
    /// <param name="socket">Null in tests, where the stream is no network.</param>
    public Transport(Stream stream, Socket? socket, bool isLocal)
    {
        Stream = stream;
        _socket = socket;
        IsLocal = isLocal;
    }

    public Stream Stream { get; }

    /// <summary>A unix socket: nobody listens in.</summary>
    public bool IsLocal { get; }

    public bool IsEncrypted => Stream is SslStream;

    /// <summary>Null where readiness of the socket says nothing about bytes for us.</summary>
    public Socket? ReadySocket => IsEncrypted ? null : _socket;

    /// <summary>Data of the channel binding <c>tls-server-end-point</c>; null where there is none.</summary>
    public byte[]? ServerEndPoint { get; init; }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
