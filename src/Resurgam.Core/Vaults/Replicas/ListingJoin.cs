using System.Runtime.CompilerServices;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>Two listings side by side, whatever their length: both come in the order of their keys.</summary>
internal static class ListingJoin
{
    /// <returns>Each key once, ascending, with what either store has there: at least one of the two.</returns>
    public static async IAsyncEnumerable<(StoreObject? Source, StoreObject? Target)> RunAsync(
        IStore source,
        IStore target,
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var left = source.ListAsync(prefix, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var right = target.ListAsync(prefix, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var (isLeft, isRight) = (await left.MoveNextAsync(), await right.MoveNextAsync());
        while (isLeft || isRight)
        {
            var order =
                !isRight ? -1
                : !isLeft ? 1
                : string.CompareOrdinal(left.Current.Key, right.Current.Key);
            yield return (order <= 0 ? left.Current : null, order >= 0 ? right.Current : null);
            if (order <= 0)
                isLeft = await left.MoveNextAsync();
            if (order >= 0)
                isRight = await right.MoveNextAsync();
        }
    }
}
