using System.Security.Cryptography;

namespace Resurgam.Adapters.Runs;

/// <summary>Something that a later step would destroy.</summary>
/// <param name="Name">With folders: <c>phi-service-7d9f/app.log</c>.</param>
public sealed record EvidenceFile(string Name, byte[] Content)
{
    /// <summary>SHA-256, 64 lower-case hexadecimal digits.</summary>
    public string Digest { get; } = Convert.ToHexStringLower(SHA256.HashData(Content));
}
