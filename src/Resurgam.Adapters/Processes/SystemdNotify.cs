using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Resurgam.Adapters.Processes;

/// <summary>Tells systemd how we are: sd_notify(3), a datagram on the socket that it names. Without systemd it does nothing.</summary>
public sealed class SystemdNotify
{
    private readonly UnixDomainSocketEndPoint? _socket;

    /// <param name="variable">The environment: <c>NOTIFY_SOCKET</c>, <c>WATCHDOG_USEC</c>.</param>
    public SystemdNotify(Func<string, string?> variable)
    {
        if (variable("NOTIFY_SOCKET") is not { Length: > 1 } path)
            return;
        // An @ stands for the zero byte that begins a name outside of the file system.
        _socket = new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path);
        if (
            long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            && limit > 0
        )
            WatchdogPeriod = TimeSpan.FromMicroseconds(limit / 2.0);
    }

    /// <summary>So often <see cref="Alive"/> has to be called; null: nobody waits for it.</summary>
    public TimeSpan? WatchdogPeriod { get; }

    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    public void Status(string status) => Send($"STATUS={status}");

    public void Alive() => Send("WATCHDOG=1");

    public void Stopping() => Send("STOPPING=1");

    private void Send(string text)
    {
        if (_socket is null)
            return;
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(text), _socket);
        }
        catch (SocketException)
        {
            // systemd restarts what it does not hear from: that is the answer to this, too.
        }
    }
}
