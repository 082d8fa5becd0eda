using System.Net.Sockets;
using Resurgam.Adapters.Network;

namespace Resurgam.Adapters.Redis.Wire;

/// <summary>Opens the socket to a server.</summary>
internal static class Dialer
{
    public static async Task<Stream> DialAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        SocketDialer dialer = new((reason, cause) => RedisProblems.Unreachable(settings.Server, reason, cause));
        var socket = settings.Socket is { } path
            ? await dialer.DialUnixAsync(path, blocksThread: false, cancellationToken)
            : await dialer.DialTcpAsync(settings.Host ?? "", settings.Port, KeepAlive, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static void KeepAlive(Socket socket) =>
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
}
