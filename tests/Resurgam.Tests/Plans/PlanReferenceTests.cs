using System.Globalization;
using System.Text;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Kinds;
using Resurgam.Core.Plans.Sections;
using Resurgam.Tests.Runs;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Plans;

/// <summary>docs/reference-plan.md is written from the table that the reader uses, and what it shows is read.</summary>
public sealed class PlanReferenceTests
{
    private const string Head = """
        # The plan file

        One file says what must survive and where its copies live. `resurgam` reads the file named with `--plan`, else by the
        variable `RESURGAM_PLAN`, else `./resurgam.yaml`. `resurgam plan check` lists everything that is wrong with it, and
        `resurgam plan show` shows it with every default.

        - It is YAML of the plain kind: no anchors, aliases or tags, one document, at most 4 MiB.
        - Unknown keys and keys that stand twice are errors.
        - A duration is whole numbers with units, the larger first: `90d`, `1h30m`, `10s`, `500ms`. A size has a unit too:
          `256 KiB`, `1.5 GiB`, `50 MB`.
        - Secrets are never in the file: it says where they are.
        - Paths are absolute. Only the store may lie beside the plan file: `file:./vault`.

        ```yaml

        """;

    private const string Example = """
        resurgam: 1
        vault:
          store: file:///srv/vault
          secret: { env: RESURGAM_SECRET }
        assets:
          db:
            kind: postgres
            connection: host=/var/run/postgresql user=postgres
            data-directory: /var/lib/postgresql/15/main   # read locally; without it: replication protocol
            questions:
              - name: audit rows
                sql: select count(*) from audit_logs
          sessions: { kind: redis, host: sessions.internal, password: { env: REDIS_PASSWORD } }
          uploads: { kind: files, path: /srv/uploads }

        """;

