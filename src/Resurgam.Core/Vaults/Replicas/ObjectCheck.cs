using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Vaults.Replicas;

/// <summary>Tells of the bytes of any object, from any place of a vault, whether they are whole: by their name, else by their seal.</summary>
internal sealed class ObjectCheck(Vault vault) : IDisposable
{
    private readonly SemaphoreSlim _opening = new(1); // a vault is not thread-safe
    private readonly Dictionary<string, SealingKey?> _keys = new(StringComparer.Ordinal);

    /// <returns>What is wrong, in words; null when nothing is, as far as anyone can tell.</returns>
    public async Task<string?> FindFaultAsync(
        string key,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken
    )
    {
        if (VaultObject.TryNamedHash(key, out var hash))
            return BlobId.Of(bytes.Span) == hash ? null : "its bytes do not match its name";
        if (RestoreGuide.IsGuide(key))
            return RestoreGuide.FindFault(bytes.Span);
        return VaultObject.PartOfVault(key) switch
        {
            VaultPart.Other when VaultObject.IsExpiryMark(key) => FaultOfSeal(vault.Key, bytes.Span),
            VaultPart.Descriptor => FaultOfDescriptor(bytes.Span),
            VaultPart.GenerationKeys => key.EndsWith("/resurgam.key", StringComparison.Ordinal)
                ? FaultOfSeal(vault.Key, bytes.Span)
                : null,
            VaultPart.Config or VaultPart.Wal => FaultOfSeal(await FindKeyAsync(key, cancellationToken), bytes.Span),
            VaultPart.Ledger => FaultOfEntry(key, bytes.Span),
            VaultPart.Other when key.StartsWith(VaultKeyRecord.Prefix, StringComparison.Ordinal) =>
                await KeyRecordCheck.FindFaultAsync(vault, key, bytes, cancellationToken),
            VaultPart.Other
                when key.StartsWith(KeyWithdrawal.Prefix, StringComparison.Ordinal) && vault.Key is { } own =>
                KeyWithdrawal.TryOpen(key, bytes.Span, own) is null ? "its seal is broken" : null,
            VaultPart.Keys or VaultPart.Packs or VaultPart.Index or VaultPart.Snapshots or VaultPart.Other => null,
        };
    }

    public void Dispose() => _opening.Dispose();

    private string? FaultOfDescriptor(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var descriptor = VaultDescriptor.Read(bytes, vault.Store.Name);
            return descriptor.Id == vault.Descriptor?.Id && descriptor.KeyCheck == vault.Descriptor.KeyCheck
                ? null
                : "it speaks of another vault";
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return e.Problem.What;
        }
    }

    private string? FaultOfEntry(string key, ReadOnlySpan<byte> bytes)
    {
        if (VaultObject.FindLedgerObject(key) is not (LedgerObject.Single or LedgerObject.Segment) || vault.Key is null)
            return null;
        return vault.OpenLedger().Secret.TryOpen(bytes) is null ? "its seal is broken" : null;
    }

    private static string? FaultOfSeal(SealingKey? key, ReadOnlySpan<byte> bytes)
    {
        if (key is null)
            return null;
        if (bytes.Length < SealingKey.OverheadBytes)
            return "it is shorter than a seal";
        return key.TryOpen(bytes, new byte[bytes.Length - SealingKey.OverheadBytes]) ? null : "its seal is broken";
    }

    /// <returns>The key of the object's generation; null when nobody can tell.</returns>
    public async Task<SealingKey?> FindKeyAsync(string key, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            var name = VaultObject.GenerationOf(key);
            if (!_keys.TryGetValue(name, out var found))
                _keys[name] = found = await ReadKeyAsync(name, cancellationToken);
            return found;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <returns>Null when nobody can tell: it is damaged, which is told beside this, or destroyed, and what is left is noise.</returns>
    private async Task<SealingKey?> ReadKeyAsync(string generation, CancellationToken cancellationToken)
    {
        if (await vault.IsExpiredAsync(generation, cancellationToken))
            return null;
        try
        {
            return await vault.GetGenerationKeyAsync(generation, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            vault.Host.Damaged(e.Problem);
            return null;
        }
    }
}
