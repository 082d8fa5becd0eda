using System.Globalization;
using Resurgam.Core.Duties;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Duties;

public sealed class DutyCalendarTests
{
    private static readonly BlobId Snapshot = BlobId.Of("a"u8);

    [Fact]
    public void Of_all_that_were_missed_the_newest_is_due_and_no_other()
    {
        var plan = PlanOf("hourly: { do: backup, cron: '0 * * * *' }");
        var seen = Facts("2026-11-20T04:00:10Z");

        Assert.Empty(DueAt(plan, seen, "2026-11-20T04:59:59Z"));
        var due = Assert.IsType<Duty.Backup>(Assert.Single(DueAt(plan, seen, "2026-11-23T10:30:00Z")));

        Assert.Equal(At("2026-11-23T10:00:00Z"), due.DueAt);
        Assert.Empty(DueAt(plan, Facts("2026-11-23T10:12:00Z"), "2026-11-23T10:30:00Z"));
    }

    [Fact]
    public void The_first_backup_is_due_at_once() =>
        Assert.Equal(
            At("2026-11-01T02:00:00Z"),
            Assert
                .Single(DueAt(PlanOf("monthly: { do: backup, cron: '0 2 1 * *' }"), Facts(), "2026-11-23T10:30:00Z"))
                .DueAt
        );

    // Vienna leaves out 02:00 to 03:00 in March and has it twice in October: one backup each.
    [Theory]
    [InlineData("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", "2026-10-25T00:30:00Z")]
    public void A_night_on_which_the_clocks_change_has_one_backup(string from, string until, string due)
    {
        var plan = PlanOf("nightly: { do: backup, cron: '30 2 * * *', zone: Europe/Vienna }");
        DutyCalendar calendar = new(plan);
        HashSet<DateTimeOffset> moments = [];
        for (var now = At(from); now < At(until); now += TimeSpan.FromMinutes(1))
            moments.UnionWith(calendar.DueAt([Facts(from)], now).OfType<Duty.Backup>().Select(duty => duty.DueAt));

        Assert.Equal([At(due)], moments);
    }

    [Fact]
    public void Of_two_schedules_of_an_asset_the_later_moment_counts()
    {
        var plan = PlanOf(
            """
            all: { do: backup, cron: '0 4 * * *' }
              often: { do: backup, asset: db, cron: '15 * * * *' }
            """
        );

        Assert.Equal(
            At("2026-11-23T10:15:00Z"),
            Assert.Single(DueAt(plan, Facts("2026-11-23T04:00:09Z"), "2026-11-23T10:30:00Z")).DueAt
        );
    }

    [Fact]
    public void A_clock_that_goes_back_takes_what_is_due_with_it()
    {
        DutyCalendar calendar = new(PlanOf("hourly: { do: backup, cron: '0 * * * *' }"));
        Assert.Equal(At("2026-11-23T10:00:00Z"), DueOf("2026-11-23T10:30:00Z"));
        Assert.Equal(At("2026-11-23T08:00:00Z"), DueOf("2026-11-23T08:30:00Z"));
        Assert.Equal(At("2026-11-23T09:00:00Z"), DueOf("2026-11-23T09:00:00Z"));

        DateTimeOffset DueOf(string now) =>
            Assert.Single(calendar.DueAt([Facts()], At(now)).OfType<Duty.Backup>()).DueAt;
    }

    [Fact]
    public void Without_a_schedule_every_new_snapshot_is_verified_once()
    {
        var plan = PlanOf("hourly: { do: backup, cron: '0 * * * *' }");
        var seen = Unproven("2026-11-23T10:00:10Z");

        var due = Assert.IsType<Duty.Verify>(Assert.Single(DueAt(plan, seen, "2026-11-23T10:30:00Z")));

        Assert.Equal((At("2026-11-23T10:00:10Z"), Snapshot), (due.DueAt, due.Snapshot));
        Assert.Empty(DueAt(plan, Verified(seen, "2026-11-23T10:05:00Z"), "2026-11-23T10:30:00Z"));
    }

    [Fact]
    public void With_a_schedule_the_newest_snapshot_is_verified_then_even_when_it_was_before()
    {
        var plan = PlanOf("nightly: { do: verify, cron: '0 4 * * *' }");
        var seen = Verified(Unproven("2026-11-22T10:00:10Z"), "2026-11-22T11:00:00Z");

        Assert.Empty(DueAt(plan, seen, "2026-11-23T03:59:00Z"));
        Assert.Equal(At("2026-11-23T04:00:00Z"), Assert.Single(DueAt(plan, seen, "2026-11-23T10:30:00Z")).DueAt);
        Assert.Empty(DueAt(plan, Verified(seen, "2026-11-23T05:00:00Z"), "2026-11-23T10:30:00Z"));
        Assert.Empty(DueAt(plan, Unproven(), "2026-11-23T10:30:00Z"));
    }

    [Fact]
    public void Each_replica_has_a_copy_of_its_own()
    {
        var plan = PlanOf("copies: { do: copy, cron: '30 4 * * *' }");

        Assert.Equal(
            ["duty.copy-far", "duty.copy-off"],
            DueAt(plan, Facts(), "2026-11-23T10:30:00Z").Select(duty => duty.Stream.Value)
        );
        Assert.Empty(DueAt(PlanOf("never: { do: copy, cron: '0 0 31 2 *' }"), Facts(), "2026-11-23T10:30:00Z"));
    }

