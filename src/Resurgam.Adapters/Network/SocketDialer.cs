using System.Net;
using System.Net.Sockets;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Network;

/// <summary>Opens the socket to a server.</summary>
/// <param name="unreachable">Makes the problem of a server that is not reached, from the reason in words and its cause.</param>
internal sealed class SocketDialer(Func<string, Exception?, ResurgamException> unreachable)
{
    /// <param name="blocksThread">Connects by a call that blocks, which a server of this machine answers at once or refuses.</param>
    public async Task<Socket> DialUnixAsync(string path, bool blocksThread, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            UnixDomainSocketEndPoint endPoint = new(path);
            if (blocksThread)
                Connect(socket, endPoint);
            else
                await socket.ConnectAsync(endPoint, cancellationToken);
            return socket;
        }
        catch (Exception cause)
        {
            socket.Dispose();
            throw cause switch
            {
                SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => unreachable(
                    "there is no such socket",
                    cause
                ),
                SocketException or ArgumentException => unreachable(cause.Message, cause),
                _ => cause,
            };
        }
    }

    /// <summary>Tries each address of the host in turn.</summary>
    /// <param name="setUp">Sets a socket's options before it is connected.</param>
    public async Task<Socket> DialTcpAsync(
        string host,
        int port,
        Action<Socket> setUp,
        CancellationToken cancellationToken
    )
    {
        SocketException? last = null;
        foreach (var address in await ResolveAsync(host, cancellationToken))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                setUp(socket);
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return socket;
            }
            catch (SocketException cause)
            {
                socket.Dispose();
                last = cause;
            }
            catch (OperationCanceledException)
            {
                socket.Dispose();
                throw;
            }
        }
        throw unreachable(last?.Message ?? "the name has no address", last);
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await System.Net.Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (Exception cause) when (cause is SocketException or ArgumentException)
        {
            throw unreachable($"the name is not found ({cause.Message})", cause);
        }
    }

    private static void Connect(Socket socket, UnixDomainSocketEndPoint endPoint) => socket.Connect(endPoint);
}
