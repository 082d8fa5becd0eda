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

    /// <summary>What .NET makes of ENOENT.</summary>
    private const SocketError Absent = SocketError.AddressNotAvailable;

    /// <summary>Whether somebody serves there right now.</summary>
    public static bool IsServed(string socketPath)
    {
        if (!File.Exists(socketPath))
            return false;
        try
        {
            using var socket = Connect(socketPath);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <exception cref="ResurgamException">The feed failed or ended halfway, or the target cannot be written.</exception>
    public static WalFetchOutcome Fetch(string socketPath, string name, string target)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return Fetch(socketPath, name, target, hasTarget: false)
                    ? WalFetchOutcome.Fetched
                    : WalFetchOutcome.Absent;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && tries < MaxTries)
            {
                // What waited for us was cleared away: asked again, the feed reads it anew and sends it.
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or Absent)
            {
                return WalFetchOutcome.NobodyServes;
            }
            catch (Exception e) when (e is SocketException or EndOfStreamException)
            {
                throw RecoveryProblems.CutOff(socketPath, e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw RecoveryProblems.NotWritten(target, e);
            }
        }
    }

    private static Socket Connect(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool Fetch(string socketPath, string name, string target, bool hasTarget)
    {
        using var socket = Connect(socketPath);
        var identifier = FindIdentifier();
        var word = hasTarget ? $" {WalFeedServer.TargetWord}" : "";
        socket.Send(Encoding.ASCII.GetBytes($"{name}{identifier}{word}\n"));
        Span<byte> head = stackalloc byte[9];
        Receive(socket, head);
        var length = BinaryPrimitives.ReadInt64LittleEndian(head[1..]);
        switch ((WalAnswer)head[0])
        {
            case WalAnswer.Found:
                Save(socket, length, target);
                return !KeptSegment.ReachesFurther(name, target);
            case WalAnswer.Ready:
                File.Move(ReceiveText(socket, length), target, overwrite: true);
                return true;
            case WalAnswer.Absent:
                return false;
            case WalAnswer.Gap:
                var text = ReceiveText(socket, length);
                // From its base backup the server has it itself, and looks there when we have none.
                if (KeptSegment.IsWhole(name, target))
                    return false;
                // Before a gap a server with a target may end: it refuses to come up unless that is reached.
                if (!hasTarget && RecoveryGoal.IsSet("."))
                    return Fetch(socketPath, name, target, hasTarget: true);
                throw RecoveryProblems.FeedFailed(text);
            case WalAnswer.Failed:
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
        // For the server's eyes alone, whatever the umask.
        FileStreamOptions ours = new()
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using FileStream file = new(target, ours);
        for (var at = 0L; at < length; )
        {
            var read = socket.Receive(buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - at)));
            if (read == 0)
                throw new EndOfStreamException("the feed was cut off");
            file.Write(buffer.AsSpan(0, read));
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

public enum WalFetchOutcome
{
    Fetched,

    /// <summary>The archive has no such file: the end of the WAL, for a recovering server.</summary>
    Absent,

    /// <summary>There is no such socket, or it was left behind by a feed that was killed.</summary>
    NobodyServes,
}
