using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Resurgam.Adapters.Dns.Wire;
using Resurgam.Adapters.Network;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Dns;

/// <summary>A name server, asked by TCP: each question on a connection of its own.</summary>
/// <remarks>RFC 7766: all servers have to answer there, and no answer is too long.</remarks>
internal sealed class DnsServer(string host, int port)
{
    private const int RecursionDesired = 1 << 8;
    private const int NameError = 3;
    private const ushort In = 1;

    public string Address => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");

    /// <param name="text"><c>HOST</c>, <c>HOST:PORT</c> or <c>[HOST]:PORT</c>.</param>
    public static DnsServer Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return
            colon > 0
            && (text.IndexOf(':') == colon || text[colon - 1] == ']')
            && ushort.TryParse(text[(colon + 1)..], CultureInfo.InvariantCulture, out var port)
            ? new DnsServer(text[..colon].Trim('[', ']'), port)
            : new DnsServer(text.Trim('[', ']'), 53);
    }

    /// <returns>What it answers with; nothing when there is none.</returns>
    public async Task<RecordSet> AskAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        var id = NewId();
        DnsWriter question = new();
        question.Number16(id).Number16(RecursionDesired).Number16(1).Number16(0).Number16(0).Number16(0);
        question.Name(name).Number16(RecordText.NumberOf(type)).Number16(In);
        var (answer, _) = await ExchangeAsync(question.ToBytes(), id, cancellationToken);
        if (answer.Code is not (0 or NameError))
            throw DnsProblems.Refused(Address, $"to tell {name}", answer.Code);
        var number = RecordText.NumberOf(type);
        var whole = $"{name.TrimEnd('.').ToLowerInvariant()}.";
        var records = answer.Answers.Where(each => each.Type == number && each.Name == whole).ToList();
        try
        {
            return records.Count == 0
                ? RecordSet.Nothing
                : new RecordSet(
                    [.. records.Select(each => RecordText.FromWire(type, each.Data)).Order(StringComparer.Ordinal)],
                    TimeSpan.FromSeconds(records.Min(each => each.Ttl))
                );
        }
        catch (FormatException e)
        {
            throw DnsProblems.Malformed(Address, e.Message);
        }
    }

    /// <returns>The answer's RCODE; it is by somebody who has the key.</returns>
    public async Task<int> UpdateAsync(
        UpdateMessage update,
        Tsig key,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var (message, mac) = key.Sign(update.ToBytes(), time.GetUtcNow());
        var (answer, bytes) = await ExchangeAsync(message, update.Id, cancellationToken);
        return key.FaultOf(bytes, mac, time.GetUtcNow()) is { } fault
            ? throw (
                answer.Code == 0
                    ? DnsProblems.Malformed(Address, fault)
                    : DnsProblems.Refused(Address, $"the update ({fault})", answer.Code)
            )
            : answer.Code;
    }

    public static ushort NewId() => (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);

    private async Task<(DnsMessage Answer, byte[] Bytes)> ExchangeAsync(
        byte[] message,
        ushort id,
        CancellationToken cancellationToken
    )
    {
        SocketDialer dialer = new((reason, cause) => DnsProblems.Unreachable(Address, reason, cause));
        using var socket = await dialer.DialTcpAsync(host, port, _ => { }, cancellationToken);
        await using NetworkStream stream = new(socket, ownsSocket: false);
        byte[] bytes;
        try
        {
            await stream.WriteAsync(
                new DnsWriter().Number16(message.Length).Bytes(message).ToBytes(),
                cancellationToken
            );
            var length = new byte[2];
            await stream.ReadExactlyAsync(length, cancellationToken);
            bytes = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(bytes, cancellationToken);
        }
        catch (IOException cause)
        {
            throw DnsProblems.Unreachable(Address, cause.Message, cause);
        }
        return DnsMessage.TryRead(bytes) is { IsAnswer: true } answer && answer.Id == id
            ? (answer, bytes)
            : throw DnsProblems.Malformed(Address, "it is no answer to our question");
    }
}
