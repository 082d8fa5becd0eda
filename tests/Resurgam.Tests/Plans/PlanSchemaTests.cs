using System.Text.Json;
using System.Text.RegularExpressions;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Tests.Drills;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Plans;

public sealed partial class PlanSchemaTests
{
    private static JsonElement Schema { get; } = JsonDocument.Parse(PlanSchema.Text()).RootElement;

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example { get; }

    [Fact]
    public void The_published_schema_is_the_one_of_the_keys() =>
        Golden.MatchInRepository("docs/plan.schema.json", PlanSchema.Text());

    /// <summary>What it refuses the reader refuses too: each of these the reader takes.</summary>
    [Fact]
    public void Plans_that_are_read_fit_it()
    {
        var plans = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "plans"), "*.yaml", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs/findings"), "*.md"))
            .SelectMany(path =>
                path.EndsWith(".md", StringComparison.Ordinal)
                    ? Example.Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value)
                    : [File.ReadAllText(path)]
            )
            .Append(DrillExamples.Text);

        Assert.All(plans, text => Assert.Empty(WrongIn(text)));
    }

    [Theory]
    [InlineData("fault-kill-postgres", "fault-kill-postgre", "drills.loss.inject.kill.action: not among")]
    [InlineData(
        "start: true }, estimate",
        "strat: true }, estimate",
        "runbooks.back.steps.restore.with.strat: unknown"
    )]
    [InlineData("asset: db, to: /srv/new, ", "to: /srv/new, ", "runbooks.back.steps.restore.with: asset is missing")]
    [InlineData("hold-for: 20s", "holds-for: 20s", "drills.loss.holds-for: unknown")]
    [InlineData("query: there, expect: t", "query: there", "drills.loss.holds.sql: expect is missing")]
    [InlineData("kind: webhook, url: { env: HOOK }", "kind: webhook", "targets.hook: fits none")]
    [InlineData("drill: { connection: host=drill,", "drill: { conection: host=drill,", "targets.db: fits none")]
    public void A_slip_in_a_step_a_target_or_a_drill_is_seen(string what, string instead, string told)
    {
        Assert.Contains(what, DrillExamples.Text, StringComparison.Ordinal);

        var wrong = WrongIn(DrillExamples.Text.Replace(what, instead, StringComparison.Ordinal));

        Assert.Contains(wrong, one => one.StartsWith(told, StringComparison.Ordinal));
    }

    private static List<string> WrongIn(string text)
    {
        List<string> wrong = [];
        Check(
            Assert.IsType<YamlNode>(YamlTree.Read(text, new PlanReport("plan")), exactMatch: false),
            Schema,
            "",
            wrong
        );
        return wrong;
    }

    /// <summary>As much of JSON Schema as ours uses.</summary>
    private static void Check(YamlNode node, JsonElement schema, string path, List<string> wrong)
    {
        if (Find(schema, "$ref") is { } reference)
            Check(node, Schema.GetProperty("$defs").GetProperty($"{reference}".Split('/')[^1]), path, wrong);
        if (Find(schema, "type") is { } type && !IsOf(node, type))
            wrong.Add($"{path}: not of type {type}");
        if (Find(schema, "const") is { } only && (node as YamlNode.Scalar)?.Text != only.GetString())
            wrong.Add($"{path}: not {only}");
        if (
            Find(schema, "enum") is { } among
            && among.EnumerateArray().All(one => one.GetString() != (node as YamlNode.Scalar)?.Text)
        )
            wrong.Add($"{path}: not among {among}");
        if (Find(schema, "oneOf") is { } kinds && kinds.EnumerateArray().Count(kind => Fits(node, kind)) != 1)
            wrong.Add($"{path}: fits none, or several");
        if (Find(schema, "allOf") is { } all)
            foreach (var rule in all.EnumerateArray())
                if (Find(rule, "if") is not { } condition)
                    Check(node, rule, path, wrong);
                else if (Fits(node, condition))
                    Check(node, rule.GetProperty("then"), path, wrong);
        if (node is YamlNode.Sequence sequence && Find(schema, "items") is { } items)
            foreach (var item in sequence.Items)
                Check(item, items, path, wrong);
        if (node is YamlNode.Mapping mapping)
            CheckKeys(mapping, schema, path, wrong);
    }

    private static void CheckKeys(YamlNode.Mapping mapping, JsonElement schema, string path, List<string> wrong)
    {
        var known = Find(schema, "properties");
        var others = Find(schema, "additionalProperties");
        foreach (var entry in mapping.Entries)
        {
            var name = path.Length == 0 ? entry.Key.Text : $"{path}.{entry.Key.Text}";
            if (known is { } keys && Find(keys, entry.Key.Text) is { } key)
                Check(entry.Value, key, name, wrong);
            else if (others is { ValueKind: JsonValueKind.False })
                wrong.Add($"{name}: unknown");
            else if (others is { } other)
                Check(entry.Value, other, name, wrong);
        }
        if (Find(schema, "required") is { } required)
            foreach (var key in required.EnumerateArray().Select(key => key.GetString() ?? ""))
                if (mapping.Find(key) is null)
                    wrong.Add($"{path}: {key} is missing");
    }

    private static bool Fits(YamlNode node, JsonElement schema)
    {
        List<string> wrong = [];
        Check(node, schema, "", wrong);
        return wrong.Count == 0;
    }

    private static bool IsOf(YamlNode node, JsonElement type) =>
        type.ValueKind == JsonValueKind.Array
            ? type.EnumerateArray().Any(one => IsOf(node, one))
            : type.GetString() switch
            {
                "object" => node is YamlNode.Mapping,
                "array" => node is YamlNode.Sequence,
                _ => node is YamlNode.Scalar,
            };

    private static JsonElement? Find(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;
}
