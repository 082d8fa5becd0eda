using System.Globalization;
using Resurgam.Core.Duties;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Duties;

public sealed class DutySimulationTests
{
    private static readonly Duty.Verify Db = new()
    {
        DueAt = new DateTimeOffset(2026, 11, 23, 11, 0, 0, TimeSpan.Zero),
        Asset = new AssetId("db"),
        Snapshot = BlobId.Of("a"u8),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_happens_each_duty_is_done_and_recorded_once()
    {
        var (kills, sleeps) = (0, 0);
        var seeds = int.Parse(
            Environment.GetEnvironmentVariable("RESURGAM_DUTY_SEEDS") ?? "40",
            CultureInfo.InvariantCulture
        );
        for (var seed = 1; seed <= seeds; seed++)
            try
            {
                DutySimulation simulation = new(seed);
                await simulation.RunAsync(Token);
                await simulation.CheckAsync(Token);
                kills += simulation.Kills;
                sleeps += simulation.Sleeps;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        // Else the simulation would prove nothing.
        Assert.True(kills > 10 && sleeps > 10, $"{kills} kills, {sleeps} sleeps");
    }

    [Fact]
    public async Task Who_sleeps_for_an_hour_finds_its_duty_taken_and_stops()
    {
        LedgerWorld world = new();
        var (sleeper, other) = (NewBook(world, "sleeper"), NewBook(world, "other"));
        var claim = await ClaimAsync(sleeper, world);
        Assert.IsType<DutyAnswer.Later>(await other.TryClaimAsync(Db, world.Time.GetUtcNow(), Token));

        world.Time.Advance(TimeSpan.FromHours(1));
        await ClaimAsync(other, world);

        Assert.Null(await sleeper.TryHoldAsync(claim, world.Time.GetUtcNow(), Token));
        Assert.False(await sleeper.TryFinishAsync(claim, new(false, true, "done"), world.Time.GetUtcNow(), Token));
    }

    [Fact]
    public async Task Who_wakes_up_first_goes_on()
    {
        LedgerWorld world = new();
        var (sleeper, other) = (NewBook(world, "sleeper"), NewBook(world, "other"));
        var claim = await ClaimAsync(sleeper, world);
        world.Time.Advance(TimeSpan.FromHours(1));

        var held = await sleeper.TryHoldAsync(claim, world.Time.GetUtcNow(), Token);

        Assert.NotNull(held);
        Assert.IsType<DutyAnswer.Later>(await other.TryClaimAsync(Db, world.Time.GetUtcNow(), Token));
        Assert.True(await sleeper.TryFinishAsync(held, new(false, true, "done"), world.Time.GetUtcNow(), Token));
        Assert.IsType<DutyAnswer.Settled>(await other.TryClaimAsync(Db, world.Time.GetUtcNow(), Token));
    }

    [Fact]
    public async Task What_broke_is_tried_again_later_and_not_for_ever()
    {
        LedgerWorld world = new();
        var book = NewBook(world, "one");
        for (var attempt = 1; attempt <= DutyBook.MostAttempts; attempt++)
        {
            var claim = await ClaimAsync(book, world);
            Assert.Equal(attempt, claim.Attempt);
            await book.TryFinishAsync(claim, new(IsBroken: true, Passed: false, "no"), world.Time.GetUtcNow(), Token);
            if (attempt < DutyBook.MostAttempts)
                Assert.IsType<DutyAnswer.Later>(await book.TryClaimAsync(Db, world.Time.GetUtcNow(), Token));
            world.Time.Advance(TimeSpan.FromHours(2));
        }

        Assert.IsType<DutyAnswer.Settled>(await book.TryClaimAsync(Db, world.Time.GetUtcNow(), Token));
        var later = Db with { DueAt = Db.DueAt.AddHours(1) };
        Assert.IsType<DutyAnswer.Ours>(await book.TryClaimAsync(later, world.Time.GetUtcNow(), Token));
    }

    [Fact]
    public async Task What_was_let_go_need_not_be_waited_for()
    {
        LedgerWorld world = new();
        var (one, other) = (NewBook(world, "one"), NewBook(world, "other"));
        var claim = await ClaimAsync(one, world);

        await one.TryReleaseAsync(claim, world.Time.GetUtcNow(), Token);

        Assert.Equal(1, (await ClaimAsync(other, world)).Attempt);
    }

    [Fact]
    public async Task A_drill_begins_when_daemons_knew_of_it_before_and_within_half_an_hour()
    {
        LedgerWorld world = new(); // its clock begins at an hour that is none of these
        var (one, other) = (NewBook(world, "one"), NewBook(world, "other"));
        var first = DrillDue(world);
        Assert.IsType<DutyAnswer.Settled>(await one.TryClaimAsync(first, world.Time.GetUtcNow(), Token)); // nobody knew
        Assert.IsType<DutyAnswer.Settled>(await other.TryClaimAsync(first, world.Time.GetUtcNow(), Token));

        world.Time.Advance(TimeSpan.FromHours(1));
        var second = DrillDue(world);
        world.Time.Advance(TimeSpan.FromMinutes(30));
        var claim = Assert
            .IsType<DutyAnswer.Ours>(await one.TryClaimAsync(second, world.Time.GetUtcNow(), Token))
            .Claim;
        Assert.IsType<DutyAnswer.Later>(await other.TryClaimAsync(second, world.Time.GetUtcNow(), Token));
        await one.TryFinishAsync(claim, new(false, Passed: true, "passed"), world.Time.GetUtcNow(), Token);

        world.Time.Advance(TimeSpan.FromHours(1));
        var third = DrillDue(world);
        world.Time.Advance(TimeSpan.FromMinutes(31));
        var missed = await other.TryClaimAsync(third, world.Time.GetUtcNow(), Token);
        Assert.StartsWith(
            "missed: it was due at ",
            Assert.IsType<DutyAnswer.Missed>(missed).What,
            StringComparison.Ordinal
        );
        Assert.IsType<DutyAnswer.Settled>(await one.TryClaimAsync(third, world.Time.GetUtcNow(), Token));
        var state = await DutyState.ReadAsync(world.Ledger, third.Stream, Token);
        Assert.Equal((DutyEntry.Missed, false), (state.Kind, state.Passed));
    }

    [Fact]
    public async Task A_drill_whose_daemon_died_is_claimed_late_to_be_undone_and_one_that_broke_is_not()
    {
        LedgerWorld world = new();
        var (one, other) = (NewBook(world, "one"), NewBook(world, "other"));
        await one.TryClaimAsync(DrillDue(world), world.Time.GetUtcNow(), Token);
        world.Time.Advance(TimeSpan.FromHours(1));
        var drill = DrillDue(world);
        Assert.IsType<DutyAnswer.Ours>(await one.TryClaimAsync(drill, world.Time.GetUtcNow(), Token));
        world.Time.Advance(TimeSpan.FromHours(1)); // one is dead

        var late = Assert.IsType<DutyAnswer.Ours>(await other.TryClaimAsync(drill, world.Time.GetUtcNow(), Token));

        Assert.True(late.Claim.Duty.IsMissedAt(world.Time.GetUtcNow()));
        DutyResult broken = new(IsBroken: true, Passed: false, "no");
        await other.TryFinishAsync(late.Claim, broken, world.Time.GetUtcNow(), Token);
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.IsType<DutyAnswer.Missed>(await other.TryClaimAsync(drill, world.Time.GetUtcNow(), Token));
    }

    private static Duty.Drill DrillDue(LedgerWorld world) => new() { Of = "small", DueAt = world.Time.GetUtcNow() };

    private static async Task<DutyClaim> ClaimAsync(DutyBook book, LedgerWorld world) =>
        Assert.IsType<DutyAnswer.Ours>(await book.TryClaimAsync(Db, world.Time.GetUtcNow(), Token)).Claim;

    private static DutyBook NewBook(LedgerWorld world, string owner) =>
        new(world.NewWriter(world.NewMachine(owner)), new DutyTerms { Owner = owner });
}
