using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Predictions;
using Resurgam.Core.Vaults;
using Resurgam.Core.Wal;

namespace Resurgam.Tests.Predictions;

public sealed class AssetPredictionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly BlobId Old = BlobId.Of("old"u8);
    private static readonly BlobId New = BlobId.Of("new"u8);

    private static readonly AssetEvent.Verification Proof = Verification(New, minute: 5, passed: true);

    [Fact]
    public void A_proven_snapshot_without_objectives_is_safe()
    {
        var prediction = Predict(Facts(Backup(New, 0), Proof));

        Assert.False(prediction.IsAtRisk);
        Assert.Empty(prediction.Findings);
        Assert.Equal(TimeSpan.FromHours(1), prediction.Loss);
        Assert.Equal(New, prediction.Verified?.Id);
        Assert.Equal(["restore", "start and replay"], prediction.Steps.Select(step => step.Step));
        Assert.Equal(13, prediction.Recovery?.Likely.TotalSeconds);
    }

    [Fact]
    public void What_was_never_backed_up_is_lost_whole()
    {
        var prediction = Predict(Facts());

        Assert.Null(prediction.Loss);
        Assert.Null(prediction.RecoveryPoint);
        Assert.Equal(["no-snapshot"], Codes(prediction));
    }

    [Fact]
    public void A_backup_that_failed_after_a_good_one_is_a_risk()
    {
        AssetEvent.Failure failure = new()
        {
            At = Noon.AddMinutes(30),
            Tried = EntryKind.Backup,
            Code = "postgres-unreachable",
            What = "cannot reach it",
        };

        Assert.Equal(["backup-failed"], Codes(Predict(Facts(Backup(New, 0), Proof, failure))));
        Assert.Empty(Codes(Predict(Facts(failure with { At = Noon }, Backup(New, 0), Proof))));
    }

    /// <summary>A secret that is not set, a repository that does not answer: they are not in the newest snapshot.</summary>
    [Fact]
    public void A_backup_with_findings_is_a_risk()
    {
        var backup = Backup(New, 0) with { Findings = ["the secret is not set"], FindingCount = 1 };

        var finding = Assert.Single(Predict(Facts(backup, Proof)).Findings);

        Assert.Equal(("backup-flawed", true), (finding.Code, finding.IsRisk));
        Assert.Contains("the secret is not set", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_verification_could_not_prove_is_told()
    {
        var partial = Proof with { Unproven = "no scratch server is here" };

        var finding = Assert.Single(Predict(Facts(Backup(New, 0), partial)).Findings);

        Assert.Equal(("verification-partial", false), (finding.Code, finding.IsRisk));
        Assert.Contains("no scratch server is here", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_that_failed_its_verification_is_not_counted_on()
    {
        var prediction = Predict(
            Facts(
                Backup(Old, -60),
                Verification(Old, -50, passed: true),
                Backup(New, 0),
                Verification(New, 5, passed: false)
            )
        );

        Assert.Equal(["verification-failed"], Codes(prediction));
        Assert.Equal(Old, prediction.Newest?.Id);
        Assert.Equal(TimeSpan.FromHours(2), prediction.Loss);
    }

    [Fact]
    public void What_the_vault_no_longer_holds_proves_nothing()
    {
        var facts = Facts(Backup(Old, -60), Verification(Old, -50, passed: true), Backup(New, 0));
        var expired = facts with { Snapshots = [facts.Snapshots[1]] };

        Assert.Equal(["never-verified"], Codes(Predict(expired)));
    }

    [Fact]
    public void An_old_verification_is_a_risk() =>
        Assert.Equal(["verification-stale"], Codes(AssetPrediction.Of(Facts(Backup(New, 0), Proof), Noon.AddDays(10))));

    [Fact]
    public void Objectives_are_compared_with_what_would_be()
    {
        var facts = Facts(Backup(New, 0), Proof) with
        {
            LossObjective = TimeSpan.FromMinutes(15),
            RecoveryObjective = TimeSpan.FromSeconds(10),
        };

        var prediction = Predict(facts);

        Assert.Equal(["loss-over-objective", "recovery-over-objective"], Codes(prediction));
        Assert.Equal(TimeSpan.FromMinutes(-45), prediction.LossMargin);
        Assert.Equal(TimeSpan.FromSeconds(-3), prediction.RecoveryMargin);
        var near = Predict(
            facts with
            {
                LossObjective = TimeSpan.FromHours(2),
                RecoveryObjective = TimeSpan.FromSeconds(20),
            }
        );
        Assert.Equal(["recovery-near-objective"], Codes(near));
        Assert.False(near.IsAtRisk);
    }

    [Fact]
    public void With_a_stream_that_runs_the_loss_is_what_it_says()
    {
        var wal = Wal(reached: 300, storedMinute: 10) with
        {
            Stream = new StreamFacts(true, Noon.AddMinutes(59), null),
        };

        var prediction = Predict(Facts(Backup(New, 0), Proof) with { Wal = wal });

        Assert.Equal(TimeSpan.FromMinutes(1), prediction.Loss);
        Assert.Equal(200, prediction.WalBytes);
        Assert.Empty(prediction.Findings);
    }

    [Fact]
    public void Without_a_stream_here_the_store_says_what_is_safe_and_never_too_much()
    {
        var prediction = Predict(Facts(Backup(New, 0), Proof) with { Wal = Wal(reached: 300, storedMinute: 10) });

        Assert.Equal(Noon.AddMinutes(10).AddSeconds(-2), prediction.RecoveryPoint);
    }

    [Fact]
    public void Where_WAL_is_kept_elsewhere_the_schedule_makes_the_RPO()
    {
        var facts = Facts(Backup(New, 0), Proof) with { HasWalElsewhere = true };

        Assert.Contains("no schedule backs it up, so that it has no RPO", Told(facts), StringComparison.Ordinal);
        Assert.Contains(
            "a backup at least every 6h, makes the RPO 6h",
            Told(facts with { BackupEvery = TimeSpan.FromHours(6) }),
            StringComparison.Ordinal
        );

        static string Told(AssetFacts facts) =>
            Assert.Single(Predict(facts).Findings, finding => finding.Code == "wal-elsewhere").What;
    }

    [Fact]
    public void Behind_a_gap_a_stream_that_runs_helps_nobody()
    {
        var wal = Wal(reached: 300, storedMinute: 10) with
        {
            Stream = new StreamFacts(true, Noon.AddMinutes(59), null),
        };
        wal = wal with { Reach = wal.Reach! with { Gap = new WalRange(1, new Lsn(300), new Lsn(310)) } };

        var prediction = Predict(Facts(Backup(New, 0), Proof) with { Wal = wal });

        Assert.Equal(["wal-gap"], Codes(prediction));
        Assert.Equal(Noon.AddMinutes(10).AddSeconds(-2), prediction.RecoveryPoint);
    }

    [Fact]
    public void A_stream_that_stopped_here_is_a_risk()
    {
        var wal = Wal(reached: 300, storedMinute: 10) with { Stream = new StreamFacts(false, null, "cannot reach it") };

        Assert.Equal(["wal-stopped"], Codes(Predict(Facts(Backup(New, 0), Proof) with { Wal = wal })));
    }

    /// <summary>One that would only meet its problem again is not to be started just so.</summary>
    [Theory]
    [InlineData(null, "Start 'resurgam serve', or 'resurgam wal stream db'.")]
    [InlineData("Start the stream with --accept-gap.", "Start the stream with --accept-gap.")]
    public void The_hint_for_a_stream_that_stopped_is_what_mends_it(string? known, string hint)
    {
        var stream = new StreamFacts(false, null, "its slot is lost") { Hint = known };
        var wal = Wal(reached: 300, storedMinute: 10) with { Stream = stream };

        var prediction = Predict(Facts(Backup(New, 0), Proof) with { Wal = wal });

        Assert.Equal(hint, Assert.Single(prediction.Findings, f => f.Code == "wal-stopped").Hint);
    }

    [Fact]
    public void A_backup_that_its_schedule_wanted_is_late_after_an_hour_and_twice_what_the_last_one_took()
    {
        var facts = Facts(Backup(New, 0) with { Duration = TimeSpan.FromMinutes(10) }, Proof) with
        {
            BackupDueAt = Noon.AddMinutes(30),
        };

        Assert.Empty(Codes(AssetPrediction.Of(facts, Noon.AddMinutes(30 + 80))));
        Assert.Equal(["backup-late"], Codes(AssetPrediction.Of(facts, Noon.AddMinutes(30 + 81))));
        Assert.Empty(Codes(AssetPrediction.Of(facts with { BackupDueAt = Noon }, Noon.AddHours(9))));
    }

    [Theory]
    [InlineData(60, false)]
    [InlineData(61, true)]
    public void A_snapshot_of_the_future_is_no_comfort(int secondsAhead, bool isTold)
    {
        var facts = Facts(Backup(New, 0), Proof);
        var taken = facts.Snapshots[^1].TakenAt;

        var findings = AssetPrediction.Of(facts, taken.AddSeconds(-secondsAhead)).Findings;

        Assert.Equal(isTold, findings.Any(finding => finding is { Code: "clock-behind", IsRisk: true }));
    }

    [Fact]
    public void A_restore_that_wrote_little_measures_nothing()
    {
        var prediction = Predict(
            Facts(Backup(New, 0), Proof with { Bytes = new RestoredBytes(1000, Written: 10, Wal: 100) })
        );

        Assert.Null(prediction.Recovery);
        Assert.Equal(["unmeasured"], Codes(prediction));
    }

    [Fact]
    public void What_could_not_be_seen_is_a_risk() =>
        Assert.Equal(["unseen"], Codes(Predict(Facts(Backup(New, 0), Proof) with { Unseen = ["its WAL"] })));

    /// <summary>A snapshot of noon, and one of a quarter to; what was revoked last counts only when it refuses more.</summary>
    [Theory]
    [InlineData(-30, false, false, "refuses every point before, and with it 0 of its 2 snapshots")]
    [InlineData(-10, false, false, "refuses every point before, and with it 1 of its 2 snapshots")]
    [InlineData(10, false, true, "refuses all of its 2 snapshots")]
    [InlineData(10, true, false, "gives an empty server anyway")]
    public void What_was_revoked_is_told_and_is_a_risk_while_nothing_newer_is_there(
        int minute,
        bool startsEmpty,
        bool isRisk,
        string words
    )
    {
        AssetEvent.Revocation revoked = new()
        {
            At = Noon,
            Before = Noon.AddMinutes(minute),
            Reason = "tokens were stolen",
        };
        var facts = Facts(
            Backup(Old, -15),
            Backup(New, 0),
            Proof,
            revoked,
            revoked with
            {
                Before = Noon.AddHours(-20),
            }
        );

        var finding = Assert.Single(Predict(facts with { StartsEmpty = startsEmpty }).Findings);

        Assert.Equal(("sessions-revoked", isRisk), (finding.Code, finding.IsRisk));
        Assert.Contains("tokens were stolen", finding.What, StringComparison.Ordinal);
        Assert.Contains(words, finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_that_has_gone_beyond_what_was_revoked_is_restored()
    {
        AssetEvent.Revocation revoked = new()
        {
            At = Noon,
            Before = Noon.AddMinutes(10),
            Reason = "tokens were stolen",
        };
        var facts = Facts(Backup(New, 0), Proof, revoked) with { Wal = Wal(reached: 300, storedMinute: 11) };

        Assert.Equal([("sessions-revoked", false)], Predict(facts).Findings.Select(f => (f.Code, f.IsRisk)));
    }

    [Fact]
    public void A_history_stays_short_and_keeps_what_nothing_newer_replaces()
    {
        AssetEvent.Revocation revoked = new()
        {
            At = Noon,
            Before = Noon,
            Reason = "tokens were stolen",
        };
        var history = AssetHistory.Of([
            Backup(New, 0),
            Proof,
            revoked,
            revoked with
            {
                Before = Noon.AddHours(-1),
            },
            .. Enumerable.Range(10, 1000).Select(minute => Verification(Old, minute, passed: false)),
        ]);

        Assert.InRange(history.Events.Count, 32, 64);
        Assert.Equal(New, history.LastBackup?.Snapshot);
        Assert.Contains(Proof, history.Events);
        Assert.Equal(revoked, history.Revoked);
    }

    private static AssetPrediction Predict(AssetFacts facts) => AssetPrediction.Of(facts, Noon.AddHours(1));

    private static IEnumerable<string> Codes(AssetPrediction prediction) => prediction.Findings.Select(f => f.Code);

    private static AssetFacts Facts(params IReadOnlyList<AssetEvent> events) =>
        new()
        {
            Asset = new AssetId("db"),
            Kind = "postgres",
            History = AssetHistory.Of(events),
            Snapshots = [.. events.OfType<AssetEvent.Backup>().Select(b => new SnapshotFact(b.Snapshot, b.TakenAt))],
        };

    private static WalFacts Wal(ulong reached, int storedMinute) =>
        new()
        {
            Reach = new WalReach(new Lsn(reached), Noon.AddMinutes(storedMinute), Gap: null),
            ShippedWithin = TimeSpan.FromSeconds(2),
        };

    private static AssetEvent.Backup Backup(BlobId snapshot, int minute) =>
        new()
        {
            At = Noon.AddMinutes(minute),
            Snapshot = snapshot,
            TakenAt = Noon.AddMinutes(minute),
            SizeBytes = 1000,
            Timeline = 1,
            Start = new Lsn(100),
            Stop = new Lsn(200),
        };

    private static AssetEvent.Verification Verification(BlobId snapshot, int minute, bool passed) =>
        new()
        {
            At = Noon.AddMinutes(minute),
            Snapshot = snapshot,
            Passed = passed,
            Steps =
            [
                new StepTime("restore", TimeSpan.FromSeconds(10)),
                new StepTime("verify files", TimeSpan.FromSeconds(40)),
                new StepTime("start and replay", TimeSpan.FromSeconds(3)),
            ],
            Bytes = new RestoredBytes(1000, 1000, 100),
        };
}
