using System.Globalization;
using System.Text;
using System.Text.Json;
using Resurgam.Core.Plans;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;
using Resurgam.Tests.Plans;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Runs;

public sealed class RunbookReaderTests
{
    private const string Head = """
        resurgam: 1
        vault: { store: file:///v, secret: { env: S } }
        assets:
          db: { kind: postgres, connection: host=/run/postgresql }
        targets:
          db:
            kind: postgres
            connection: host=db1
            drill: { connection: host=/tmp/drill, data-directory: /tmp/drill/data }
          api: { kind: web, url: https://api.example.net }
          hook: { kind: webhook, url: { env: HOOK } }
          store: { kind: redis, host: store.example.net }
          repo: { kind: git, address: 'git@example.net:shop/manifests.git', branch: main }
        runbooks:

        """;

    private const string Loss = """
          loss:
            title: Database loss
            steady-state: [{ http: { target: api } }]
            steps:
              tell: { action: notify, with: { target: hook, text: it is down }, critical: false }
              fence: { action: postgres-fence, with: { target: db } }
              back:
                title: Bring it back
                action: vault-restore
                with: { asset: db, to: /srv/new, drill-to: /tmp/new, start: true, settings: ['port=5433'] }
                needs: [fence]
                precondition: { command: { argv: [test, -d, /srv] } }
                postcondition: { sql: { target: db, query: select 1, expect: '1' } }
                undo: { action: command, with: { argv: [rm, '-rf', /srv/new] } }
                approval: { by: [anna, ben], two-person: true }
                timeout: 1h
                estimate: 20m
                risk: high

        """;

    /// <summary>Each is the part below <c>runbooks:</c>; the first word says what is wrong with it.</summary>
    private static readonly (string What, string Yaml)[] Cases =
    [
        ("no steps", "  r: { steps: {} }\n"),
        ("shapes", "  r: { steps: [a], steady-state: {} }\n  s: x\n"),
        ("names", "  R: { steps: { a: { action: approve } } }\n  r: { steps: { A: { action: approve } } }\n"),
        ("no such action", "  r: { steps: { a: { action: notifi }, b: { with: {} }, c: { action: zzz } } }\n"),
        (
            "inputs",
            "  r: { steps: { a: { action: wait, with: { fro: 5m } }, b: { action: wait, with: { for: 5 } } } }\n"
        ),
        (
            "words",
            "  r:\n    steps:\n      a: { action: http, with: { target: api, method: get, path: x, status: 42 }, risk: deadly, drill: no }\n      b: { action: postgres-setting, with: { target: db, name: 'a b', value: c } }\n"
        ),
        (
            "needs",
            "  r: { steps: { a: { action: wait, with: { for: 1s }, needs: [bb] }, b: { action: wait, with: { for: 1s } } } }\n"
        ),
        (
            "a cycle",
            "  r:\n    steps:\n      a: { action: wait, with: { for: 1s } }\n      b: { action: wait, with: { for: 1s }, needs: [a, d] }\n      c: { action: wait, with: { for: 1s }, needs: [b] }\n      d: { action: wait, with: { for: 1s }, needs: [c] }\n"
        ),
        (
            "undo",
            "  r:\n    steps:\n      a: { action: wait, with: { for: 1s }, irreversible: true, undo: { action: wait, with: { for: 1s } } }\n      b: { action: wait, with: { for: 1s }, undo: { action: manual, with: { instructions: x } } }\n"
        ),
        ("approval", "  r: { steps: { a: { action: approve } } }\n"),
        (
            "conditions",
            "  r: { steady-state: [{}], steps: { a: { action: wait, with: { for: 1s }, precondition: { http: { target: api }, command: { argv: [a] } } } } }\n"
        ),
        ("replicas", "  r: { steps: { a: { action: vault-copy, with: { replica: offsite } } } }\n"),
        (
            "names in the DNS",
            "  r: { steps: { a: { action: dns-update, with: { target: api, name: 'www..net', type: MX, values: [] } } } }\n"
        ),
        (
            "commits",
            "  r: { steps: { a: { action: git-revert, with: { target: repo, commit: HEAD } }, b: { action: git-revert, with: { target: api, commit: '0d6fa9a..main' } }, c: { action: git-push, with: { target: api, from: restored.git, commit: main } } } }\n"
        ),
        (
            "what is worth keeping",
            "  r: { steps: { a: { action: redis-flush, with: { target: store, asset: db } }, b: { action: redis-flush, with: { target: db, asset: none } } } }\n"
        ),
        (
            "targets",
            "  r:\n    steps:\n      a: { action: postgres-fence, with: { target: dbb } }\n      b: { action: postgres-fence, with: { target: api } }\n      c: { action: vault-verify, with: { asset: db1 } }\n      d: { action: wait, with: { for: 1s }, postcondition: { http: { target: db } } }\n"
        ),
    ];