    [Fact]
    public void The_reference_is_the_table()
    {
        var text = new StringBuilder($"{Head}{Example}```\n");
        foreach (var section in PlanKeys.Sections)
        {
            var title = section == PlanKeys.Root ? "The top level" : $"`{section.Path}`";
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{section.About}\n\n");
            text.Append("| key | type | default | example | what it does |\n| --- | --- | --- | --- | --- |\n");
            foreach (var key in section.Keys)
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| `{key.Name}` | {key.Type} | {DefaultOf(section, key)} | `{key.Name}: {key.Example}` | {key.About} |\n"
                );
        }
        Golden.MatchInRepository("docs/reference-plan.md", text.ToString());
    }

    [Fact]
    public void The_example_of_the_reference_is_a_plan() =>
        Assert.Equal(3, PlanReaderTests.ReadGood(Example).Assets.Count);

    [Fact]
    public void The_example_of_every_key_is_right()
    {
        foreach (var (section, key) in PlanKeys.Sections.SelectMany(s => s.Keys.Select(k => (s, k))))
            PlanReaderTests.ReadGood(PlanWith(section, key));
    }

    [Fact]
    public void Every_kind_that_is_named_can_be_read() =>
        Assert.Equal(AssetKeys.KindNames, AssetKinds.All.Select(kind => kind.Name));

    [Fact]
    public void Every_section_has_every_key_once() =>
        Assert.All(
            PlanKeys.Sections,
            section => Assert.Equal(section.Keys.Count, section.Keys.DistinctBy(k => k.Name).Count())
        );

    /// <summary>A plan in which this key stands as its example has it, beside what its section needs.</summary>
    private static string PlanWith(PlanSection section, PlanKey key)
    {
        if (RunbookExamples.PlanWith(section, key) is { } runbooks)
            return runbooks;
        var isChoice = section == SecretKeys.Section;
        var group = section
            .Keys.Where(other => other == key || (other.IsRequired && !isChoice))
            .Select(other => $"{other.Name}: {(other == AssetKeys.Kind ? KindOf(section) : other.Example)}");
        if (key == PostgresKeys.Databases)
            group = group.Append("capture: logical");
        var inside = $"{{ {string.Join(", ", group)} }}";
        const string vault = "vault: { store: file:///v, secret: { env: S } }";
        const string postgres = "kind: postgres, connection: host=x";
        const string redis = "kind: redis, host: x";
        return section.Path switch
        {
            PlanKeys.RootPath => inside,
            "vault" => $"{{ resurgam: 1, vault: {PlaceWith(key, inside)} }}",
            "vault.replicas[]" =>
                $"{{ resurgam: 1, vault: {{ store: file:///v, secret: {{ env: S }}, replicas: [{PlaceWith(key, inside).Replace("///srv/vault", "///r", StringComparison.Ordinal)}] }} }}",
            "vault.azure" =>
                $"{{ resurgam: 1, vault: {{ store: azure://container, secret: {{ env: S }}, azure: {AzureWith(key, inside)} }} }}",
            "vault.s3" =>
                $"{{ resurgam: 1, vault: {{ store: s3://bucket, secret: {{ env: S }}, s3: {S3With(inside)} }} }}",
            "vault.secret" => $"{{ resurgam: 1, vault: {{ store: file:///v, secret: {inside} }} }}",
            "assets.NAME.wal" => $"{{ resurgam: 1, {vault}, assets: {{ a: {{ {postgres}, wal: {inside} }} }} }}",
            "assets.NAME.tls" =>
                $"{{ resurgam: 1, {vault}, assets: {{ a: {{ {redis}, tls: {WithCertificate(key)} }} }} }}",
            "assets.NAME.restore" => $"{{ resurgam: 1, {vault}, assets: {{ a: {{ {redis}, restore: {inside} }} }} }}",
            "assets.NAME (kind: redis)" => $"{{ resurgam: 1, {vault}, assets: {{ a: {RedisWith(key)} }} }}",
            "assets.NAME.github" => $"{{ resurgam: 1, {vault}, assets: {{ a: {{ kind: git, github: {inside} }} }} }}",
            "assets.NAME (kind: git)" => $"{{ resurgam: 1, {vault}, assets: {{ a: {GitWith(key)} }} }}",
            "recovery-sets.NAME" => $"{{ resurgam: 1, {vault}, recovery-sets: {{ s: {inside} }} }}",
            "recovery-sets.NAME.barrier" =>
                $"{{ resurgam: 1, {vault}, recovery-sets: {{ s: {{ assets: [a], barrier: {inside} }} }} }}",
            "assets.NAME.questions[]" =>
                $"{{ resurgam: 1, {vault}, assets: {{ a: {{ {postgres}, questions: [{inside}] }} }} }}",
            var path when path.StartsWith("assets.", StringComparison.Ordinal) =>
                $"{{ resurgam: 1, {vault}, assets: {{ a: {inside} }} }}",
            var path => $"{{ resurgam: 1, {vault}, {Around(path, OfDrill(section, key, inside))} }}",
        };
    }

    /// <summary>The group where its path says: <c>a</c> alone, <c>a.NAME</c> among named ones, <c>a[]</c> in a list.</summary>
    private static string Around(string path, string inside)
    {
        var (first, rest) = path.Split('.', 2) is [var head, var tail] ? (head, tail) : (path, "");
        var within =
            rest == "NAME" ? $"{{ a: {inside} }}"
            : rest.Length > 0 ? $"{{ {Around(rest, inside)} }}"
            : inside;
        return first.EndsWith("[]", StringComparison.Ordinal) ? $"{first[..^2]}: [{within}]" : $"{first}: {within}";
    }

    /// <summary>A schedule that names a drill does one.</summary>
    private static string OfDrill(PlanSection section, PlanKey key, string inside) =>
        section == ScheduleSection.Section && key.Name == "drill"
            ? inside.Replace("do: backup", "do: drill", StringComparison.Ordinal)
            : inside;

    /// <summary>The groups of a store go with an address of its kind.</summary>
    private static string PlaceWith(PlanKey key, string inside) =>
        key == PlaceKeys.S3 ? inside.Replace(PlaceKeys.Store.Example, "s3://bucket", StringComparison.Ordinal)
        : key == PlaceKeys.Azure
            ? inside.Replace(PlaceKeys.Store.Example, "azure://container", StringComparison.Ordinal)
        : inside;

    /// <summary>One of two credentials.</summary>
    private static string AzureWith(PlanKey key, string inside) =>
        key == AzureKeys.Key || key == AzureKeys.Sas ? inside : $"{inside[..^2]}, key: {{ env: K }} }}";

    /// <summary>A key file goes with a certificate.</summary>
    private static string WithCertificate(PlanKey key) =>
        key == RedisKeys.CertificateKey
            ? $"{{ certificate: /c, key: {key.Example} }}"
            : $"{{ {key.Name}: {key.Example} }}";

    /// <summary>A server has one place, and a user a password.</summary>
    private static string RedisWith(PlanKey key) =>
        key.Name switch
        {
            "kind" => "{ kind: redis, host: x }",
            "host" or "socket" => $"{{ kind: redis, {key.Name}: {key.Example} }}",
            "user" => $"{{ kind: redis, host: x, user: {key.Example}, password: {{ env: P }} }}",
            _ => $"{{ kind: redis, host: x, {key.Name}: {key.Example} }}",
        };

    /// <summary>Some repositories, and a user with a password.</summary>
    private static string GitWith(PlanKey key) =>
        key.Name switch
        {
            "kind" => "{ kind: git, repositories: [/srv/x] }",
            "repositories" => $"{{ kind: git, repositories: {key.Example} }}",
            "user" => $"{{ kind: git, repositories: [/srv/x], user: {key.Example}, password: {{ env: P }} }}",
            "password" => $"{{ kind: git, repositories: [/srv/x], user: u, password: {key.Example} }}",
            _ => $"{{ kind: git, repositories: [/srv/x], {key.Name}: {key.Example} }}",
        };

    /// <summary>The keys of credentials stand together.</summary>
    private static string S3With(string inside)
    {
        if (inside.Contains("kms-key", StringComparison.Ordinal))
            return $"{inside[..^2]}, encryption: kms }}";
        if (inside.Contains("object-lock", StringComparison.Ordinal))
            return $"{inside[..^2]}, lock-for: 1d }}";
        if (inside.Contains("lock-for", StringComparison.Ordinal))
            return $"{inside[..^2]}, object-lock: governance }}";
        string[] keys =
            inside.Contains("-key", StringComparison.Ordinal) || inside.Contains("token", StringComparison.Ordinal)
                ? ["access-key", "secret-key"]
                : [];
        var missing = keys.Where(key => !inside.Contains(key, StringComparison.Ordinal))
            .Select(key => $", {key}: {{ env: K }}");
        return $"{inside[..^2]}{string.Concat(missing)} }}";
    }

    private static string KindOf(PlanSection section) =>
        AssetKinds.All.First(kind => kind.Sections.Contains(section)).Name;

    private static string DefaultOf(PlanSection section, PlanKey key) =>
        (section == SecretKeys.Section, key) switch
        {
            (true, _) => "",
            (_, { IsRequired: true }) => "required",
            (_, { Default: { } written }) => $"`{written}`",
            (_, { DefaultInWords: { } words }) => words,
            _ => throw new InvalidOperationException($"{key.Name} does not say what holds without it"),
        };
}
