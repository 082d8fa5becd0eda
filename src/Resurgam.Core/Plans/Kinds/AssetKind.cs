using System.Diagnostics;
using System.Text.Json;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>How one kind of asset stands in the plan file, is read from it and is written as canonical JSON.</summary>
/// <param name="Name">As the key <c>kind</c> has it.</param>
/// <param name="Sections">The kind's own keys first, then what lies below them; in the order of the reference.</param>
/// <param name="Read">Gets the keys of the first section.</param>
/// <param name="Write">Writes the members of the asset's object, without its kind.</param>
internal sealed record AssetKind(
    string Name,
    IReadOnlyList<PlanSection> Sections,
    Func<AssetId, PlanMapping, Asset> Read,
    Action<Utf8JsonWriter, Asset> Write
)
{
    public static AssetKind Of<T>(
        string name,
        IReadOnlyList<PlanSection> sections,
        Func<AssetId, PlanMapping, T> read,
        Action<Utf8JsonWriter, T> write
    )
        where T : Asset =>
        new(
            name,
            sections,
            read,
            (json, asset) => write(json, asset as T ?? throw new UnreachableException($"{asset.Id} is no {name}"))
        );
}
