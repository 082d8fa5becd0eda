namespace Resurgam.Core.Ledgers;

/// <summary>What this machine saw of a ledger: who reads a stream again finds out when its last entries were dropped or changed.</summary>
public interface IHeadWitness
{
    /// <returns>The furthest entry of the stream that was seen here; null: none was.</returns>
    LedgerHead? Find(StreamName stream);

    /// <summary>Remembers as well as it can: a full disk here must not fail what was done in the vault.</summary>
    void Saw(LedgerHead head);

    /// <summary>What a person removes who knows why the entries are gone: a file's path.</summary>
    string Path { get; }
}
