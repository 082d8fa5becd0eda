using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;

namespace Resurgam.Adapters.Ledgers;

/// <summary>What this machine has found the same in two places, so that a look for forks reads only what is new.</summary>
/// <param name="path">Absolute; a line each.</param>
/// <param name="entropy">For temporary names.</param>
public sealed class EndMemory(string path, IEntropy entropy) : IEndMemory
{
    public IReadOnlySet<string> Read() => CacheFile.Read(path).ToHashSet(StringComparer.Ordinal);

    public void Write(IEnumerable<string> ends) => CacheFile.Write(path, ends.Order(StringComparer.Ordinal), entropy);
}
