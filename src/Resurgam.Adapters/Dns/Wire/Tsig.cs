using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Resurgam.Adapters.Dns.Wire;

/// <summary>Signs a message to a server, and checks that its answer is by somebody who has the key.</summary>
/// <remarks>RFC 8945, with hmac-sha256.</remarks>
internal sealed class Tsig(string keyName, byte[] key)
{
    private const string Algorithm = "hmac-sha256.";
    private const ushort AnyClass = 255;
    private const int AdditionalCount = 10;

    /// <summary>How far the clocks may be apart.</summary>
    private const int FudgeSeconds = 300;

    /// <returns>The signed message, and the code that the answer stands on.</returns>
    public (byte[] Message, byte[] Mac) Sign(byte[] message, DateTimeOffset now)
    {
        var signedAt = now.ToUnixTimeSeconds();
        var mac = MacOf([], message, Variables(signedAt, FudgeSeconds, error: 0, []));
        DnsWriter data = new();
        data.Name(Algorithm).Number48(signedAt).Number16(FudgeSeconds).Number16(mac.Length).Bytes(mac);
        data.Bytes(message.AsSpan(0, 2)).Number16(0).Number16(0);
        var record = new DnsWriter().Record(keyName, DnsRecord.Tsig, AnyClass, 0, data.ToBytes()).ToBytes();
        byte[] whole = [.. message, .. record];
        AddAdditional(whole, 1);
        return (whole, mac);
    }

    /// <returns>Null when all is well; else what is wrong, in words.</returns>
    public string? FaultOf(byte[] answer, byte[] requestMac, DateTimeOffset now)
    {
        if (DnsMessage.TryRead(answer) is not { Additional: [.., { Type: DnsRecord.Tsig } record] })
            return "it is not signed";
        if (
            Signature.TryRead(record.Data) is not { } data
            || record is not { Class: AnyClass, Ttl: 0 }
            || data.Algorithm != Algorithm
            || !record.Name.TrimEnd('.').Equals(keyName.TrimEnd('.'), StringComparison.OrdinalIgnoreCase)
        )
            return "its signature is of another kind";
        if (data.Error is var error and not 0)
            return error switch
            {
                16 => "the server made another signature of it: the key's bytes differ (BADSIG)",
                17 => $"the server knows no key {keyName} (BADKEY)",
                18 => "the clocks are too far apart (BADTIME)",
                _ => $"the server reports error {error} of the signature",
            };
        var plain = answer[..record.StartOffset];
        AddAdditional(plain, -1);
        BinaryPrimitives.WriteUInt16BigEndian(plain, data.OriginalId);
        var mac = MacOf(requestMac, plain, Variables(data.SignedAt, data.FudgeSeconds, data.Error, data.Other));
        if (!CryptographicOperations.FixedTimeEquals(mac, data.Mac))
            return "its signature is by another key";
        return Math.Abs(now.ToUnixTimeSeconds() - data.SignedAt) > FudgeSeconds
            ? "it was signed at another time"
            : null;
    }

    private byte[] MacOf(byte[] requestMac, byte[] message, byte[] variables)
    {
        DnsWriter all = new();
        if (requestMac.Length > 0)
            all.Number16(requestMac.Length).Bytes(requestMac);
        return HMACSHA256.HashData(key, all.Bytes(message).Bytes(variables).ToBytes());
    }

    private byte[] Variables(long signedAt, int fudgeSeconds, int error, byte[] other) =>
        new DnsWriter()
            .Name(keyName)
            .Number16(AnyClass)
            .Number32(0)
            .Name(Algorithm)
            .Number48(signedAt)
            .Number16(fudgeSeconds)
            .Number16(error)
            .Number16(other.Length)
            .Bytes(other)
            .ToBytes();

    private static void AddAdditional(byte[] message, int count)
    {
        var field = message.AsSpan(AdditionalCount);
        BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(field) + count));
    }

    private sealed record Signature
    {
        public required string Algorithm { get; init; }

        public required long SignedAt { get; init; }

        public required int FudgeSeconds { get; init; }

        public required byte[] Mac { get; init; }

        public required ushort OriginalId { get; init; }

        public required int Error { get; init; }

        public required byte[] Other { get; init; }

        /// <returns>Null when it is cut.</returns>
        public static Signature? TryRead(ReadOnlySpan<byte> data)
        {
            try
            {
                var (algorithm, behindName) = DnsMessage.ReadName(data, 0);
                var rest = data[behindName..];
                var length = BinaryPrimitives.ReadUInt16BigEndian(rest[8..]);
                var behind = rest[(10 + length)..];
                return behind.Length == 6 + BinaryPrimitives.ReadUInt16BigEndian(behind[4..])
                    ? new Signature
                    {
                        Algorithm = algorithm,
                        SignedAt =
                            ((long)BinaryPrimitives.ReadUInt16BigEndian(rest) << 32)
                            | BinaryPrimitives.ReadUInt32BigEndian(rest[2..]),
                        FudgeSeconds = BinaryPrimitives.ReadUInt16BigEndian(rest[6..]),
                        Mac = rest.Slice(10, length).ToArray(),
                        OriginalId = BinaryPrimitives.ReadUInt16BigEndian(behind),
                        Error = BinaryPrimitives.ReadUInt16BigEndian(behind[2..]),
                        Other = behind[6..].ToArray(),
                    }
                    : null;
            }
            catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or FormatException)
            {
                return null;
            }
        }
    }
}
