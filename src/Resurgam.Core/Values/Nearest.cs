namespace Resurgam.Core.Values;

/// <summary>Finds what a person meant to type.</summary>
public static class Nearest
{
    /// <summary>The candidate a slip or two away from <paramref name="word"/>, or null when none is near.</summary>
    /// <remarks>
    /// Distance counts insertions, deletions, substitutions and swaps of neighbours (optimal string alignment), after
    /// case, dashes and underscores are set aside: <c>dataDirectory</c> is <c>data-directory</c>.
    /// </remarks>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        if (word.Length > 64)
            return null;
        var typed = Plain(word);
        var allowed = typed.Length <= 3 ? 1 : 2;
        return candidates
            .Select(candidate => (candidate, distance: Distance(typed, Plain(candidate))))
            .Where(found => found.distance <= allowed && found.distance < found.candidate.Length)
            .OrderBy(found => found.distance)
            .ThenBy(found => found.candidate, StringComparer.Ordinal)
            .Select(found => found.candidate)
            .FirstOrDefault();
    }

    private static string Plain(string word) =>
        string.Concat(word.Where(c => c is not ('-' or '_'))).ToLowerInvariant();

    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        for (var j = 1; j <= b.Length; j++)
        {
            var cost = a[i - 1] == b[j - 1] ? 0 : 1;
            rows[i, j] = Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
        }
        return rows[a.Length, b.Length];
    }
}
