using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Runs;

namespace Resurgam.Tests.Runs;

/// <summary>Plans in which one key of a runbook or a target stands as its example has it.</summary>
internal static class RunbookExamples
{
    private const string Head =
        "resurgam: 1, vault: { store: file:///v, secret: { env: S }, replicas: [{ name: second-region, store: file:///w }] }, assets: { db: { kind: postgres, connection: host=x }, sessions: { kind: redis, host: a, restore: { start-empty: true } } }";

    private const string Targets =
        "targets: { db: { kind: postgres, connection: host=x }, store: { kind: redis, host: a }, names: { kind: dns, host: a, zone: example.net, key-name: k, key: { env: K } }, api: { kind: web, url: 'http://api' }, hook: { kind: webhook, url: { env: U } }, repo: { kind: git, address: /r, branch: main }, service: { kind: service, unit: a.service }, cluster: { kind: kubernetes, context: c, cluster-uid: u, namespace: n } }";

    /// <returns>Null for a key of another part of the plan.</returns>
    public static string? PlanWith(PlanSection section, PlanKey key)
    {
        if (TargetForms.Sections.Contains(section))
            return $"{{ {Head}, targets: {{ a: {TargetWith(section, key)} }} }}";
        if (section == RunbookKeys.RunbookSection)
            return Runbook(With(section, key));
        if (section == ScenarioSection.DrillSection || section == DrillKeys.NewestSection)
            return Drill(
                section == DrillKeys.NewestSection
                    ? $"{{ scenario: s, newest-after: {With(section, key)} }}"
                    : With(section, key)
            );
        if (!RunbookKeys.Sections.Contains(section))
            return null;
        if (section.Path.Contains("(action: fault-", StringComparison.Ordinal))
            return Drill($"{{ scenario: s, inject: {{ s: {StepWith(section, key)} }} }}");
        return Runbook(
            $"{{ steps: {{ fence: {RunbookKeys.StepExample}, verify: {RunbookKeys.StepExample}, s: {StepWith(section, key)} }} }}"
        );
    }

    private static string Runbook(string runbook) => $"{{ {Head}, {Targets}, runbooks: {{ r: {runbook} }} }}";

    private static string Drill(string drill) => $"{{ {Head}, {Targets}, drills: {{ d: {drill} }} }}";

    private static string StepWith(PlanSection section, PlanKey key)
    {
        const string approve = "action: approve, approval";
        const string wait = "action: wait, with: { for: 1s }";
        if (section == RunbookKeys.StepSection)
            return key.Name is "action" or "with" ? $"{{ {wait} }}" : $"{{ {wait}, {key.Name}: {key.Example} }}";
        if (section == RunbookKeys.ApprovalSection)
            return $"{{ {approve}: {With(section, key)} }}";
        if (section == RunbookKeys.UndoSection)
            return $"{{ {wait}, undo: {{ {wait} }} }}";
        if (section == RunbookKeys.ConditionSection)
            return $"{{ {wait}, postcondition: {{ {key.Name}: {key.Example} }} }}";
        if (section == RunbookKeys.SqlSection)
            return $"{{ {wait}, postcondition: {{ sql: {With(section, key)} }} }}";
        if (section == RunbookKeys.HttpSection)
            return $"{{ {wait}, postcondition: {{ http: {With(section, key, "api")} }} }}";
        if (section == RunbookKeys.CommandSection)
            return $"{{ {wait}, postcondition: {{ command: {With(section, key)} }} }}";
        var form = ActionForms.All.Single(form => form.Section == section);
        var target = form.Name switch
        {
            "http" => "api",
            "notify" => "hook",
            "dns-update" => "names",
            "git-revert" or "git-push" => "repo",
            "fault-kill-service" => "service",
            _ when form.Name.StartsWith("redis", StringComparison.Ordinal) => "store",
            _ when form.Name.StartsWith("service", StringComparison.Ordinal) => "service",
            _ when form.Name.StartsWith("kubernetes", StringComparison.Ordinal) => "cluster",
            _ => "db",
        };
        return $"{{ action: {form.Name}, with: {With(section, key, target)} }}";
    }

    private static string TargetWith(PlanSection section, PlanKey key)
    {
        var kind = section.Path[(section.Path.IndexOf("kind: ", StringComparison.Ordinal) + 6)..^1];
        var isDrill = section.Path.Contains("drill", StringComparison.Ordinal);
        const string programs = "start: [a], stop: [b], probe: [c]";
        var inside =
            kind == "redis" ? RedisWith(key)
            : kind == "route53" && key.Name is "access-key" or "secret-key"
                ? $"zone: example.net, zone-id: Z1, access-key: {{ env: A }}, secret-key: {{ env: B }}"
            : kind is "mail" or "git" ? MailWith(key, With(section, key)[1..^1])
            : kind == "service"
                ? key.Name is "start" or "stop" or "probe" ? programs
                    : key.Name is "drill" ? $"unit: a.service, drill: {key.Example}"
                    : "unit: a.service"
            : kind == "kubernetes" && key.Name is not ("cluster-uid" or "cluster-uid-file")
                ? $"cluster-uid: u, {With(section, key)[1..^1]}"
            : With(section, key)[1..^1];
        inside = inside
            .Replace("kind: web,", "", StringComparison.Ordinal)
            .Replace("kind: web", "", StringComparison.Ordinal)
            .Trim();
        if (!isDrill)
            return $"{{ kind: {kind}{(inside.Length > 0 ? $", {inside}" : "")} }}";
        var required = TargetForms
            .All.Single(form => form.Kind == kind)
            .Section.Keys.Where(other => other.IsRequired && other != TargetKeys.Kind)
            .Select(other => $"{other.Name}: {other.Example}");
        var whole =
            kind == "service" ? "unit: a.service"
            : kind == "redis" ? "host: a"
            : kind == "kubernetes" ? $"cluster-uid: u, {string.Join(", ", required)}"
            : string.Join(", ", required);
        return $"{{ kind: {kind}, {whole}, drill: {{ {inside} }} }}";
    }

    private static string MailWith(PlanKey key, string inside) =>
        key.Name switch
        {
            "kind" => inside.Replace("kind: web,", "", StringComparison.Ordinal),
            "user" => $"{inside}, password: {{ env: P }}",
            "password" => $"{inside}, user: a",
            _ => inside,
        };

    private static string RedisWith(PlanKey key) =>
        key.Name switch
        {
            "kind" => "host: a",
            "host" or "socket" => $"{key.Name}: {key.Example}",
            "user" => $"host: a, user: {key.Example}, password: {{ env: P }}",
            _ => $"host: a, {key.Name}: {key.Example}",
        };

    private static string With(PlanSection section, PlanKey key, string target = "db")
    {
        var keys = section
            .Keys.Where(other => other == key || other.IsRequired)
            .Select(other => $"{other.Name}: {(other.Name == ActionForms.Target.Name ? target : other.Example)}");
        return $"{{ {string.Join(", ", keys)} }}";
    }
}
