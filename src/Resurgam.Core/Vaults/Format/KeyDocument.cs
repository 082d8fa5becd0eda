using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Format;

/// <summary>
/// A key file: the master key, sealed with the key that a password stands for. Several files with the same master key
/// are several passwords. Not sealed itself.
/// </summary>
public sealed record KeyDocument
{
    /// <summary>Stock restic accepts no other length.</summary>
    public const int SaltBytes = 64;

    private const string Document = "key file";
    private const string OnlyKdf = "scrypt";

    public required UnixTime Created { get; init; }

    public string Username { get; init; } = "";

    public string Hostname { get; init; } = "";

    /// <summary>Always <c>scrypt</c>.</summary>
    public string Kdf { get; init; } = OnlyKdf;

    public required ScryptCost Cost { get; init; }

    /// <summary>64 bytes.</summary>
    public required ReadOnlyMemory<byte> Salt { get; init; }

    /// <summary>The sealed JSON of the master key.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <exception cref="Problems.ResurgamException">The cost is none, or absurd.</exception>
    public static KeyDocument Create(
        SealingKey master,
        string password,
        IEntropy entropy,
        DateTimeOffset now,
        string hostname,
        string username,
        ScryptCost cost
    )
    {
        cost.Check();
        var salt = new byte[SaltBytes];
        entropy.Fill(salt);
        KeyDocument unsealed = new()
        {
            Created = UnixTime.From(now),
            Username = username,
            Hostname = hostname,
            Cost = cost,
            Salt = salt,
            Data = default,
        };
        return unsealed.Rewrap(master, unsealed.UserKeyOf(password), entropy);
    }

    /// <summary>The same password for another master key: salt, cost and all else stay.</summary>
    /// <param name="user">What <see cref="UserKeyOf"/> gives for the password.</param>
    internal KeyDocument Rewrap(SealingKey master, SealingKey user, IEntropy entropy)
    {
        Span<byte> iv = stackalloc byte[SealingKey.IvBytes];
        entropy.Fill(iv);
        var plain = WriteMaster(master);
        var data = new byte[plain.Length + SealingKey.OverheadBytes];
        user.Seal(plain, iv, data);
        CryptographicOperations.ZeroMemory(plain);
        return this with { Data = data };
    }

    /// <summary>The key that a password stands for, with this file's salt and cost.</summary>
    internal SealingKey UserKeyOf(string password) =>
        SealingKey.FromPassword(password, Salt.Span, Cost.N, Cost.R, Cost.P);

    /// <returns>False when the password is not the one of this key.</returns>
    public bool TryOpen(string password, [NotNullWhen(true)] out SealingKey? master) =>
        TryOpen(UserKeyOf(password), out master);

    /// <param name="user">What <see cref="UserKeyOf"/> gives for a password.</param>
    /// <returns>False when the password is not the one of this key.</returns>
    internal bool TryOpen(SealingKey user, [NotNullWhen(true)] out SealingKey? master)
    {
        master = null;
        var plain = new byte[Data.Length - SealingKey.OverheadBytes];
        if (!user.TryOpen(Data.Span, plain))
            return false;
        master = ReadMaster(plain);
        CryptographicOperations.ZeroMemory(plain);
        return true;
    }

    public byte[] Write() =>
        GoJson.Write(json =>
        {
            json.WriteTime("created"u8, Created);
            json.WriteText("username"u8, Username);
            json.WriteText("hostname"u8, Hostname);
            json.WriteText("kdf"u8, Kdf);
            json.WriteNumber("N"u8, Cost.N);
            json.WriteNumber("r"u8, Cost.R);
            json.WriteNumber("p"u8, Cost.P);
            json.WriteBase64String("salt"u8, Salt.Span);
            json.WriteBase64String("data"u8, Data.Span);
        });

    public static KeyDocument Read(ReadOnlySpan<byte> json)
    {
        DocumentReader document = new(Document, json);
        KeyDocument key = new()
        {
            Created = default,
            Kdf = "",
            Cost = default,
            Salt = default,
            Data = default,
        };
        while (document.NextField())
        {
            if (document.Field.SequenceEqual("created"u8))
                key = key with { Created = document.Time() };
            else if (document.Field.SequenceEqual("username"u8))
                key = key with { Username = document.Text() };
            else if (document.Field.SequenceEqual("hostname"u8))
                key = key with { Hostname = document.Text() };
            else if (document.Field.SequenceEqual("kdf"u8))
                key = key with { Kdf = document.Text() };
            else if (document.Field.SequenceEqual("N"u8))
                key = key with { Cost = key.Cost with { N = document.Int32() } };
            else if (document.Field.SequenceEqual("r"u8))
                key = key with { Cost = key.Cost with { R = document.Int32() } };
            else if (document.Field.SequenceEqual("p"u8))
                key = key with { Cost = key.Cost with { P = document.Int32() } };
            else if (document.Field.SequenceEqual("salt"u8))
                key = key with { Salt = document.Base64() };
            else if (document.Field.SequenceEqual("data"u8))
                key = key with { Data = document.Base64() };
            else
                document.SkipValue();
        }
        document.EndDocument();
        Check(document, key);
        return key;
    }

    private static void Check(DocumentReader document, KeyDocument key)
    {
        if (key.Kdf != OnlyKdf)
            throw document.Malformed($"its key derivation is '{key.Kdf}', not {OnlyKdf}");
        key.Cost.Check();
        if (key.Salt.Length != SaltBytes)
            throw document.Malformed($"its salt has {key.Salt.Length} bytes, not {SaltBytes}");
        if (key.Data.Length < SealingKey.OverheadBytes)
            throw document.Malformed($"its data have {key.Data.Length} bytes, which nothing sealed has");
    }

    private static byte[] WriteMaster(SealingKey master)
    {
        var (k, r, encrypt) = (master.MacK.ToArray(), master.MacR.ToArray(), master.Encrypt.ToArray());
        return GoJson.Write(json =>
        {
            json.WriteStartObject("mac"u8);
            json.WriteBase64String("k"u8, k);
            json.WriteBase64String("r"u8, r);
            json.WriteEndObject();
            json.WriteBase64String("encrypt"u8, encrypt);
        });
    }

    private static SealingKey ReadMaster(ReadOnlySpan<byte> json)
    {
        DocumentReader document = new("master key", json);
        byte[] k = [];
        byte[] r = [];
        byte[] encrypt = [];
        while (document.NextField())
        {
            if (document.Field.SequenceEqual("encrypt"u8))
                encrypt = document.Base64();
            else if (document.Field.SequenceEqual("mac"u8) && document.BeginObject())
                while (document.NextField())
                {
                    if (document.Field.SequenceEqual("k"u8))
                        k = document.Base64();
                    else if (document.Field.SequenceEqual("r"u8))
                        r = document.Base64();
                    else
                        document.SkipValue();
                }
            else
                document.SkipValue();
        }
        document.EndDocument();
        if (!IsKey(k, 16) || !IsKey(r, 16) || !IsKey(encrypt, 32))
            throw document.Malformed("a part of it is all zero or has the wrong length");
        return new SealingKey(encrypt, k, r);
    }

    private static bool IsKey(byte[] bytes, int length) =>
        bytes.Length == length && bytes.AsSpan().ContainsAnyExcept((byte)0);
}
