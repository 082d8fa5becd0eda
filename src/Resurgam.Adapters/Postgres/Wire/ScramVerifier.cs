using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>What a server keeps of a password: it can tell who knows it, and cannot tell it.</summary>
/// <remarks>Form: <c>SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY</c> (PostgreSQL, "pg_authid"), after RFC 5803.</remarks>
internal static class ScramVerifier
{
    public const int SaltLengthBytes = 16;

    private const string Mechanism = "SCRAM-SHA-256";
    private const int Iterations = 4096;

    /// <param name="salt">Unpredictable, <see cref="SaltLengthBytes"/> long.</param>
    public static string Of(string password, byte[] salt) => Of(password, salt, Iterations);

    /// <returns>False as well for what is no verifier of this kind.</returns>
    public static bool Fits(string verifier, string password)
    {
        if (
            verifier.Split('$') is not [Mechanism, var parameters, _]
            || parameters.Split(':') is not [var count, var saltText]
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations < 1
        )
            return false;
        var salt = new byte[saltText.Length];
        return Convert.TryFromBase64String(saltText, salt, out var length)
            && CryptographicOperations.FixedTimeEquals(
                Encoding.ASCII.GetBytes(Of(password, salt[..length], iterations)),
                Encoding.ASCII.GetBytes(verifier)
            );
    }

    internal static byte[] Salted(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(SaslPrep.Prepare(password)),
            salt,
            iterations,
            HashAlgorithmName.SHA256,
            SHA256.HashSizeInBytes
        );

    private static string Of(string password, byte[] salt, int iterations)
    {
        var salted = Salted(password, salt, iterations);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Mechanism}${iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(storedKey)}:{Convert.ToBase64String(serverKey)}"
        );
    }
}
