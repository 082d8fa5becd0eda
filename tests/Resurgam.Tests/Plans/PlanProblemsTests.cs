using System.Globalization;
using System.Text;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Plans;

/// <summary>What a person sees for each way in which a plan can be wrong.</summary>
public sealed class PlanProblemsTests
{
    private const string Vault = "vault: { store: file:///v, secret: { env: S } }";

    /// <summary>Each is a whole file; the first word says what is wrong with it.</summary>
    private static readonly (string What, string Yaml)[] Cases =
    [
        ("nothing in it", "# only a comment\n"),
        ("a list", "- a\n"),
        ("only text", "hello\n"),
        ("no yaml", $"resurgam: 1\n{Vault}\nassets: [\n"),
        ("a tab", $"resurgam: 1\n{Vault}\nassets:\n\tdb: {{ kind: files, path: /a }}\n"),
        ("two documents", $"resurgam: 1\n{Vault}\n---\na: 1\n"),
        ("anchor and alias", $"resurgam: 1\n{Vault}\nassets:\n  a: &x {{ kind: files, path: /a }}\n  b: *x\n"),
        ("a tag", $"resurgam: !!int 1\n{Vault}\n"),
        ("a key that is a list", $"resurgam: 1\n{Vault}\n? [a]\n: b\n"),
        ("version 2", $"resurgam: 2\n{Vault}\n"),
        ("everything missing", "name: x\n"),
        ("empty values", "resurgam:\nname: ''\nvault:\nassets:\n"),
        ("unknown keys", $"resurgam: 1\n{Vault}\nnmae: x\nslot: y\nretention: z\n"),
        (
            "keys twice",
            $"resurgam: 1\n{Vault}\nassets:\n  a: {{ kind: files, path: /a, path: /b }}\n  a: {{ kind: files, path: /c }}\n"
        ),
        ("wrong shapes", "resurgam: [1]\nname: {}\nvault: /srv\nassets: [a]\n"),
        (
            "paths",
            $"resurgam: 1\nstate: var\n{Vault}\nassets:\n  a: {{ kind: files, path: ~/x }}\n  b: {{ kind: files, path: \"/a\\nb\" }}\n"
        ),
        (
            "connections",
            $"resurgam: 1\n{Vault}\nassets:\n"
                + string.Concat(
                    new[]
                    {
                        "hst=foo",
                        "host=db port=70000",
                        "host=db sslmode=allow",
                        "host=a,b",
                        "host=db user",
                        "postgresql://db/?sslmode=on",
                        "password=geheim",
                    }.Select((connection, at) => $"  a{at}: {{ kind: postgres, connection: '{connection}' }}\n")
                )
        ),
        ("stores", "resurgam: 1\nvault: { store: /srv/vault, secret: { file: /s } }\n"),
        ("stores on S3", "resurgam: 1\nvault: { store: s3://b/x y, secret: { file: /s } }\n"),
        (
            "a server on S3",
            "resurgam: 1\nvault:\n  store: s3://bucket/x\n  secret: { file: /s }\n  s3: { endpoint: s3.example.net, region: Here, path-style: yes, access-key: { env: A }, secretkey: hunter2 }\n"
        ),
        ("S3 for a folder", "resurgam: 1\nvault: { store: file:///v, secret: { file: /s }, s3: { region: eu-1 } }\n"),
        (
            "an odd S3",
            "resurgam: 1\nvault:\n  store: s3://bucket/x\n  secret: { file: /s }\n  s3: { storage-class: cold, encryption: rot13, kms-key: a, object-lock: firm }\n"
        ),
        (
            "stores on Azure",
            "resurgam: 1\nvault:\n  store: azure://Container/x\n  secret: { file: /s }\n  azure: { account: My.Account, endpoint: my.account, key: { env: A }, sas: { env: B } }\n"
        ),
        ("Azure without its group", "resurgam: 1\nvault: { store: azure://container, secret: { file: /s } }\n"),
        (
            "Azure without a key",
            "resurgam: 1\nvault: { store: azure://container, secret: { file: /s }, azure: { account: account } }\n"
        ),
        (
            "Azure for a folder",
            "resurgam: 1\nvault: { store: file:///v, secret: { file: /s }, azure: { account: account, key: { env: A } } }\n"
        ),
        (
            "replicas",
            "resurgam: 1\nvault:\n  store: file:///v\n  secret: { file: /s }\n  replicas:\n    - { name: primary, store: file:///w }\n    - { name: a, store: file:///v/ }\n    - { name: a, store: s3://bucket, bandwidth: 5 }\n    - { store: nowhere }\n"
        ),
        (
            "replicas that are no list",
            "resurgam: 1\nvault: { store: file:///v, secret: { file: /s }, replicas: { a: b } }\n"
        ),
        ("a secret itself", "resurgam: 1\nvault: { store: file:///v, secret: hunter2 }\n"),
        ("no secret", "resurgam: 1\nvault: { store: file:///v, secret: {} }\n"),
        ("two secrets", "resurgam: 1\nvault: { store: file:///v, secret: { env: A, file: /b } }\n"),
        ("odd secrets", "resurgam: 1\nvault: { store: file:///v, secret: { env: A-B } }\n"),
        ("no command", "resurgam: 1\nvault: { store: file:///v, secret: { command: [] } }\n"),
        ("a shell line", "resurgam: 1\nvault: { store: file:///v, secret: { command: pass show x } }\n"),
        (
            "asset names",
            $"resurgam: 1\n{Vault}\nassets:\n  Db: {{ kind: files, path: /a }}\n  {new string('a', 41)}: {{ kind: files, path: /a }}\n"
        ),
        (
            "kinds",
            $"resurgam: 1\n{Vault}\nassets:\n  a: {{ kind: postgresql }}\n  b: {{ kind: mysql }}\n  c: {{ path: /a }}\n  d:\n"
        ),
        (
            "a password",
            $"resurgam: 1\n{Vault}\nassets:\n  a: {{ kind: postgres, connection: user=u password=hunter2 }}\n"
        ),
        (
            "slots",
            $"resurgam: 1\n{Vault}\nassets:\n  a: {{ kind: postgres, connection: host=x, wal: {{ slot: A-B }} }}\n  a-b: {{ kind: postgres, connection: host=x }}\n  a_b: {{ kind: postgres, connection: host=x }}\n"
        ),
        (
            "durations and sizes",
            $"resurgam: 1\n{Vault}\nassets:\n  a:\n    kind: postgres\n    connection: host=x\n    max-rate: fast\n    wal: {{ synchronous-wait: 10, fragment-interval: 2h, fragment-size: 0 }}\n"
        ),
        (
            "questions",
            $"resurgam: 1\n{Vault}\nassets:\n  a:\n    kind: postgres\n    connection: host=x\n    questions: [ {{ name: q, sql: s }}, {{ name: q, sql: t }}, {{ sql: u, expected: v }}, w ]\n"
        ),
        (
            "logical captures",
            $"resurgam: 1\n{Vault}\nassets:\n  a: {{ kind: postgres, connection: host=x, capture: logical, data-directory: /d, wal: {{ slot: s }} }}\n  b: {{ kind: postgres, connection: host=x, databases: [shop] }}\n"
        ),
        (
            "redis servers",
            $"resurgam: 1\n{Vault}\nassets:\n  a: {{ kind: redis }}\n  b: {{ kind: redis, host: x, socket: /s }}\n  c: {{ kind: redis, host: 'x:6379/0', port: 70000 }}\n  d: {{ kind: redis, socket: /s, tls: {{}} }}\n  e: {{ kind: redis, host: x, user: u, password: hunter2 }}\n  f: {{ kind: redis, host: x, user: u, tls: {{ key: /k }}, restore: {{ start-empty: yes }} }}\n"
        ),
        ("patterns", $"resurgam: 1\n{Vault}\nassets: {{ a: {{ kind: files, path: /a, exclude: ['a//b', ok] }} }}\n"),
        (
            "schedules",
            $"resurgam: 1\n{Vault}\nschedules:\n  a: {{ do: dance, cron: '* *', zone: Mars/Base }}\n  b: {{ do: drill, cron: '0 4 * * *' }}\n  c: {{ do: backup, drill: x, cron: '0 4 * * *' }}\n  d: {{ do: scrub, asset: x, cron: '0 4 * * *' }}\n  b c: {{}}\n  e: [a]\n"
        ),
        (
            "dates and counts",
            $"resurgam: 1\n{Vault}\ndocument: {{ updated: 8.12.2025, profiles: [gdpr], changes: {{}} }}\nretention: {{ daily: many, point-in-time: 0d }}\npeople: [a]\n"
        ),
        ("two people of one user", $"resurgam: 1\n{Vault}\npeople: {{ anna: {{}}, ben: {{ login: anna }} }}\n"),
        (
            "one question without a list",
            $"resurgam: 1\n{Vault}\nassets: {{ a: {{ kind: postgres, connection: host=x, questions: {{ name: q, sql: s }} }} }}\n"
        ),
    ];

