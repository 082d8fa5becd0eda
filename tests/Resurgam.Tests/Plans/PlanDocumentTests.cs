using Resurgam.Core.Plans;

namespace Resurgam.Tests.Plans;

/// <summary>What a plan says of how it is lived.</summary>
public sealed class PlanDocumentTests
{
    private const string Whole = """
        resurgam: 1
        name: whole
        vault: { store: file:///v, secret: { env: S } }
        document:
          version: '1.0'
          updated: 2025-12-08
          owner: sre
          review-every: 90d
          profiles: [hipaa]
          changes: [{ version: '1.0', date: 2025-12-08, author: SRE, what: First. }]
        objectives: { rto: 4h, rpo: 0s, mtpd: 1d }
        assets: { up: { kind: files, path: /u, rpo: 1h, rto: 2h, failure-domain: vienna } }
        schedules:
          hourly: { do: backup, asset: up, cron: '0 * * * *' }
          restore: { do: drill, drill: loss, cron: '0 9 1 * *', zone: Europe/Vienna }
        retention: { point-in-time: 90d, daily: 90, monthly: 24, verified-copies: 3, legal-hold: case 1 }
        services: { auth: { about: Signs in., needs: [up], critical: false } }
        dependencies: { github: { fallback: mirrors, vendor: hub } }
        keys: { seal: { opens: [up], escrow: [safe] } }
        scenarios:
          loss: { title: Loss, impact: full, probability: very-low, rto: 2h, rpo: 1h, runbook: r, affects: [up], severity: SEV-1 }
        drills: { loss: { scenario: loss, success: [all rows] } }
        people: { sre: { role: SRE, reach: [phone], login: root } }
        channels: { phone: { kind: phone, address: +1 }, hook: { kind: webhook, secret: { env: H } } }
        on-call: [{ who: sre }, { who: sre, after: 15m }]
        severities: { SEV-1: { respond-within: 15m, update-every: 30m, notify: [sre] } }
        templates: { out: { subject: Out, body: 'Since {{ started }}' } }
        vendors: { hub: { contract: none, reach: [phone] } }
        metrics: { mttr: { about: From fault to steady state., target: under 2h } }
        """;

    [Fact]
    public void Every_section_is_read()
    {
        var plan = PlanReaderTests.ReadGood(Whole);
        Assert.Equal(new Objectives(TimeSpan.FromHours(4), TimeSpan.Zero, TimeSpan.FromDays(1)), plan.Objectives);
        Assert.Equal((TimeSpan.FromHours(1), "vienna"), (plan.Assets[0].Rpo, plan.Assets[0].FailureDomain));
        Assert.Equal([ScheduledWork.Backup, ScheduledWork.Drill], plan.Schedules.Select(schedule => schedule.Work));
        Assert.Equal(new CronTime("0 9 1 * *", "Europe/Vienna"), plan.Schedules[1].Cron);
        Assert.Equal(
            (90, null, 24, 3),
            (plan.Retention?.Daily, plan.Retention?.Weekly, plan.Retention?.Monthly, plan.Retention?.VerifiedCopies)
        );
        Assert.Equal(
            (Impact.Full, Probability.VeryLow, "r"),
            (plan.Scenarios[0].Impact, plan.Scenarios[0].Probability, plan.Scenarios[0].Runbook)
        );
        Assert.Equal(TimeSpan.FromMinutes(15), plan.OnCall[1].After);
        Assert.Equal(new DateOnly(2025, 12, 8), plan.Document?.Changes[0].Date);
        Assert.Equal(new SecretSource.FromEnvironment("H"), plan.Channels[1].Secret);
        Assert.False(plan.Services[0].IsCritical);
    }

    [Theory]
    [InlineData("rpo: 1h, rto", "rpo: 2h, rto")]
    [InlineData("'0 * * * *'", "'5 * * * *'")]
    [InlineData("monthly: 24", "monthly: 25")]
    [InlineData("needs: [up]", "needs: []")]
    [InlineData("escrow: [safe]", "escrow: [drawer]")]
    [InlineData("severity: SEV-1", "severity: SEV-2")]
    [InlineData("role: SRE", "role: CTO")]
    [InlineData("login: root", "login: sre")]
    [InlineData("after: 15m", "after: 16m")]
    [InlineData("Since", "From")]
    [InlineData("contract: none", "contract: gold")]
    [InlineData("under 2h", "under 3h")]
    [InlineData("what: First.", "what: Second.")]
    [InlineData("failure-domain: vienna", "failure-domain: graz")]
    public void Every_change_of_meaning_changes_the_hash(string from, string to)
    {
        Assert.Contains(from, Whole, StringComparison.Ordinal);
        var changed = Whole.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(PlanReaderTests.ReadGood(Whole).Hash, PlanReaderTests.ReadGood(changed).Hash);
    }

    [Fact]
    public void Each_part_has_its_line()
    {
        var reading = Assert.IsType<PlanReading.Good>(PlanReader.Read(Whole, "resurgam.yaml"));
        Assert.Equal((14, 3), reading.Marks.Of("schedules.hourly"));
        Assert.Equal((14, 36), reading.Marks.Of("schedules.hourly.cron"));
        Assert.Equal((14, 3), reading.Marks.Of("schedules.hourly.zone"));
        Assert.Equal((1, 1), reading.Marks.Of("nothing.of.it"));
    }
}
