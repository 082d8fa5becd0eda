using System.Runtime.CompilerServices;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>Bounds how many bytes are in memory at once. One task takes, any task returns.</summary>
internal sealed class ByteBudget(long bytes) : IDisposable
{
    private const int UnitBytes = 1 << 20;

    private readonly int _units = Math.Max(1, checked((int)(bytes / UnitBytes)));
    private readonly SemaphoreSlim _free = new(Math.Max(1, checked((int)(bytes / UnitBytes))));

    /// <summary>Waits until so much is free. More than there is in all waits for all of it.</summary>
    public async Task TakeAsync(long wanted, CancellationToken cancellationToken)
    {
        for (var left = UnitsOf(wanted); left > 0; left--)
            await _free.WaitAsync(cancellationToken);
    }

    /// <summary>Each object when there is room for it; who gets it returns its bytes.</summary>
    public async IAsyncEnumerable<StoreObject> LetInAsync(
        IAsyncEnumerable<StoreObject> items,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            await TakeAsync(item.LengthBytes, cancellationToken);
            yield return item;
        }
    }

    public void Return(long taken) => _free.Release(UnitsOf(taken));

    public void Dispose() => _free.Dispose();

    private int UnitsOf(long length) => (int)Math.Min(_units, (length / UnitBytes) + 1);
}