    [Fact]
    public void Each_place_is_scrubbed_on_its_own_and_the_vault_expires_as_one()
    {
        var plan = PlanOf("reading: { do: scrub, cron: '0 2 * * *' }\n  going: { do: expire, cron: '0 5 1 * *' }");

        Assert.Equal(
            ["duty.expire", "duty.scrub-primary", "duty.scrub-far", "duty.scrub-off"],
            DueAt(plan, Facts(), "2026-11-23T10:30:00Z").Select(duty => duty.Stream.Value)
        );
    }

    [Fact]
    public void The_vault_is_checked_as_one_and_each_drill_comes_by_its_own_schedules()
    {
        var plan = PlanOf(
            """
            following: { do: check, cron: '0 3 * * *' }
              one: { do: drill, drill: small, cron: '0 9 8 * *' }
              other: { do: drill, drill: small, cron: '0 9 20 * *' }
              yearly: { do: drill, drill: large, cron: '0 9 15 6 *' }
            """,
            """
            scenarios: { s: { rto: 1h } }
            drills:
              small: { scenario: s }
              large: { scenario: s }
              never: { scenario: s }
            """.Insert(0, "\n")
        );

        Assert.Equal(
            [
                ("duty.drill-large", At("2026-06-15T09:00:00Z")),
                ("duty.drill-small", At("2026-11-20T09:00:00Z")),
                ("duty.check", At("2026-11-23T03:00:00Z")),
            ],
            DueAt(plan, Facts(), "2026-11-23T10:30:00Z").Select(duty => (duty.Stream.Value, duty.DueAt))
        );
    }

    [Fact]
    public void What_comes_next_moves_on_with_what_has_come()
    {
        var plan = PlanOf(
            """
            hourly: { do: backup, cron: '0 * * * *' }
              daily: { do: copy, cron: '30 4 * * *' }
              never: { do: copy, cron: '0 0 31 2 *' }
            """
        );
        ScheduleSlots slots = new(plan.Schedules);
        slots.MoveTo(At("2026-11-23T03:30:00Z"));

        var next = slots.Upcoming();

        Assert.Equal(["hourly 04:00", "daily 04:30"], Names(next));
        Assert.Same(next, NextRun.AsOf(next, At("2026-11-23T03:59:59Z")));
        Assert.Equal(["daily 04:30", "hourly 05:00"], Names(NextRun.AsOf(next, At("2026-11-23T04:00:00Z"))));

        static IEnumerable<string> Names(IEnumerable<NextRun> runs) =>
            runs.Select(run => $"{run.Schedule.Name} {run.At:HH:mm}");
    }

    [Fact]
    public void The_plan_is_held_against_what_is_there_every_half_hour_and_when_it_has_changed()
    {
        var plan = PlanOf("never: { do: copy, cron: '0 0 31 2 *' }");

        Assert.Equal(At("2026-11-23T10:30:00Z"), LookAt(changed: null, "2026-11-23T10:42:00Z"));
        Assert.Equal(At("2026-11-23T10:41:59Z"), LookAt("2026-11-23T10:41:59Z", "2026-11-23T10:42:00Z"));
        Assert.Equal(At("2026-11-23T11:00:00Z"), LookAt("2026-11-23T10:41:59Z", "2026-11-23T11:00:00Z"));

        DateTimeOffset LookAt(string? changed, string now) =>
            Assert
                .Single(
                    new DutyCalendar(plan, changed is null ? null : At(changed))
                        .DueAt([Facts()], At(now))
                        .OfType<Duty.Look>()
                )
                .DueAt;
    }

    [Fact]
    public void A_server_that_comes_back_empty_has_no_stream()
    {
        var plan = PlanOf(
            "never: { do: copy, cron: '0 0 31 2 *' }",
            """
              cache: { kind: redis, host: x }
              sessions: { kind: redis, host: x, restore: { start-empty: true } }
            """
        );

        Assert.Equal("stream cache", Assert.Single(DueAt(plan, Facts(), "2026-11-23T10:30:00Z")).Name);
    }

    private static IReadOnlyList<Duty> DueAt(Plan plan, AssetFacts seen, string now) =>
        [.. new DutyCalendar(plan).DueAt([seen], At(now)).Where(duty => duty is not Duty.Look)];

    /// <summary>All of whose snapshots are verified.</summary>
    private static AssetFacts Facts(params IEnumerable<string> snapshots) =>
        Verified(Unproven(snapshots), "2026-01-01T00:00:00Z");

    private static AssetFacts Unproven(params IEnumerable<string> snapshots) =>
        new()
        {
            Asset = new AssetId("db"),
            Kind = "postgres",
            History = AssetHistory.Empty,
            Snapshots = [.. snapshots.Select(at => new SnapshotFact(Snapshot, At(at)))],
        };

    private static AssetFacts Verified(AssetFacts facts, string at) =>
        facts with
        {
            History = facts.History.With(
                new AssetEvent.Verification
                {
                    At = At(at),
                    Snapshot = Snapshot,
                    Passed = true,
                    Steps = [],
                }
            ),
        };

    private static Plan PlanOf(string schedules, string assets = "") =>
        Assert
            .IsType<PlanReading.Good>(
                PlanReader.Read(
                    $$"""
                    resurgam: 1
                    vault:
                      store: file:///v
                      secret: { env: S }
                      replicas: [{ name: far, store: file:///far }, { name: off, store: file:///off }]
                    assets:
                      db: { kind: postgres, connection: host=x }
                    {{assets}}
                    schedules:
                      {{schedules}}
                    """,
                    "/plans/test.yaml"
                )
            )
            .Plan;

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
