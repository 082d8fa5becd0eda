using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Keys;

/// <summary>Keys that passwords stand for, so that a process that opens a vault again and again pays for each guess once. Thread-safe.</summary>
public sealed class DerivedKeys
{
    private readonly ConcurrentDictionary<string, SealingKey> _known = [];

    internal SealingKey Get(KeyDocument document, string password) =>
        _known.GetOrAdd(NameOf(document, password), _ => document.UserKeyOf(password));

    /// <summary>It is a function of these, and of nothing else. The password itself is not kept.</summary>
    private static string NameOf(KeyDocument document, string password)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(password)));
        hash.AppendData(document.Salt.Span);
        return $"{Convert.ToHexString(hash.GetHashAndReset())} {document.Cost}";
    }
}
