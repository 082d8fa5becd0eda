using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Recovery;

/// <summary>Fetches one file from a <see cref="WalFeedServer"/>: what a <c>restore_command</c> does. Blocking: it is all the process does.</summary>
public static class WalFeedClient
{
    private const int BufferBytes = 1 << 20;
    private const int MaxTries = 3;

    /// <returns>False when the archive has no such file: the end of the WAL, for a recovering server.</returns>
    /// <exception cref="ResurgamException">Nobody serves there, or the server failed.</exception>
    public static bool Fetch(string socketPath, string name, string target)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Connect(new UnixDomainSocketEndPoint(socketPath));
                return Fetch(socket, name, target);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && tries < MaxTries)
            {
                // What waited for us was cleared away: asked again, the feed reads it anew and sends it.
            }
            catch (Exception e) when (e is SocketException or EndOfStreamException)
            {
                throw RecoveryProblems.NoFeed(socketPath, e);
            }
        }
    }

    private static bool Fetch(Socket socket, string name, string target)
    {
        socket.Send(Encoding.ASCII.GetBytes($"{name}{FindIdentifier()}\n"));
        Span<byte> head = stackalloc byte[9];
        Receive(socket, head);
        var length = BinaryPrimitives.ReadInt64LittleEndian(head[1..]);
        switch ((WalAnswer)head[0])
        {
            case WalAnswer.Found:
                Save(socket, length, target);
                return true;
            case WalAnswer.Ready:
                File.Move(ReceiveText(socket, length), target, overwrite: true);
                return true;
            case WalAnswer.Absent:
                return false;
            // The server has the file itself, from its base backup, and looks there when we have none.
            case WalAnswer.Gap when File.Exists(Path.Combine(Path.GetDirectoryName(target) ?? "", name)):
                return false;
            case WalAnswer.Failed or WalAnswer.Gap:
                throw RecoveryProblems.FeedFailed(ReceiveText(socket, length));
            default:
                throw new EndOfStreamException("it does not speak our protocol");
        }
    }

    /// <summary>PostgreSQL calls a restore_command in its data directory: the first field of its control file tells who it is.</summary>
    private static string FindIdentifier()
    {
        var path = Path.Combine("global", "pg_control");
        if (!File.Exists(path))
            return "";
        Span<byte> identifier = stackalloc byte[sizeof(ulong)];
        using var file = File.OpenHandle(path);
        return RandomAccess.Read(file, identifier, 0) == identifier.Length
            ? string.Create(CultureInfo.InvariantCulture, $" {BinaryPrimitives.ReadUInt64LittleEndian(identifier)}")
            : "";
    }

    private static void Save(Socket socket, long length, string target)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        using var file = File.OpenHandle(target, FileMode.Create, FileAccess.Write);
        for (var at = 0L; at < length; )
        {
            var read = socket.Receive(buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - at)));
            if (read == 0)
                throw new EndOfStreamException("the feed was cut off");
            RandomAccess.Write(file, buffer.AsSpan(0, read), at);
            at += read;
        }
    }

    private static string ReceiveText(Socket socket, long length)
    {
        var text = new byte[length];
        Receive(socket, text);
        return Encoding.UTF8.GetString(text);
    }

    private static void Receive(Socket socket, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var read = socket.Receive(bytes);
            if (read == 0)
                throw new EndOfStreamException("the feed was cut off");
            bytes = bytes[read..];
        }
    }
}