    [Fact]
    public void Every_message()
    {
        var text = new StringBuilder();
        foreach (var (what, yaml) in Cases)
        {
            text.Append(CultureInfo.InvariantCulture, $"=== {what}\n{yaml}");
            foreach (var problem in ProblemsOf(yaml))
                text.Append(CultureInfo.InvariantCulture, $"--- {problem}\n");
            text.Append('\n');
        }
        text.Append(
            CultureInfo.InvariantCulture,
            $"=== an asset that is not there\n{AssetUnknown("dbb").Problem}\n{AssetUnknown("zzz").Problem}\n"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"=== a scenario that is not there\n{ScenarioUnknown("losss").Problem}\n{ScenarioUnknown("zzz").Problem}\n"
        );
        Golden.Match(text.ToString());
    }

    [Fact]
    public void Every_code_is_in_the_golden_file_and_has_its_page()
    {
        var source = string.Concat(
            Directory
                .EnumerateFiles(Path.Combine(Repository.Root, "src/Resurgam.Core/Plans"), "PlanProblems*.cs")
                .Select(File.ReadAllText)
        );
        var told = Cases
            .SelectMany(each => ProblemsOf(each.Yaml))
            .Concat(ProblemsOf(new string(' ', PlanReader.MaxLengthBytes + 1)))
            .Concat(ProblemsOf(new string('[', 100)))
            .Select(problem => problem.Problem.Code)
            .Append(AssetUnknown("x").Problem.Code)
            .Append(ScenarioUnknown("x").Problem.Code)
            .ToHashSet();
        var written = System
            .Text.RegularExpressions.Regex.Matches(source, "\"(plan-[a-z0-9-]+)\"")
            .Select(match => match.Groups[1].Value)
            .ToHashSet();
        Assert.Equal(written.Order(), told.Order());
        Assert.All(
            told,
            code => Assert.True(File.Exists(Path.Combine(Repository.Root, $"docs/errors/{code}.md")), code)
        );
    }

    private static ValueList<PlanProblem> ProblemsOf(string yaml) =>
        PlanReader.Read(yaml, "resurgam.yaml") is PlanReading.Bad(var problems)
            ? problems
            : throw new InvalidOperationException($"nothing is wrong with\n{yaml}");

    private static ResurgamException ScenarioUnknown(string name) =>
        PlanProblems.ScenarioUnknown(
            PlanReaderTests.ReadGood(
                $"resurgam: 1\n{Vault}\nassets: {{ db: {{ kind: files, path: /a }} }}\nscenarios: {{ loss: {{ title: Loss }} }}"
            ),
            name
        );

    private static ResurgamException AssetUnknown(string id)
    {
        var plan = PlanReaderTests.ReadGood(
            $"resurgam: 1\n{Vault}\nassets: {{ db: {{ kind: files, path: /a }}, up: {{ kind: files, path: /b }} }}"
        );
        return Assert.Throws<ResurgamException>(() => plan.GetAsset(id));
    }
}
