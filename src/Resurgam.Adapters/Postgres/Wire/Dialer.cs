using System.Net.Sockets;
using Resurgam.Adapters.Network;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Opens the socket to a server.</summary>
internal static class Dialer
{
    /// <summary>TCP_USER_TIMEOUT of linux/tcp.h; .NET has no name for it.</summary>
    private const int TcpUserTimeout = 18;

    public static Task<Socket> DialAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        SocketDialer dialer = new((reason, cause) => PostgresProblems.Unreachable(settings.Server, reason, cause));
        return settings.IsUnixSocket
            ? dialer.DialUnixAsync(settings.Server, settings.BlocksThread, cancellationToken)
            : dialer.DialTcpAsync(
                settings.HostAddress ?? settings.Host,
                settings.Port,
                socket => SetOptions(socket, settings.Keepalive),
                cancellationToken
            );
    }

    private static void SetOptions(Socket socket, Keepalive keepalive)
    {
        if (!keepalive.IsOn)
            return;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(keepalive.Idle));
        socket.SetSocketOption(
            SocketOptionLevel.Tcp,
            SocketOptionName.TcpKeepAliveInterval,
            Seconds(keepalive.Interval)
        );
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, keepalive.Count);
        if (OperatingSystem.IsLinux())
        {
            Span<byte> milliseconds = stackalloc byte[sizeof(int)];
            BitConverter.TryWriteBytes(milliseconds, (int)keepalive.UserTimeout.TotalMilliseconds);
            socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpUserTimeout, milliseconds);
        }
    }

    private static int Seconds(TimeSpan time) => (int)Math.Max(1, time.TotalSeconds);
}