    [Fact]
    public void A_runbook_is_read_with_all_its_promises()
    {
        var plan = PlanReaderTests.ReadGood(Head + Loss);

        var runbook = Assert.Single(plan.Runbooks);
        var back = runbook.GetStep(new StepId("back"));
        Assert.Equal("Database loss", runbook.Title);
        Assert.Equal(["tell", "fence", "back"], runbook.Steps.Select(step => step.Id.Value));
        Assert.Equal([new StepId("fence")], back.Needs);
        Assert.Equal(["anna", "ben"], back.Approval?.By);
        Assert.Equal(
            (TimeSpan.FromHours(1), TimeSpan.FromMinutes(20), Risk.High),
            (back.Timeout, back.Estimate, back.Risk)
        );
        Assert.IsType<StepAction.VaultRestore>(back.Action);
        Assert.IsType<Condition.Sql>(back.Postcondition);
        Assert.IsType<StepAction.Command>(back.Undo);
        Assert.IsType<Target.Postgres>(plan.Targets[0].Drill);
    }

    [Fact]
    public void What_a_run_embeds_is_read_back_as_it_was()
    {
        var plan = PlanReaderTests.ReadGood(Head + Loss);
        using var runbook = JsonDocument.Parse(plan.Runbooks[0].Text);
        using var targets = JsonDocument.Parse(RunbookText.OfTargets(plan.Targets));

        var back = RunbookReader.TryRead(plan.Runbooks[0].Id, runbook.RootElement, targets.RootElement);

        Assert.Equal(plan.Runbooks[0], back?.Runbook);
        Assert.Equal(plan.Targets.OrderBy(target => target.Id.Value), back?.Targets);
    }

    [Fact]
    public void All_that_a_runbook_can_say_is_read_back_as_it_was()
    {
        var examples = PlanKeys
            .Sections.SelectMany(section => section.Keys.Select(key => RunbookExamples.PlanWith(section, key)))
            .OfType<string>()
            .ToList();
        Assert.True(examples.Count > 100, $"{examples.Count}");
        foreach (var plan in examples.Select(example => PlanReaderTests.ReadGood(example)))
        {
            using var targets = JsonDocument.Parse(RunbookText.OfTargets(plan.Targets));
            foreach (var each in plan.Runbooks)
            {
                using var runbook = JsonDocument.Parse(each.Text);
                var back = RunbookReader.TryRead(each.Id, runbook.RootElement, targets.RootElement);
                Assert.Equal(each, back?.Runbook);
                Assert.Equal(plan.Targets.OrderBy(target => target.Id.Value), back?.Targets);
            }
        }
    }

    [Theory]
    [InlineData("{\"steps\":{\"a\":{\"action\":\"of-tomorrow\"}}}")]
    [InlineData("[]")]
    [InlineData("{\"steps\":{\"a\":{\"action\":\"wait\",\"newer\":\"x\",\"with\":{\"for\":\"1s\"}}}}")]
    public void What_another_program_embedded_is_refused(string text)
    {
        using var runbook = JsonDocument.Parse(text);
        using var targets = JsonDocument.Parse("{}");

        Assert.Null(RunbookReader.TryRead(new RunbookId("r"), runbook.RootElement, targets.RootElement));
    }

    [Fact]
    public void Written_out_defaults_do_not_change_the_plan()
    {
        var brief = PlanReaderTests.ReadGood(Head + "  r: { steps: { a: { action: http, with: { target: api } } } }\n");
        var whole = PlanReaderTests.ReadGood(
            Head
                + "  r: { steps: { a: { with: { status: '200', target: api, method: GET, path: / }, action: http, risk: low, timeout: 10m } } }\n"
        );
        var other = PlanReaderTests.ReadGood(
            Head + "  r: { steps: { a: { action: http, with: { target: api, path: /x } } } }\n"
        );

        Assert.Equal(brief.Hash, whole.Hash);
        Assert.NotEqual(brief.Hash, other.Hash);
    }

    [Fact]
    public void A_drill_runs_what_has_a_place_for_it_and_nothing_that_goes_outward()
    {
        var runbook = PlanReaderTests
            .ReadGood(Head + Loss.Replace("critical: false", "drill: run", StringComparison.Ordinal))
            .Runbooks[0];

        Assert.Equal(
            [DrillBehaviour.Skip, DrillBehaviour.Run, DrillBehaviour.Run],
            runbook.Steps.Select(step => step.InDrill)
        );
    }

    [Fact]
    public void Every_message()
    {
        StringBuilder text = new();
        foreach (var (what, yaml) in Cases)
        {
            text.Append(CultureInfo.InvariantCulture, $"=== {what}\n{yaml}");
            foreach (var problem in ProblemsOf(Head + yaml))
                text.Append(CultureInfo.InvariantCulture, $"--- {problem}\n");
            text.Append('\n');
        }
        Golden.Match(text.ToString());
    }

    [Fact]
    public void Every_kind_of_action_is_listed_once()
    {
        var kinds = typeof(StepAction).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(StepAction))).ToList();

        Assert.Equal(kinds.Count, ActionForms.All.Select(form => form.Name).Distinct().Count());
    }

    private static ValueList<PlanProblem> ProblemsOf(string yaml) =>
        PlanReader.Read(yaml, "resurgam.yaml") is PlanReading.Bad(var problems)
            ? problems
            : throw new InvalidOperationException($"nothing is wrong with\n{yaml}");
}
