using System.Diagnostics.CodeAnalysis;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Format;

/// <summary>A key file: the master key, sealed with the key that a password stands for.</summary>
public sealed record KeyDocument
{
    public required UnixTime Created { get; init; }

    public string Username { get; init; } = "";

    public string Hostname { get; init; } = "";

    /// <summary>Always <c>scrypt</c>.</summary>
    public string Kdf { get; init; } = "scrypt";

    public required ScryptCost Cost { get; init; }

    /// <summary>64 bytes.</summary>
    public required ReadOnlyMemory<byte> Salt { get; init; }

    /// <summary>The sealed JSON of the master key.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    public static KeyDocument Create(
        SealingKey master,
        string password,
        IEntropy entropy,
        DateTimeOffset now,
        string hostname,
        string username,
        ScryptCost cost
    ) => throw new NotSupportedException();

    /// <returns>False when the password is not the one of this key.</returns>
    public bool TryOpen(string password, [NotNullWhen(true)] out SealingKey? master) =>
        throw new NotSupportedException();

    public byte[] Write() => throw new NotSupportedException();

    public static KeyDocument Read(ReadOnlySpan<byte> json) => throw new NotSupportedException();
}
