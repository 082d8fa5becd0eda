using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Resurgam.Adapters.Network;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Redis.Wire;

/// <summary>A session with a Redis server: commands one after the other, and in the end perhaps a transfer. Not thread-safe.</summary>
/// <remarks>In RESP2 ("Redis serialization protocol specification"), which is what replicas speak.</remarks>
public sealed class RedisConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly RespReader _reader;
    private readonly SemaphoreSlim _sending = new(1);

    private RedisConnection(Stream stream, ConnectionSettings settings, TimeProvider time)
    {
        _stream = stream;
        Server = settings.Server;
        _reader = new RespReader(stream, settings.Server, settings.SilenceLimit, time);
    }

    /// <summary>For messages.</summary>
    public string Server { get; }

    /// <summary>Connects and logs in.</summary>
    public static async Task<RedisConnection> OpenAsync(
        ConnectionSettings settings,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        using var deadline = new CancellationTokenSource(settings.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        Stream? stream = null;
        var isInTls = false;
        try
        {
            stream = await Dialer.DialAsync(settings, either.Token);
            isInTls = settings is { Tls: not null, Socket: null };
            if (settings is { Tls: { } trust, Socket: null })
                stream = await TlsStart.BeginAsync(stream, settings, trust, either.Token);
            isInTls = false;
            RedisConnection session = new(stream, settings, time);
            await session.LogInAsync(settings, either.Token);
            return session;
        }
        catch (Exception cause)
        {
            if (stream is not null)
                await stream.DisposeAsync();
            if (cause is ResurgamException failure && settings is { Tls: { } ours, Socket: null })
                throw RefusalOf(failure, settings.Server, ours);
            if (cause is not OperationCanceledException || cancellationToken.IsCancellationRequested)
                throw;
            var silence = string.Create(
                CultureInfo.InvariantCulture,
                $"it did not answer within {settings.ConnectTimeout.TotalSeconds:0} s"
            );
            // A server without TLS waits for the end of a line, which a greeting in TLS may never bring.
            throw isInTls
                ? RedisProblems.TlsFailed(settings.Server, silence, cause)
                : RedisProblems.Unreachable(settings.Server, silence, cause);
        }
    }

    /// <summary>Sends a command and reads its answer.</summary>
    /// <exception cref="ResurgamException">The server refuses it (<c>redis-*</c>).</exception>
    public Task<RespValue> AskAsync(IReadOnlyList<string> words, CancellationToken cancellationToken) =>
        AskAsync([.. words.Select(Encoding.UTF8.GetBytes)], cancellationToken);

    /// <inheritdoc cref="AskAsync(IReadOnlyList{string}, CancellationToken)"/>
    public async Task<RespValue> AskAsync(IReadOnlyList<byte[]> words, CancellationToken cancellationToken)
    {
        var answer = await TryAskAsync(words, cancellationToken);
        return answer is RespValue.Refusal error
            ? throw RedisProblems.FromServer(Server, Encoding.UTF8.GetString(words[0]), error.Text)
            : answer;
    }

    /// <summary>Sends a command that this server may not know, or not allow us.</summary>
    /// <returns>Its answer, which may be a <see cref="RespValue.Refusal"/>.</returns>
    public Task<RespValue> TryAskAsync(IReadOnlyList<string> words, CancellationToken cancellationToken) =>
        TryAskAsync([.. words.Select(Encoding.UTF8.GetBytes)], cancellationToken);

    /// <summary>What the server says of itself: <c>name:value</c> lines.</summary>
    /// <param name="section">Only this one; null: its usual sections.</param>
    public async Task<IReadOnlyDictionary<string, string>> ReadInfoAsync(
        CancellationToken cancellationToken,
        string? section = null
    )
    {
        IReadOnlyList<string> words = section is null ? ["INFO"] : ["INFO", section];
        var text = (await AskAsync(words, cancellationToken)).AsText;
        Dictionary<string, string> facts = new(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
            if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && line[0] != '#')
                facts[line[..colon]] = line[(colon + 1)..];
        return facts;
    }

    /// <summary>Asks for all data as a replica does; the session is of no other use afterwards.</summary>
    /// <returns>When the server begins to send, which may be after it has written a file.</returns>
    public async Task<RdbTransfer> BeginTransferAsync(CancellationToken cancellationToken)
    {
        await AskAsync(["REPLCONF", "capa", "eof", "capa", "psync2"], cancellationToken);
        // From Redis 7 on: the server keeps no command stream for us, so that a slow vault costs it no memory.
        await TryAskAsync(["REPLCONF", "rdb-only", "1"], cancellationToken);
        var answer = (await AskAsync(["PSYNC", "?", "-1"], cancellationToken)).AsText;
        return await BeginTransferAsync(answer, cancellationToken);
    }

    /// <summary>Asks for the command stream as a replica does; the session is of no other use afterwards.</summary>
    /// <param name="from">What we have already; null: nothing.</param>
    /// <returns>Whether it goes on there, or all data come first.</returns>
    public async Task<StreamAnswer> BeginStreamAsync(ReplicationPoint? from, CancellationToken cancellationToken)
    {
        await AskAsync(["REPLCONF", "capa", "eof", "capa", "psync2"], cancellationToken);
        IReadOnlyList<string> psync = from is null
            ? ["PSYNC", "?", "-1"]
            : ["PSYNC", from.Id, (from.Offset + 1).ToString(CultureInfo.InvariantCulture)];
        var answer = (await AskAsync(psync, cancellationToken)).AsText;
        return answer.Split(' ') switch
        {
            ["CONTINUE"] when from is not null => new StreamAnswer.Continues(from.Id),
            ["CONTINUE", var id] when from is not null => new StreamAnswer.Continues(id),
            _ => new StreamAnswer.Begins(await BeginTransferAsync(answer, cancellationToken)),
        };
    }

    /// <summary>Bytes of the command stream as they come.</summary>
    /// <returns>At least one.</returns>
    public ValueTask<int> ReadStreamAsync(Memory<byte> into, CancellationToken cancellationToken) =>
        _reader.ReadSomeAsync(into, cancellationToken);

    /// <summary>Tells the server up to where we have its stream, on disk; it answers nothing. Thread-safe.</summary>
    public async Task AcknowledgeAsync(long offset, CancellationToken cancellationToken)
    {
        var count = offset.ToString(CultureInfo.InvariantCulture);
        // FACK is what WAITAOF asks for (Redis 7.2); older servers look at the first pair only.
        string[] words = ["REPLCONF", "ACK", count, "FACK", count];
        await SendAsync([.. words.Select(Encoding.UTF8.GetBytes)], cancellationToken);
    }

    private async Task<RdbTransfer> BeginTransferAsync(string answer, CancellationToken cancellationToken)
    {
        if (
            answer.Split(' ') is not ["FULLRESYNC", var id, var written]
            || !long.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
        )
            throw RedisProblems.Protocol(Server, $"'{answer}' to PSYNC");
        var header = await _reader.ReadLineAsync(cancellationToken);
        while (header.Length == 0) // it still writes
            header = await _reader.ReadLineAsync(cancellationToken);
        if (header.StartsWith('-'))
            throw RedisProblems.FromServer(Server, "PSYNC", header[1..]);
        return RdbTransfer.Begin(_reader, Server, new ReplicationPoint(id, offset), header);
    }

    public ValueTask DisposeAsync()
    {
        _sending.Dispose();
        return _stream.DisposeAsync();
    }

    /// <summary>A server that does not take our certificate, or wants one, says so when the handshake is over: our first read fails.</summary>
    private static ResurgamException RefusalOf(ResurgamException failure, string server, TlsTrust trust) =>
        failure is { Problem.Code: RedisProblems.ConnectionLostCode, InnerException.InnerException: { } alert }
        && alert is not SocketException
            ? RedisProblems.ClientRefused(server, TlsFiles.ReasonOf(alert), trust.Certificate is not null, failure)
            : failure;

    private async Task LogInAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Password is { } password)
        {
            var secret = password.Bytes.ToArray();
            IReadOnlyList<byte[]> words = settings.User is { } user
                ? ["AUTH"u8.ToArray(), Encoding.UTF8.GetBytes(user), secret]
                : ["AUTH"u8.ToArray(), secret];
            await AskAsync(words, cancellationToken);
        }
        // What is wrong (no password, protected mode, too many clients) is told here, not in the middle of work.
        if (await TryAskAsync(["PING"], cancellationToken) is RespValue.Refusal error && IsFatal(error.Text))
            throw RedisProblems.FromServer(Server, "PING", error.Text);
    }

    /// <summary>A user without the right to PING may have all that is needed.</summary>
    private static bool IsFatal(string error) =>
        !error.StartsWith("NOPERM", StringComparison.Ordinal)
        && !error.StartsWith("LOADING", StringComparison.Ordinal)
        && !error.StartsWith("MASTERDOWN", StringComparison.Ordinal);

    /// <inheritdoc cref="TryAskAsync(IReadOnlyList{string}, CancellationToken)"/>
    public async Task<RespValue> TryAskAsync(IReadOnlyList<byte[]> words, CancellationToken cancellationToken)
    {
        await SendAsync(words, cancellationToken);
        return await _reader.ReadAsync(cancellationToken);
    }

    private async Task SendAsync(IReadOnlyList<byte[]> words, CancellationToken cancellationToken)
    {
        using MemoryStream message = new();
        message.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*{words.Count}\r\n")));
        foreach (var word in words)
        {
            message.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${word.Length}\r\n")));
            message.Write(word);
            message.Write("\r\n"u8);
        }
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _stream.WriteAsync(message.GetBuffer().AsMemory(0, (int)message.Length), cancellationToken);
        }
        catch (Exception cause) when (cause is IOException or SocketException)
        {
            throw RedisProblems.ConnectionLost(Server, cause);
        }
        finally
        {
            _sending.Release();
        }
    }
}
