using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Wal;

/// <param name="Key">Of the store.</param>
/// <param name="How">What is wrong, in words.</param>
public sealed record WalObjectDamage(string Key, string How);

public sealed record WalCheckResult(int Objects, long BytesRead, IReadOnlyList<WalObjectDamage> Damage);

/// <summary>Reads every WAL object of a vault back and opens it, whatever the asset. Goes on after damage, so that all is named.</summary>
public sealed class WalCheck(IReadOnlyList<WalPlace> places, IWorkProgress progress)
{
    public async Task<WalCheckResult> RunAsync(CancellationToken cancellationToken)
    {
        List<WalObjectDamage> damage = [];
        var objects = 0;
        var bytesRead = 0L;
        foreach (var place in places)
        {
            progress.Stage($"checking {place.Store.Name}/{place.Prefix}");
            await foreach (var item in place.Store.ListAsync(place.Prefix, cancellationToken))
            {
                var bytes = await place.Store.FindAsync(item.Key, cancellationToken);
                if (bytes is null)
                    continue; // merged into a longer one meanwhile
                objects++;
                bytesRead += bytes.Length;
                progress.Add(bytes.Length);
                if (WhatIsWrong(place, item.Key, bytes) is { } how)
                    damage.Add(new WalObjectDamage(item.Key, how));
            }
        }
        return new WalCheckResult(objects, bytesRead, damage);
    }

    private static string? WhatIsWrong(WalPlace place, string key, byte[] bytes)
    {
        try
        {
            var fragment = WalFragment.Open(bytes, place.Key, key);
            return key.EndsWith("/" + fragment.ObjectName, StringComparison.Ordinal)
                ? null
                : $"it holds {fragment.ObjectName}";
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return e.Problem.What;
        }
    }
}
