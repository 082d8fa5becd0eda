using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Resurgam.Core.Ledgers;

/// <summary>The canonical bytes of an entry. Layout: docs/formats/ledger.md.</summary>
public static class LedgerLine
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";
    private const int MaxNameBytes = 200;

    /// <summary>Printable ASCII without what JSON escapes: a header never needs an escape.</summary>
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create(
        " !#$%'()*,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~"u8
    );

    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);

    private static ReadOnlySpan<byte> BeforeSignature => ",\"sig\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}\n"u8;

    /// <summary>Signs and writes an entry.</summary>
    public static LedgerEntry Sign(
        LedgerHead after,
        LedgerFact fact,
        DateTimeOffset time,
        string actor,
        string program,
        ILedgerSigner signer
    )
    {
        Require(EntryKind.IsValid(Encoding.UTF8.GetBytes(fact.Kind)), fact.Kind);
        Require(LedgerBody.IsCanonical(fact.Body), fact.Kind);
        var header = string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"v\":1,\"stream\":\"{after.Stream}\",\"seq\":{after.Seq + 1},\"time\":\"{time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}\",\"prev\":\"{after.Hash.Hex}\",\"key\":\"{signer.Key.Id}\",\"actor\":\"{Tame(actor)}\",\"program\":\"{Tame(program)}\",\"kind\":\"{fact.Kind}\",\"body\":"
        );
        byte[] signed = [.. Encoding.ASCII.GetBytes(header), .. fact.Body.Span, (byte)'}'];
        var signature = Encoding.ASCII.GetBytes(Convert.ToBase64String(signer.Sign(signed)));
        byte[] line = [.. signed.AsSpan(..^1), .. BeforeSignature, .. signature, .. End];
        return TryRead(line, out var fault)
            ?? throw new System.Diagnostics.UnreachableException($"an entry of ours does not read back: {fault}");
    }

    /// <summary>What the signature is over: the line without its signature and its line break, again one JSON object.</summary>
    public static byte[] SignedBytes(ReadOnlySpan<byte> line)
    {
        var at = line.LastIndexOf(BeforeSignature);
        return [.. line[..at], (byte)'}'];
    }

    /// <param name="line">With its line break; kept by the entry.</param>
    /// <param name="fault">Why it is no entry, in words.</param>
    /// <returns>Null unless it is in canonical form, byte for byte.</returns>
    public static LedgerEntry? TryRead(ReadOnlyMemory<byte> line, out string fault)
    {
        Cursor at = new(line.Span);
        var text = line.Span;
        var signatureAt = text.LastIndexOf(BeforeSignature);
        fault = "it is not a line of the ledger in its canonical form";
        if (
            signatureAt < 0
            || !text.EndsWith(End)
            || !at.Skip("{\"v\":1,\"stream\":\""u8)
            || !at.Take(MaxNameBytes, out var stream)
            || !at.Skip("\",\"seq\":"u8)
            || !at.TakeNumber(out var seq)
            || !at.Skip(",\"time\":\""u8)
            || !at.Take(28, out var time)
            || !at.Skip("\",\"prev\":\""u8)
            || !at.Take(64, out var previous)
            || !at.Skip("\",\"key\":\""u8)
            || !at.Take(LedgerKeyId.Length, out var key)
            || !at.Skip("\",\"actor\":\""u8)
            || !at.Take(MaxNameBytes, out var actor)
            || !at.Skip("\",\"program\":\""u8)
            || !at.Take(MaxNameBytes, out var program)
            || !at.Skip("\",\"kind\":\""u8)
            || !at.Take(MaxNameBytes, out var kind)
            || !at.Skip("\",\"body\":"u8)
            || at.Position > signatureAt
        )
            return null;
        var body = line[at.Position..signatureAt];
        var signature = TrySignature(text[(signatureAt + BeforeSignature.Length)..^End.Length]);
        if (
            !StreamName.TryParse(Encoding.ASCII.GetString(stream), out var streamName)
            || TryTime(time) is not { } writtenAt
            || !IsLowerHex(previous)
            || !EntryHash.TryParse(Encoding.ASCII.GetString(previous), out var previousHash)
            || key.Length != LedgerKeyId.Length
            || !IsLowerHex(key)
            || !EntryKind.IsValid(kind)
            || signature is null
            || !LedgerBody.IsCanonical(body)
        )
            return null;
        fault = "";
        return new LedgerEntry
        {
            Stream = streamName,
            Seq = seq,
            Time = writtenAt,
            Previous = previousHash,
            Key = new LedgerKeyId(Encoding.ASCII.GetString(key)),
            Actor = Encoding.ASCII.GetString(actor),
            Program = Encoding.ASCII.GetString(program),
            Kind = Encoding.ASCII.GetString(kind),
            Body = body,
            Signature = signature,
            Line = line,
            Hash = EntryHash.Of(text),
        };
    }

    /// <summary>Names of users and hosts as they may stand in a header; what may not becomes an underscore.</summary>
    private static string Tame(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name.Length == 0 ? "_" : name);
        var kept = bytes.AsSpan(0, Math.Min(bytes.Length, MaxNameBytes));
        for (var i = kept.IndexOfAnyExcept(NameBytes); i >= 0; i = kept.IndexOfAnyExcept(NameBytes))
            kept[i] = (byte)'_';
        return Encoding.ASCII.GetString(kept);
    }

    /// <summary>Other base64 of the same signature would be another line that verifies as well.</summary>
    private static byte[]? TrySignature(ReadOnlySpan<byte> base64)
    {
        Span<byte> bytes = stackalloc byte[96];
        Span<byte> again = stackalloc byte[128];
        if (
            base64.Length > again.Length
            || Base64.DecodeFromUtf8(base64, bytes, out var read, out var length) != OperationStatus.Done
            || read != base64.Length
            || Base64.EncodeToUtf8(bytes[..length], again, out _, out var written) != OperationStatus.Done
            || !again[..written].SequenceEqual(base64)
        )
            return null;
        return bytes[..length].ToArray();
    }

    private static DateTimeOffset? TryTime(ReadOnlySpan<byte> text) =>
        DateTime.TryParseExact(
            Encoding.ASCII.GetString(text),
            TimeFormat,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? new DateTimeOffset(time, TimeSpan.Zero)
            : null;

    private static bool IsLowerHex(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept(LowerHex);

    private static void Require(bool condition, string kind) =>
        Problems.Require.That(condition, $"the entry '{kind}' has a body and a kind in canonical form");

    private ref struct Cursor(ReadOnlySpan<byte> line)
    {
        private readonly ReadOnlySpan<byte> _line = line;

        public int Position { get; private set; }

        public bool Skip(ReadOnlySpan<byte> literal)
        {
            if (!_line[Position..].StartsWith(literal))
                return false;
            Position += literal.Length;
            return true;
        }

        /// <summary>Up to the next quote: at least one byte, at most so many.</summary>
        public bool Take(int maxBytes, out ReadOnlySpan<byte> text)
        {
            var length = _line[Position..].IndexOfAnyExcept(NameBytes);
            text = length > 0 && length <= maxBytes ? _line.Slice(Position, length) : default;
            Position += text.Length;
            return !text.IsEmpty;
        }

        /// <summary>A positive number without a sign or a zero in front.</summary>
        public bool TakeNumber(out long number)
        {
            var rest = _line[Position..];
            if (!Utf8Parser.TryParse(rest, out number, out var length) || rest[0] is < (byte)'1' or > (byte)'9')
                return false;
            Position += length;
            return true;
        }
    }
}
