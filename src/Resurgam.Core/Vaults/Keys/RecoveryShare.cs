using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Vaults.Keys;

/// <summary>One of n parts of a secret that opens a vault: text to be printed and kept. Layout: docs/formats/keys.md.</summary>
public sealed record RecoveryShare
{
    /// <summary>Begins a share, and tells it from other text in a file.</summary>
    public const string Mark = "RSG1-";

    public const int SecretBytes = 32;

    private const byte Version = 1;
    private const int VaultIdBytes = 16;
    private const int SetBytes = 4;
    private const int ChecksumBytes = 4;
    private const int LengthBytes = 1 + VaultIdBytes + SetBytes + 3 + SecretBytes + ChecksumBytes;
    private const int GroupLength = 6;

    /// <summary>Crockford's base 32: nothing in it is taken for another digit.</summary>
    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>32 hexadecimal digits.</summary>
    public required string VaultId { get; init; }

    /// <summary>Tells the shares of one secret from those of another: the beginning of a hash of it.</summary>
    public required uint Set { get; init; }

    /// <summary>So many shares give the secret.</summary>
    public required byte Threshold { get; init; }

    /// <summary>So many were made.</summary>
    public required byte Count { get; init; }

    /// <summary>From 1.</summary>
    public required byte Index { get; init; }

    internal ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>The set as people read it.</summary>
    public string SetName => Set.ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>A record prints its members otherwise, and this one is a part of a secret.</summary>
    public override string ToString() => $"share {Index} of {Count}, set {SetName}";

    /// <param name="secret">32 bytes.</param>
    /// <param name="vaultId">32 hexadecimal digits.</param>
    /// <param name="threshold">At least 2.</param>
    /// <param name="count">At least the threshold, at most 255.</param>
    public static IReadOnlyList<RecoveryShare> Split(
        ReadOnlySpan<byte> secret,
        string vaultId,
        int threshold,
        int count,
        IEntropy entropy
    )
    {
        if (threshold < 2 || count < threshold || count > ShamirSharing.MostParts)
            throw VaultKeyProblems.BadThreshold(threshold, count);
        var set = SetOf(secret);
        return
        [
            .. ShamirSharing
                .Split(secret, threshold, count, entropy)
                .Select(
                    (value, index) =>
                        new RecoveryShare
                        {
                            VaultId = vaultId,
                            Set = set,
                            Threshold = (byte)threshold,
                            Count = (byte)count,
                            Index = (byte)(index + 1),
                            Value = value,
                        }
                ),
        ];
    }

    /// <summary>The secret of these shares.</summary>
    /// <exception cref="ResurgamException"><c>shares-few</c>, <c>shares-mixed</c>, <c>shares-false</c>.</exception>
    public static byte[] Combine(IReadOnlyList<RecoveryShare> shares)
    {
        if (shares.Count == 0)
            throw VaultKeyProblems.NoShare();
        var first = shares[0];
        if (shares.FirstOrDefault(share => share.VaultId != first.VaultId || share.Set != first.Set) is { } other)
            throw VaultKeyProblems.MixedShares(first, other);
        var parts = shares.DistinctBy(share => share.Index).Take(first.Threshold).ToList();
        if (parts.Count < first.Threshold)
            throw VaultKeyProblems.FewShares(parts.Count, first.Threshold);
        var secret = ShamirSharing.Combine([.. parts.Select(share => (share.Index, share.Value))]);
        return SetOf(secret) == first.Set ? secret : throw VaultKeyProblems.FalseShares(first.SetName);
    }

    /// <summary>The secret as what opens the vault: the passphrase for stock restic, too.</summary>
    public static string PassphraseOf(ReadOnlySpan<byte> secret) => Convert.ToHexStringLower(secret);

    /// <summary>Every share in a text; what surrounds them is passed over.</summary>
    /// <exception cref="ResurgamException"><c>share-damaged</c>: a digit of one is wrong.</exception>
    public static IReadOnlyList<RecoveryShare> FindAll(string text, string where)
    {
        List<RecoveryShare> shares = [];
        foreach (var word in text.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
            if (word.StartsWith(Mark, StringComparison.OrdinalIgnoreCase))
                shares.Add(TryParse(word, out var share) ? share : throw VaultKeyProblems.DamagedShare(where));
        return shares;
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out RecoveryShare? share)
    {
        share = null;
        var bytes = text.StartsWith(Mark, StringComparison.OrdinalIgnoreCase) ? TryDecode(text[Mark.Length..]) : null;
        if (
            bytes is null
            || bytes[0] != Version
            || !ChecksumOf(bytes).SequenceEqual(bytes.AsSpan(bytes.Length - ChecksumBytes))
        )
            return false;
        var numbers = bytes.AsSpan(1 + VaultIdBytes + SetBytes);
        share = new RecoveryShare
        {
            VaultId = Convert.ToHexStringLower(bytes.AsSpan(1, VaultIdBytes)),
            Set = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(1 + VaultIdBytes)),
            Threshold = numbers[0],
            Count = numbers[1],
            Index = numbers[2],
            Value = numbers.Slice(3, SecretBytes).ToArray(),
        };
        return share.Threshold >= 2 && share.Index >= 1 && share.Index <= share.Count;
    }

    /// <summary>For paper: groups of six digits, each followed by a dash but the last.</summary>
    public string ToPaper()
    {
        var bytes = new byte[LengthBytes];
        bytes[0] = Version;
        Convert.FromHexString(VaultId, bytes.AsSpan(1, VaultIdBytes), out _, out _);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1 + VaultIdBytes), Set);
        var numbers = bytes.AsSpan(1 + VaultIdBytes + SetBytes);
        (numbers[0], numbers[1], numbers[2]) = (Threshold, Count, Index);
        Value.Span.CopyTo(numbers[3..]);
        ChecksumOf(bytes).CopyTo(bytes.AsSpan(LengthBytes - ChecksumBytes));
        return Mark + Encode(bytes);
    }

    private static uint SetOf(ReadOnlySpan<byte> secret) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(
            SHA256.HashData([.. "resurgam shares 1 "u8, .. secret])
        );

    private static ReadOnlySpan<byte> ChecksumOf(ReadOnlySpan<byte> bytes) =>
        SHA256.HashData(bytes[..^ChecksumBytes]).AsSpan(0, ChecksumBytes);

    private static string Encode(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        for (var bit = 0; bit < bytes.Length * 8; bit += 5)
        {
            if (bit > 0 && bit / 5 % GroupLength == 0)
                text.Append('-');
            var value = 0;
            for (var i = bit; i < bit + 5; i++)
                value = (value << 1) | ((bytes[i / 8] >> (7 - (i % 8))) & 1);
            text.Append(Digits[value]);
        }
        return text.ToString();
    }

    /// <returns>Null when there is another sign among the digits, or there are too many or too few.</returns>
    private static byte[]? TryDecode(string text)
    {
        var bytes = new byte[LengthBytes];
        var bit = 0;
        foreach (var sign in text.Where(sign => sign != '-').Select(char.ToUpperInvariant))
        {
            // As Crockford says: who types from paper may take one for the other.
            var value = Digits.IndexOf(
                sign switch
                {
                    'O' => '0',
                    'I' or 'L' => '1',
                    _ => sign,
                },
                StringComparison.Ordinal
            );
            if (value < 0 || bit == bytes.Length * 8)
                return null;
            for (var i = 4; i >= 0; i--, bit++)
                bytes[bit / 8] |= (byte)(((value >> i) & 1) << (7 - (bit % 8)));
        }
        return bit == bytes.Length * 8 ? bytes : null;
    }
}
