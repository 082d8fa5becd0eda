using System.Net;
using System.Net.Sockets;

namespace Resurgam.Adapters.Redis.Wire;

/// <summary>Opens the socket to a server.</summary>
internal static class Dialer
{
    public static Task<Stream> DialAsync(ConnectionSettings settings, CancellationToken cancellationToken) =>
        settings.Socket is { } path
            ? DialUnixAsync(settings, path, cancellationToken)
            : DialTcpAsync(settings, cancellationToken);

    private static async Task<Stream> DialUnixAsync(
        ConnectionSettings settings,
        string path,
        CancellationToken cancellationToken
    )
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception cause)
        {
            socket.Dispose();
            throw cause switch
            {
                SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => RedisProblems.Unreachable(
                    settings.Server,
                    "there is no such socket",
                    cause
                ),
                SocketException or ArgumentException => RedisProblems.Unreachable(
                    settings.Server,
                    cause.Message,
                    cause
                ),
                _ => cause,
            };
        }
    }

    private static async Task<Stream> DialTcpAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        SocketException? last = null;
        foreach (var address in await ResolveAsync(settings, cancellationToken))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                await socket.ConnectAsync(new IPEndPoint(address, settings.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
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
        throw RedisProblems.Unreachable(settings.Server, last?.Message ?? "the name has no address", last);
    }

    private static async Task<IPAddress[]> ResolveAsync(
        ConnectionSettings settings,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await Dns.GetHostAddressesAsync(settings.Host ?? "", cancellationToken);
        }
        catch (Exception cause) when (cause is SocketException or ArgumentException)
        {
            throw RedisProblems.Unreachable(settings.Server, $"the name is not found ({cause.Message})", cause);
        }
    }
}
