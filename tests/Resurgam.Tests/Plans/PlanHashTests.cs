using System.Text;
using Resurgam.Core.Plans;

namespace Resurgam.Tests.Plans;

public sealed class PlanHashTests
{
    private const string Plan = """
        resurgam: 1
        name: p
        vault: { store: file:./v, secret: { file: /s } }
        assets:
          b: { kind: files, path: /b, exclude: [x] }
          a: { kind: postgres, connection: host=c, questions: [{ name: q, sql: s }] }
        """;

    private const string SameSaidOtherwise = """
        # A comment.
        vault:
          secret:
            file: "/s/"
          store: 'file:./v'
        assets:
          a:
            questions: [{ sql: s, name: q }]
            kind: postgres
            connection: host=c
            wal: { slot: resurgam_a, synchronous-wait: 10000ms, fragment-size: 262144 }
          b: { kind: files, path: /b/., exclude: [x] }
        name: p
        resurgam: '1'
        """;

    private static readonly (string From, string To)[] Changes =
    [
        ("name: p", "name: q"),
        ("name: p", "name: p\nstate: /st"),
        ("file:./v", "file:./w"),
        ("{ file: /s }", "{ file: /t }"),
        ("{ file: /s }", "{ env: s }"),
        ("{ file: /s }", "{ command: [/s] }"),
        ("  b:", "  c:"),
        ("path: /b", "path: /c"),
        ("[x]", "[x, y]"),
        ("[x]", "[]"),
        ("connection: host=c", "connection: host=d"),
        ("connection: host=c", "connection: host=c, data-directory: /d"),
        ("connection: host=c", "connection: host=c, binaries: /d"),
        ("connection: host=c", "connection: host=c, max-rate: 1 MiB"),
        ("connection: host=c", "connection: host=c, wal: { slot: t }"),
        ("connection: host=c", "connection: host=c, wal: { synchronous-wait: 9s }"),
        ("connection: host=c", "connection: host=c, wal: { fragment-interval: 9s }"),
        ("connection: host=c", "connection: host=c, wal: { fragment-size: 9 B }"),
        ("name: q", "name: r"),
        ("sql: s", "sql: t"),
        ("sql: s", "sql: s, expect: '1'"),
    ];

    [Fact]
    public void The_canonical_form_is_one_text() =>
        Assert.Equal(
            """{"resurgam":1,"name":"p","vault":{"store":"file:./v","secret":{"file":"/s"}},"assets":{"a":{"kind":"postgres","connection":"host=c","wal":{"slot":"resurgam_a","synchronousWait":10,"fragmentInterval":1,"fragmentSize":262144},"questions":[{"name":"q","sql":"s"}]},"b":{"kind":"files","path":"/b","exclude":["x"]}}}""",
            Encoding.UTF8.GetString(PlanJson.Canonical(PlanReaderTests.ReadGood(Plan)))
        );

    [Fact]
    public void The_same_content_has_the_same_hash_wherever_it_lies() =>
        Assert.Equal(
            PlanReaderTests.ReadGood(Plan, "/a/p.yaml").Hash,
            PlanReaderTests.ReadGood(SameSaidOtherwise, "/b/q.yaml").Hash
        );

    [Fact]
    public void Every_change_of_content_changes_the_hash()
    {
        var hashes = Changes
            .Select(change => Plan.Replace(change.From, change.To, StringComparison.Ordinal))
            .Append(Plan)
            .Select(yaml => PlanReaderTests.ReadGood(yaml).Hash)
            .ToList();
        Assert.Equal(hashes.Count, hashes.Distinct().Count());
    }
}
