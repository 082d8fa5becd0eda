using System.Net.Sockets;
using Resurgam.Adapters.Files;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Network;

/// <summary>The file of a unix socket.</summary>
public static class SocketFile
{
    /// <summary>Takes away what a process that was killed has left behind. A socket that somebody answers at stays: the binding tells.</summary>
    /// <exception cref="IOException">Something else lies there: it is left alone.</exception>
    public static void ClearLeft(string path)
    {
        // To connect to a plain file is refused as well, so that alone does not tell a dead socket.
        if (FileStatus.Find(path) is not { } status)
            return;
        if (status.Type != NodeType.Socket)
            throw new IOException($"{path} is no socket, and is left as it is");
        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
            // Nothing that we could open.
        }
    }
}
