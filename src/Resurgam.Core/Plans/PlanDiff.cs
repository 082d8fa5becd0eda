using System.Text.Json;

namespace Resurgam.Core.Plans;

/// <summary>What changed in meaning between two plans: their canonical forms, member by member. Comments and order do not show.</summary>
public static class PlanDiff
{
    /// <returns>In the order of the paths.</returns>
    public static IReadOnlyList<PlanChange> Of(Plan before, Plan after)
    {
        using var old = JsonDocument.Parse(PlanJson.Canonical(before));
        using var now = JsonDocument.Parse(PlanJson.Canonical(after));
        return
        [
            .. Compare("", old.RootElement, now.RootElement).OrderBy(change => change.Path, StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<PlanChange> Compare(string path, JsonElement old, JsonElement now)
    {
        if (old.ValueKind != JsonValueKind.Object || now.ValueKind != JsonValueKind.Object)
            return JsonElement.DeepEquals(old, now) ? [] : [new PlanChange(path, old.GetRawText(), now.GetRawText())];
        var names = old.EnumerateObject().Concat(now.EnumerateObject()).Select(member => member.Name).Distinct();
        return names.SelectMany(name =>
        {
            var at = path.Length == 0 ? name : $"{path}.{name}";
            return (old.TryGetProperty(name, out var a), now.TryGetProperty(name, out var b)) switch
            {
                (true, true) => Compare(at, a, b),
                (true, false) => [new PlanChange(at, a.GetRawText(), null)],
                _ => (IEnumerable<PlanChange>)[new PlanChange(at, null, b.GetRawText())],
            };
        });
    }
}

/// <summary>One difference.</summary>
/// <param name="Path">In the canonical form: <c>assets.db.rpo</c>.</param>
/// <param name="Before">JSON; durations in seconds, sizes in bytes. Null: it is new.</param>
/// <param name="After">Null: it is gone.</param>
public sealed record PlanChange(string Path, string? Before, string? After);
