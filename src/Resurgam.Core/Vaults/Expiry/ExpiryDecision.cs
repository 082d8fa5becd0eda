using System.Globalization;

namespace Resurgam.Core.Vaults.Expiry;

/// <summary>Which generations may go. From facts alone: whatever is not surely of no use stays, and says why.</summary>
/// <remarks>
/// A generation is a calendar month and goes whole, so one point in it that is still wanted keeps all of it:
/// docs/adr/0018-generations-stay-whole.md. Ages count from the moment of a snapshot, never from an object's date in the store.
/// </remarks>
public static class ExpiryDecision
{
    /// <summary>A snapshot bears the moment at which its capture began, and serves only what came after its end: a capture lasts no longer.</summary>
    public static readonly TimeSpan LongestCapture = TimeSpan.FromDays(1);

    /// <param name="generations">All that there are.</param>
    /// <param name="now">Already found plausible: see <see cref="ExpiryClock"/>.</param>
    /// <returns>A verdict for each, oldest first.</returns>
    public static IReadOnlyList<ExpiryVerdict> Decide(
        IReadOnlyList<GenerationFacts> generations,
        ExpiryRules rules,
        IReadOnlyList<LegalHold> holds,
        DateTimeOffset now
    )
    {
        var ordered = generations.OrderBy(generation => generation.Name, StringComparer.Ordinal).ToList();
        var reasons = ordered.ToDictionary(generation => generation.Name, _ => new List<string>());
        var windowFrom = now - rules.PointInTime;
        var assets = ordered
            .SelectMany(generation =>
                (generation.Snapshots ?? []).Select(snapshot => snapshot.Asset).Concat(generation.Streams)
            )
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        foreach (var generation in ordered)
        {
            AddOwnReasons(generation, reasons[generation.Name], windowFrom);
            if (rules.LockFor is { } lockFor && LockEndOf(generation, lockFor) is { } lockEnd && lockEnd > now)
                reasons[generation.Name].Add($"the store keeps it under lock until {Text(lockEnd)}");
            foreach (var hold in holds.Where(hold => hold.Covers(generation)))
                reasons[generation.Name].Add($"legal hold {hold.Id}: {hold.Reason}");
        }
        foreach (var asset in assets)
        {
            AddWindowReasons(asset, ordered, reasons, windowFrom);
            AddPointReasons(asset, ordered, reasons, rules);
        }
        // Last: what stays for another reason counts.
        foreach (var asset in assets)
            AddVerifiedReasons(asset, ordered, reasons, rules.VerifiedCopies);
        AddDamageReasons(ordered, reasons);
        return [.. ordered.Select(generation => new ExpiryVerdict(generation, reasons[generation.Name]))];
    }

    private static void AddOwnReasons(GenerationFacts generation, List<string> reasons, DateTimeOffset windowFrom)
    {
        if (EndOf(generation.Name) is not { } end)
            reasons.Add("its name is no month");
        else if (end > windowFrom || generation.Snapshots?.Any(snapshot => snapshot.TakenAt > windowFrom) == true)
            reasons.Add($"it reaches into the window, which begins at {Text(windowFrom)}");
        if (generation.Snapshots is null)
            reasons.Add("its snapshots cannot be read, so nobody knows what would go");
        if (generation.UsedBy is { } user)
            reasons.Add($"it is in use by {user}");
    }

    /// <summary>
    /// A moment just after the window's beginning needs the newest snapshot before it, and all WAL since: the months from
    /// that snapshot's on. When backups have failed since, this is the last good copy, whatever its age.
    /// </summary>
    private static void AddWindowReasons(
        string asset,
        List<GenerationFacts> generations,
        Dictionary<string, List<string>> reasons,
        DateTimeOffset windowFrom
    )
    {
        var start = generations
            .SelectMany(generation => SnapshotsOf(asset, generation).Select(snapshot => (generation.Name, snapshot)))
            .Where(found =>
                found.snapshot.TakenAt <= windowFrom - LongestCapture && IsInItsMonth(found.Name, found.snapshot)
            )
            .OrderByDescending(found => found.snapshot.TakenAt)
            .FirstOrDefault();
        foreach (var generation in generations)
        {
            if (start.Name is null)
            {
                if (SnapshotsOf(asset, generation).Any() || generation.Streams.Contains(asset))
                    reasons[generation.Name].Add($"{Named(asset)} has no sound snapshot from before the window");
            }
            else if (
                generation.Name == start.Name
                || (
                    string.CompareOrdinal(generation.Name, start.Name) > 0
                    && (generation.Streams.Contains(asset) || SnapshotsOf(asset, generation).Any())
                )
            )
                reasons[generation.Name]
                    .Add($"{Named(asset)}: the window begins with its snapshot of {Text(start.snapshot.TakenAt)}");
        }
    }

