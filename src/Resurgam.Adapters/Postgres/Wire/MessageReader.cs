using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Cuts the byte stream of a server into messages, in one buffer that is used again and again.</summary>
/// <remarks>One reader at a time. A read that was cancelled lost nothing: the next one goes on where it stood.</remarks>
/// <param name="stream">Plain or TLS.</param>
/// <param name="socket">What is below a plain stream; null for TLS, where readiness of the socket says nothing.</param>
/// <param name="server">Name of the server for messages.</param>
internal sealed class MessageReader(Stream stream, Socket? socket, string server)
{
    /// <summary>Two data messages of a base backup fit; a message of WAL (at most 128 KiB) lets it grow once.</summary>
    private const int UsualBytes = 64 * 1024;

    /// <summary>A larger buffer is given back after the message that needed it.</summary>
    private const int KeptBytes = 1024 * 1024;

    private const int HeaderBytes = 5;

    private byte[] _buffer = new byte[UsualBytes];
    private int _start;
    private int _end;

    /// <summary>Longest message that is believed, in bytes: small until the server is authenticated.</summary>
    public int LimitBytes { get; set; } = 64 * 1024;

    /// <summary>Type of the next message when all of it is here or can be had from the socket without waiting.</summary>
    public bool TryPeek(out byte type)
    {
        while (!IsWhole(out _))
        {
            if (socket is not { Available: > 0 })
            {
                type = 0;
                return false;
            }
            MakeRoom();
            _end += Received(Receive(socket));
        }
        type = _buffer[_start];
        return true;
    }

    /// <summary>The message that <see cref="TryPeek"/> announced.</summary>
    public BackendMessage ReadHere()
    {
        Core.Problems.Require.That(
            IsWhole(out var bodyBytes),
            "a message is announced before it is read without waiting"
        );
        return Take(bodyBytes);
    }

    /// <summary>The next message, which invalidates the one before.</summary>
    public ValueTask<BackendMessage> ReadAsync(CancellationToken cancellationToken) =>
        IsWhole(out var bodyBytes) ? ValueTask.FromResult(Take(bodyBytes)) : FillAsync(cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<BackendMessage> FillAsync(CancellationToken cancellationToken)
    {
        int bodyBytes;
        do
        {
            MakeRoom();
            try
            {
                _end += Received(await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken));
            }
            catch (IOException cause)
            {
                throw PostgresProblems.ConnectionLost(server, cause);
            }
        } while (!IsWhole(out bodyBytes));
        return Take(bodyBytes);
    }

    private int Receive(Socket ready)
    {
        try
        {
            return ready.Receive(_buffer.AsSpan(_end));
        }
        catch (SocketException cause)
        {
            throw PostgresProblems.ConnectionLost(server, cause);
        }
    }

    private int Received(int count) => count > 0 ? count : throw PostgresProblems.ConnectionLost(server, cause: null);

    private bool IsWhole(out int bodyBytes)
    {
        bodyBytes = 0;
        if (_end - _start < HeaderBytes)
            return false;
        bodyBytes = BodyBytes();
        return _end - _start - HeaderBytes >= bodyBytes;
    }

    private int BodyBytes()
    {
        // The length counts itself but not the type byte.
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + 1));
        return length >= 4 && length <= LimitBytes
            ? length - 4
            : throw PostgresProblems.Protocol($"message '{(char)_buffer[_start]}' claims a length of {length} bytes");
    }

    private BackendMessage Take(int bodyBytes)
    {
        var body = new ReadOnlyMemory<byte>(_buffer, _start + HeaderBytes, bodyBytes);
        var message = new BackendMessage(_buffer[_start], body);
        _start += HeaderBytes + bodyBytes;
        return message;
    }

    /// <summary>Makes the message that has begun fit, and leaves space to read into.</summary>
    private void MakeRoom()
    {
        var haveBytes = _end - _start;
        var neededBytes = haveBytes < HeaderBytes ? HeaderBytes : HeaderBytes + BodyBytes();
        if (_start == 0 && neededBytes <= _buffer.Length && (_buffer.Length <= KeptBytes || neededBytes > KeptBytes))
            return;
        var target = _buffer;
        if (neededBytes > _buffer.Length)
            target = new byte[RoundUp(neededBytes)];
        else if (_buffer.Length > KeptBytes && neededBytes <= UsualBytes)
            target = new byte[UsualBytes];
        _buffer.AsSpan(_start, haveBytes).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, haveBytes);
    }

    /// <summary>Doubles while that is cheap; a message of hundreds of megabytes gets just what it needs.</summary>
    private static int RoundUp(int neededBytes)
    {
        var size = UsualBytes;
        while (size < neededBytes && size < KeptBytes)
            size *= 2;
        return Math.Max(size, neededBytes);
    }
}
