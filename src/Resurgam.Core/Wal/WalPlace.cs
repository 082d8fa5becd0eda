using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Core.Wal;

/// <summary>Where one generation of a vault keeps WAL.</summary>
/// <param name="Store">The vault's store.</param>
/// <param name="Prefix">Ends in <c>/</c>: <c>generations/2026-11/wal/</c>.</param>
/// <param name="Key">The generation's key.</param>
public sealed record WalPlace(IStore Store, string Prefix, SealingKey Key);
