using System.Net;
using System.Net.Sockets;

namespace Resurgam.RealTests.Support;

/// <summary>Ports of this machine's own address.</summary>
internal static class Loopback
{
    /// <summary>A TCP port that nobody has right now; a server that finds it taken has to be started anew.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static bool Listens(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false; // not yet
        }
    }
}
