using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;

namespace Resurgam.Core.Ledgers;

/// <summary>The ledger of a vault's primary for who works in a replica: read and written there, and told to the replica at once.</summary>
/// <remarks>
/// Should the primary go in the middle of what is done, the replica knows how far it came. It gets an entry only where it has the very one before it: what else
/// it lacks, a copy brings, and behind an entry of its own the primary's would hide that the two are forked.
/// </remarks>
public sealed class LedgerPair(IStore primary, IStore replica) : IStore
{
    public string Name => primary.Name;

    public async Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!await primary.PutAsync(key, bytes, cancellationToken))
            return false;
        try
        {
            if (await FollowsAsync(key, cancellationToken))
                await replica.PutAsync(key, bytes, cancellationToken);
        }
        catch (ResurgamException)
        {
            // The entry is where it counts; a copy brings it to the replica.
        }
        return true;
    }

    public Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken) =>
        primary.FindAsync(key, cancellationToken);

    public ValueTask<int> ReadAsync(
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    ) => primary.ReadAsync(key, offset, buffer, cancellationToken);

    public Task<StoreObject?> HeadAsync(string key, CancellationToken cancellationToken) =>
        primary.HeadAsync(key, cancellationToken);

    public IAsyncEnumerable<StoreObject> ListAsync(string prefix, CancellationToken cancellationToken) =>
        primary.ListAsync(prefix, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        primary.DeleteAsync(key, cancellationToken);

    private async Task<bool> FollowsAsync(string key, CancellationToken cancellationToken) =>
        LedgerLayout.Read(key) switch
        {
            LedgerObject.Tag => true,
            LedgerObject.Single(var stream, var seq) => seq == 1
                || await HasSameAsync(LedgerLayout.EntryKey(stream, seq - 1), cancellationToken),
            _ => false,
        };

    private async Task<bool> HasSameAsync(string key, CancellationToken cancellationToken)
    {
        var here = primary.FindAsync(key, cancellationToken);
        var there = replica.FindAsync(key, cancellationToken);
        await Task.WhenAll(here, there);
        return await here is { } ours && await there is { } theirs && ours.AsSpan().SequenceEqual(theirs);
    }
}
