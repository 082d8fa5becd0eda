using CsCheck;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Expiry;

namespace Resurgam.Tests.Vaults.Expiry;

public sealed class ExpiryDecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private static readonly ExpiryRules Rules = new() { PointInTime = TimeSpan.FromDays(90), VerifiedCopies = 2 };

    [Fact]
    public void What_the_window_no_longer_needs_goes()
    {
        // The window begins on 27 August: its first moment needs the newest snapshot before, of August.
        var verdicts = Decide(Rules, [], [.. Months(2026, 1, 11).Select(month => Generation(month, "db"))]);
        Assert.Equal(
            Months(2026, 1, 7),
            verdicts.Where(verdict => verdict.Expires).Select(verdict => verdict.Generation.Name)
        );
    }

    /// <summary>Fault 5 of the plan that we replace: 90 days of silent failure deleted the last good copy.</summary>
    [Fact]
    public void The_last_copy_of_an_asset_that_is_not_backed_up_any_more_stays()
    {
        var verdicts = Decide(
            Rules with
            {
                VerifiedCopies = 1,
            },
            [],
            [
                Generation("2026-01", "db", "old"),
                Generation("2026-02", "old"),
                Generation("2026-03", "db") with
                {
                    Streams = ["old"],
                }, // its WAL went on
                .. Months(2026, 4, 11).Select(month => Generation(month, "db")),
            ]
        );
        Assert.Equal(["2026-01", .. Months(2026, 4, 7)], Going(verdicts));
        Assert.Contains("old: the window begins with its snapshot of 2026-02-01 00:00Z", verdicts[1].Reasons);
    }

    /// <summary>What goes may be the last that is sound.</summary>
    [Fact]
    public void Nothing_goes_while_what_stays_is_damaged()
    {
        GenerationFacts[] sound = [.. Months(2026, 1, 11).Select(month => Generation(month, "db"))];

        Assert.Equal(
            Months(2026, 1, 7),
            Going(Decide(Rules, [], [sound[0] with { Damaged = 2 }, .. sound[1..]])) // it goes with its damage
        );
        var verdicts = Decide(Rules, [], [.. sound[..^1], sound[^1] with { Damaged = 2 }]);
        Assert.Empty(Going(verdicts));
        Assert.Equal(
            ["2 objects of 2026-11, which stays, are damaged: 'resurgam vault heal' first"],
            verdicts[0].Reasons
        );
        var few = Rules with { PointInTime = TimeSpan.Zero, VerifiedCopies = 11 };
        Assert.Empty(Going(Decide(few, [], [sound[0] with { Damaged = 1 }, .. sound[1..]])));
    }

    [Fact]
    public void Points_beyond_the_window_keep_their_months()
    {
        var rules = Rules with { Monthly = 6 };
        var verdicts = Decide(rules, [], [.. Months(2026, 1, 11).Select(month => Generation(month, "db"))]);
        Assert.Equal(Months(2026, 1, 5), Going(verdicts));
        Assert.Equal(["db: monthly point 2026-06-15 00:00Z"], verdicts[5].Reasons);
    }

    /// <summary>After a year without backups the newest 30 days that have one are of last year.</summary>
    [Fact]
    public void Points_count_what_is_there_and_not_the_days_since()
    {
        var rules = Rules with { PointInTime = TimeSpan.Zero, VerifiedCopies = 0, Daily = 3, Weekly = 1 };
        var verdicts = Decide(rules, [], [.. Months(2025, 1, 4).Select(month => Generation(month, "db"))]);
        Assert.Equal(Months(2025, 1, 2), Going(verdicts));
        Assert.Contains("db: daily point 2025-04-15 00:00Z and 1 more", verdicts[3].Reasons);
    }

    /// <summary>The snapshot of the evening before may have been in the making when the window begins.</summary>
    [Fact]
    public void The_window_begins_with_a_snapshot_that_was_surely_whole_by_then()
    {
        var windowFrom = Now - Rules.PointInTime;
        var night = Generation("2026-08") with { Snapshots = [Snapshot("db", windowFrom.AddHours(-2), true)] };
        var before = Generation("2026-07", "db");
        var after = Generation("2026-10", "db");
        Assert.Empty(Going(Decide(Rules, [], [before, night, after])));
        Assert.Equal(["2026-06"], Going(Decide(Rules, [], [Generation("2026-06", "db"), before, night, after])));
    }

    [Fact]
    public void What_the_store_keeps_under_lock_stays()
    {
        var january = Generation("2026-01", "db") with { NewestAt = Now.AddDays(-300) };
        var others = Months(2026, 2, 11).Select(month => Generation(month, "db"));
        var isLocked = Rules with { LockFor = TimeSpan.FromDays(400) };
        var verdict = Decide(isLocked, [], [january, .. others])[0];
        Assert.Equal(["the store keeps it under lock until 2027-03-08 00:00Z"], verdict.Reasons);
        Assert.True(Decide(Rules with { LockFor = TimeSpan.FromDays(90) }, [], [january, .. others])[0].Expires);
    }

    [Fact]
    public void The_newest_verified_copies_stay_and_with_too_few_everything_does()
    {
        GenerationFacts[] generations =
        [
            Generation("2026-01", isVerified: true, "db"),
            Generation("2026-02", isVerified: true, "db"),
            Generation("2026-03", isVerified: true, "db"),
            .. Months(2026, 4, 11).Select(month => Generation(month, isVerified: false, "db")),
        ];
        Assert.Equal(["2026-01", "2026-04", "2026-05", "2026-06", "2026-07"], Going(Decide(Rules, [], generations)));
        var all = Decide(Rules with { VerifiedCopies = 4 }, [], generations);
        Assert.Empty(Going(all));
        Assert.Contains("db has 3 verified copies, and 4 must stay: 'resurgam verify db'", all[0].Reasons);
    }

    [Fact]
    public void Holds_locks_and_damage_keep_a_generation()
    {
        LegalHold byAsset = new("aa", "mail", null, "case 7", Now, "root@db1");
        LegalHold byMonth = new("bb", null, "2026-02", "case 8", Now, "root@db1");
        var verdicts = Decide(
            Rules,
            [byAsset, byMonth],
            [
                Generation("2026-01", "db", "mail"),
                Generation("2026-02", "db"),
                Generation("2026-03", "db") with
                {
                    UsedBy = "root@db1, process 7",
                },
                Generation("2026-04", "db") with
                {
                    Snapshots = null,
                },
                Generation("2026-05", "db", "mail"),
                Generation("long", "db"),
                .. Months(2026, 6, 11).Select(month => Generation(month, "db")),
            ]
        );
        Assert.Equal(["2026-06", "2026-07"], Going(verdicts));
        Assert.Equal(["legal hold aa: case 7"], verdicts[0].Reasons);
        Assert.Equal(["legal hold bb: case 8"], verdicts[1].Reasons);
        Assert.Equal(["it is in use by root@db1, process 7"], verdicts[2].Reasons);
    }

    /// <summary>Who can write but not read may add snapshots with made-up dates: others must not go for them.</summary>
    [Fact]
    public void A_snapshot_with_a_date_of_another_month_is_no_reason_for_others_to_go()
    {
        var months = Months(2026, 1, 6).Select(month => Generation(month, "db")).ToList();
        var now = Generation("2026-11", "db");
        var forged = now with { Snapshots = [Snapshot("db", Now - Rules.PointInTime - TimeSpan.FromHours(1), false)] };
        Assert.Equal(Months(2026, 1, 5), Going(Decide(Rules with { VerifiedCopies = 0 }, [], [.. months, forged])));
    }

    [Fact]
    public void Whatever_the_vault_holds_the_window_and_the_verified_copies_stay() =>
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 27], Gen.Bool, Gen.Int[0, 2])
            .Array[0, 25]
            .Sample(all =>
            {
                var generations = all.GroupBy(item => item.Item1)
                    .Select(month => new GenerationFacts(
                        $"2025-{month.Key + 1:D2}",
                        [
                            .. month.Select(item =>
                                Snapshot(
                                    $"asset{item.Item4}",
                                    new DateTimeOffset(2025, item.Item1 + 1, item.Item2 + 1, 0, 0, 0, TimeSpan.Zero),
                                    item.Item3
                                )
                            ),
                        ],
                        1,
                        1,
                        null,
                        [],
                        null
                    ))
                    .ToList();
                var now = new DateTimeOffset(2025, 12, 20, 0, 0, 0, TimeSpan.Zero);
                var verdicts = ExpiryDecision.Decide(generations, Rules, [], now);
                AssertKept(verdicts, now - Rules.PointInTime);
            });

    [Theory]
    [InlineData(-2, true)]
    [InlineData(0, false)]
    [InlineData(24 * 6, false)]
    [InlineData(24 * 8, true)]
    public void A_clock_that_does_not_fit_the_vault_decides_nothing(int hoursAfterNewest, bool isRefused)
    {
        var thrown = Record.Exception(() => ExpiryClock.Require(Now.AddHours(hoursAfterNewest), Now));
        Assert.Equal(isRefused ? "expire-clock-refused" : null, (thrown as ResurgamException)?.Problem.Code);
        Assert.Throws<ResurgamException>(() => ExpiryClock.Require(Now, null));
    }

    private static void AssertKept(IReadOnlyList<ExpiryVerdict> verdicts, DateTimeOffset windowFrom)
    {
        var all = verdicts.SelectMany(verdict => verdict.Generation.Snapshots ?? []).ToList();
        var kept = verdicts.Where(v => !v.Expires).SelectMany(v => v.Generation.Snapshots ?? []).ToList();
        Assert.All(all.Where(snapshot => snapshot.TakenAt > windowFrom), snapshot => Assert.Contains(snapshot, kept));
        foreach (var asset in all.GroupBy(snapshot => snapshot.Asset))
        {
            if (asset.Where(snapshot => snapshot.TakenAt <= windowFrom).MaxBy(s => s.TakenAt) is { } start)
                Assert.Contains(start, kept);
            var verified = asset.Count(snapshot => snapshot.IsVerified);
            Assert.True(
                verified < Rules.VerifiedCopies
                    ? asset.All(kept.Contains)
                    : asset.Count(s => s.IsVerified && kept.Contains(s)) >= Rules.VerifiedCopies
            );
        }
    }

    private static IReadOnlyList<ExpiryVerdict> Decide(
        ExpiryRules rules,
        IReadOnlyList<LegalHold> holds,
        IReadOnlyList<GenerationFacts> generations
    ) => ExpiryDecision.Decide(generations, rules, holds, Now);

    private static IEnumerable<string> Going(IEnumerable<ExpiryVerdict> verdicts) =>
        verdicts.Where(verdict => verdict.Expires).Select(verdict => verdict.Generation.Name);

    private static IEnumerable<string> Months(int year, int first, int last) =>
        Enumerable.Range(first, last - first + 1).Select(month => $"{year}-{month:D2}");

    private static GenerationFacts Generation(string month, params string[] assets) => Generation(month, true, assets);

    /// <summary>Two snapshots of each asset: on the 1st and on the 15th.</summary>
    private static GenerationFacts Generation(string month, bool isVerified, params string[] assets)
    {
        var first = DateTimeOffset.TryParse($"{month}-01T00:00Z", out var at) ? at : Now;
        return new GenerationFacts(
            month,
            [
                .. assets.SelectMany(asset =>
                    asset == "old"
                        ? new[] { Snapshot(asset, first, isVerified) }
                        : [Snapshot(asset, first, false), Snapshot(asset, first.AddDays(14), isVerified)]
                ),
            ],
            10,
            1000,
            null,
            [],
            null
        );
    }

    private static ExpirySnapshot Snapshot(string asset, DateTimeOffset at, bool isVerified) =>
        new(BlobId.Of([.. System.Text.Encoding.UTF8.GetBytes($"{asset} {at:O} {isVerified}")]), asset, at, isVerified);
}