    private static void AddPointReasons(
        string asset,
        List<GenerationFacts> generations,
        Dictionary<string, List<string>> reasons,
        ExpiryRules rules
    )
    {
        (string Word, int Count, Func<DateTimeOffset, DateTime> PeriodOf)[] kinds =
        [
            ("daily", rules.Daily, at => at.UtcDateTime.Date),
            ("weekly", rules.Weekly, at => at.UtcDateTime.Date.AddDays(-(((int)at.UtcDateTime.DayOfWeek + 6) % 7))),
            ("monthly", rules.Monthly, at => new DateTime(at.UtcDateTime.Year, at.UtcDateTime.Month, 1)),
        ];
        List<(string Generation, DateTimeOffset At)> points =
        [
            .. generations.SelectMany(generation =>
                SnapshotsOf(asset, generation)
                    .Where(snapshot => IsInItsMonth(generation.Name, snapshot))
                    .Select(snapshot => (generation.Name, snapshot.TakenAt))
            ),
        ];
        foreach (var (word, count, periodOf) in kinds)
        foreach (
            var kept in points
                .GroupBy(point => periodOf(point.At))
                .OrderByDescending(period => period.Key)
                .Take(count)
                .Select(period => period.MaxBy(point => point.At))
                .GroupBy(point => point.Generation)
        )
            reasons[kept.Key]
                .Add($"{Named(asset)}: {word} point {Text(kept.Max(point => point.At))}{AndMore(kept.Count() - 1)}");
    }

    private static void AddVerifiedReasons(
        string asset,
        List<GenerationFacts> generations,
        Dictionary<string, List<string>> reasons,
        int wanted
    )
    {
        var kept = generations
            .Where(generation => reasons[generation.Name].Count > 0)
            .Sum(generation => VerifiedOf(asset, generation));
        var total = generations.Sum(generation => VerifiedOf(asset, generation));
        if (total < wanted)
        {
            // Nobody knows which of its copies is good: all stay.
            foreach (var generation in generations.Where(generation => SnapshotsOf(asset, generation).Any()))
                reasons[generation.Name]
                    .Add(
                        $"{Named(asset)} has {total} verified copies, and {wanted} must stay: 'resurgam verify {asset}'"
                    );
            return;
        }
        foreach (var generation in Enumerable.Reverse(generations))
        {
            if (kept >= wanted)
                return;
            var verified = VerifiedOf(asset, generation);
            if (reasons[generation.Name].Count > 0 || verified == 0)
                continue;
            reasons[generation.Name].Add($"{Named(asset)} would keep {kept} verified copies, and {wanted} must stay");
            kept += verified;
        }
    }

    private static int VerifiedOf(string asset, GenerationFacts generation) =>
        generation.Damaged > 0 ? 0 : SnapshotsOf(asset, generation).Count(snapshot => snapshot.IsVerified);

    /// <summary>What stays has to be sound before anything goes: what goes may be the last that is.</summary>
    private static void AddDamageReasons(List<GenerationFacts> generations, Dictionary<string, List<string>> reasons)
    {
        var hurt = generations
            .Where(generation => generation.Damaged > 0 && reasons[generation.Name].Count > 0)
            .ToList();
        foreach (var generation in generations)
        foreach (var (name, damaged) in hurt.Select(one => (one.Name, one.Damaged)))
            reasons[generation.Name]
                .Add($"{damaged} objects of {name}, which stays, are damaged: 'resurgam vault heal' first");
    }

    private static IEnumerable<ExpirySnapshot> SnapshotsOf(string asset, GenerationFacts generation) =>
        (generation.Snapshots ?? []).Where(snapshot => snapshot.Asset == asset);

    /// <summary>A snapshot with a made-up date, put into another month, is none that others may go for.</summary>
    private static bool IsInItsMonth(string generation, ExpirySnapshot snapshot) =>
        snapshot.TakenAt.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture) == generation;

    /// <returns>The moment after its last one; null when the name is no month.</returns>
    private static DateTimeOffset? EndOf(string generation) =>
        DateTime.TryParseExact(
            generation,
            "yyyy-MM",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var month
        )
            ? new DateTimeOffset(month, TimeSpan.Zero).AddMonths(1)
            : null;

    /// <summary>As the store counts: <see cref="LockHorizon"/>. By its clock, which can only keep things longer.</summary>
    private static DateTimeOffset? LockEndOf(GenerationFacts generation, TimeSpan lockFor) =>
        generation.NewestAt is { } newest ? LockHorizon.Of(Vault.PrefixOf(generation.Name), newest, lockFor) : null;

    private static string AndMore(int count) => count == 0 ? "" : $" and {count} more";

    private static string Named(string asset) => asset.Length == 0 ? "snapshots of stock restic" : asset;

    private static string Text(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
