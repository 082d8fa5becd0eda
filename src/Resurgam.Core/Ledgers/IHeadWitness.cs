namespace Resurgam.Core.Ledgers;

/// <summary>What this machine saw of a ledger: who reads a stream again finds out when its last entries were dropped or changed.</summary>
public interface IHeadWitness
{
    /// <returns>The furthest entry of the stream that was seen here; null: none was.</returns>
    LedgerHead? Find(StreamName stream);

    /// <summary>Remembers as well as it can: a full disk here must not fail what was done in the vault.</summary>
    void Saw(LedgerHead head);

    /// <summary>The shell command by which a person who knows why entries are gone lets this machine forget them.</summary>
    string ForgetCommand(StreamName stream);
}
