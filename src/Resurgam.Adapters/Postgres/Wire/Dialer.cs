using System.Net;
using System.Net.Sockets;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Opens the socket to a server.</summary>
internal static class Dialer
{
    /// <summary>TCP_USER_TIMEOUT of linux/tcp.h; .NET has no name for it.</summary>
    private const int TcpUserTimeout = 18;

    public static Task<Socket> DialAsync(ConnectionSettings settings, CancellationToken cancellationToken) =>
        settings.IsUnixSocket ? DialUnixAsync(settings, cancellationToken) : DialTcpAsync(settings, cancellationToken);

    private static async Task<Socket> DialUnixAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            var endPoint = new UnixDomainSocketEndPoint($"{settings.Host}/.s.PGSQL.{settings.Port}");
            if (settings.BlocksThread)
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
                SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => PostgresProblems.Unreachable(
                    settings.Server,
                    "there is no such socket",
                    cause
                ),
                SocketException or ArgumentException => PostgresProblems.Unreachable(
                    settings.Server,
                    cause.Message,
                    cause
                ),
                _ => cause,
            };
        }
    }

    /// <summary>By a call that blocks, which a server of this machine answers at once or refuses.</summary>
    private static void Connect(Socket socket, UnixDomainSocketEndPoint endPoint) => socket.Connect(endPoint);

    private static async Task<Socket> DialTcpAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        SocketException? last = null;
        foreach (var address in await ResolveAsync(settings, cancellationToken))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                SetOptions(socket, settings.Keepalive);
                await socket.ConnectAsync(new IPEndPoint(address, settings.Port), cancellationToken);
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
        throw PostgresProblems.Unreachable(settings.Server, last?.Message ?? "the name has no address", last);
    }

    private static async Task<IPAddress[]> ResolveAsync(
        ConnectionSettings settings,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await Dns.GetHostAddressesAsync(settings.HostAddress ?? settings.Host, cancellationToken);
        }
        catch (Exception cause) when (cause is SocketException or ArgumentException)
        {
            throw PostgresProblems.Unreachable(settings.Server, $"the name is not found ({cause.Message})", cause);
        }
    }

    private static void SetOptions(Socket socket, Keepalive keepalive)
    {
        socket.NoDelay = true;
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
