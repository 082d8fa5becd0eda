using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>The client's side of SCRAM-SHA-256: one exchange.</summary>
/// <remarks>
/// Source: RFC 5802 and RFC 7677. As PostgreSQL does, the user name stays empty (the startup message has it).
/// </remarks>
/// <param name="nonce">Unpredictable, printable, without comma.</param>
/// <param name="gs2Header">What is said about channel binding.</param>
/// <param name="binding">Channel binding data, with <see cref="BoundHeader"/> only.</param>
internal sealed class ScramClient(string password, string nonce, string gs2Header, byte[]? binding)
{
    public const string BoundHeader = "p=tls-server-end-point,,";

    /// <summary>PostgreSQL's default is 4096; a hostile server must not keep us busy for hours.</summary>
    private const int MostIterations = 10_000_000;

    private byte[]? _serverSignature;

    /// <summary>Name in the first message; PostgreSQL ignores it.</summary>
    public string UserName { get; init; } = "";

    private string FirstBare => $"n={UserName},r={nonce}";

    public byte[] First() => Encoding.UTF8.GetBytes(gs2Header + FirstBare);

    /// <returns>False when the server's message is malformed, or does not continue our nonce.</returns>
    public bool TryFinal(string serverFirst, [NotNullWhen(true)] out byte[]? final)
    {
        final = null;
        if (
            serverFirst.Split(',')
                is not [['r', '=', .. var bothNonces], ['s', '=', .. var saltText], ['i', '=', .. var count], ..]
            || !bothNonces.StartsWith(nonce, StringComparison.Ordinal)
            || bothNonces.Length == nonce.Length
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > MostIterations
            || !TryBase64(saltText, out var salt)
        )
            return false;
        var withoutProof =
            $"c={Convert.ToBase64String([.. Encoding.UTF8.GetBytes(gs2Header), .. binding ?? []])},r={bothNonces}";
        var authMessage = Encoding.UTF8.GetBytes($"{FirstBare},{serverFirst},{withoutProof}");
        var salted = ScramVerifier.Salted(password, salt, iterations);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var proof = HMACSHA256.HashData(SHA256.HashData(clientKey), authMessage);
        for (var at = 0; at < proof.Length; at++)
            proof[at] ^= clientKey[at];
        _serverSignature = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), authMessage);
        final = Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(proof)}");
        return true;
    }

    /// <summary>True when the server, too, knows the password.</summary>
    public bool IsServerSignature(string serverFinal) =>
        _serverSignature is not null
        && serverFinal.Split(',')[0] is ['v', '=', .. var text]
        && TryBase64(text, out var signature)
        && CryptographicOperations.FixedTimeEquals(signature, _serverSignature);

    private static bool TryBase64(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        var isBase64 = Convert.TryFromBase64String(text, bytes, out var count);
        bytes = bytes[..count];
        return isBase64;
    }
}
