namespace Resurgam.Core.Vaults.Expiry;

/// <summary>Somebody's word, in the ledger, that data must stay, however old they are.</summary>
/// <param name="Id">8 hexadecimal digits.</param>
/// <param name="Asset">Null: of every asset.</param>
/// <param name="Generation">Null: in every generation.</param>
/// <param name="AddedBy"><c>user@host</c>.</param>
public sealed record LegalHold(
    string Id,
    string? Asset,
    string? Generation,
    string Reason,
    DateTimeOffset AddedAt,
    string AddedBy
)
{
    public bool Covers(GenerationFacts generation) =>
        (Generation is null || Generation == generation.Name)
        && (Asset is null || generation.Snapshots is null || generation.Snapshots.Any(s => s.Asset == Asset));
}
