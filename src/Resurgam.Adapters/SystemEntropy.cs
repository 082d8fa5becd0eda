using System.Security.Cryptography;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters;

/// <summary>The operating system's generator.</summary>
public sealed class SystemEntropy : IEntropy
{
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
