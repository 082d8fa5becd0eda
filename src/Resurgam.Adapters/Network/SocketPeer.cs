using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using Resurgam.Adapters.Files;

namespace Resurgam.Adapters.Network;

/// <summary>Who is at the other end of a unix socket, as the kernel says it.</summary>
public static class SocketPeer
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>struct ucred: process, user, group, four bytes each.</summary>
    private const int UcredBytes = 12;

    /// <returns>Its user's name, or number when it has none; null for a socket of another family.</returns>
    public static string? FindUser(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix)
            return null;
        Span<byte> ucred = stackalloc byte[UcredBytes];
        socket.GetRawSocketOption(SolSocket, SoPeerCred, ucred);
        var id = BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(ucred[4..])
            : BinaryPrimitives.ReadUInt32BigEndian(ucred[4..]);
        return UserNames.Read().UserOf(id) ?? id.ToString(CultureInfo.InvariantCulture);
    }
}
