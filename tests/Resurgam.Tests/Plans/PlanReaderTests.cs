using System.Text.Json;
using CsCheck;
using Resurgam.Core.Plans;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Tests.Plans;

public sealed class PlanReaderTests
{
    private const string Whole = """
        resurgam: 1
        name: healthcare
        state: /var/lib/resurgam/./x/
        vault:
          store: file:///srv/vault/
          secret: { command: [pass, show, "resurgam vault"] }
        assets:
          db-1:
            kind: postgres
            connection: host=/var/run/postgresql user=postgres
            data-directory: /var/lib/postgresql/15/main
            binaries: /usr/lib/postgresql/15/bin
            max-rate: 50 MiB/s
            wal: { slot: mine, synchronous-wait: 1m30s, fragment-interval: 500ms, fragment-size: 1 MiB }
            questions:
              - name: audit rows
                sql: |-
                  select count(*)
                  from audit_logs
              - { name: none, sql: select null, expect: "0" }
          sessions:
            kind: redis
            host: sessions.internal
            port: 6380
            user: backup
            password: { file: /etc/resurgam/redis }
            tls: { ca-file: /etc/ssl/ca.pem, certificate: /etc/ssl/c.crt, key: /etc/ssl/c.key }
            binaries: /opt/redis/bin
            restore: { start-empty: true, append-only: true }
          uploads: { kind: files, path: /srv/uploads, exclude: ["*.tmp", cache/**] }
        """;

    private const string Small = """
        resurgam: 1
        vault: { store: file:./vault, secret: { env: RESURGAM_SECRET } }
        assets:
          a-b: { kind: postgres, connection: user=postgres }
        """;

    [Fact]
    public void Every_key_is_read()
    {
        var plan = ReadGood(Whole);
        Assert.Equal(
            new Plan
            {
                Name = "healthcare",
                StateDirectory = "/var/lib/resurgam/x",
                Vault = new VaultPlace
                {
                    Primary = new StorePlace
                    {
                        Store = new StoreAddress(StoreKind.Folder, "/srv/vault", "file:///srv/vault/"),
                    },
                    Secret = new SecretSource.FromCommand(["pass", "show", "resurgam vault"]),
                },
                Assets =
                [
                    new Asset.Postgres
                    {
                        Id = new AssetId("db-1"),
                        Connection = "host=/var/run/postgresql user=postgres",
                        DataDirectory = "/var/lib/postgresql/15/main",
                        Binaries = "/usr/lib/postgresql/15/bin",
                        MaxRate = new ByteSize(50 << 20),
                        Wal = new WalSettings
                        {
                            Slot = "mine",
                            SynchronousWait = TimeSpan.FromSeconds(90),
                            FragmentInterval = TimeSpan.FromMilliseconds(500),
                            FragmentSize = new ByteSize(1 << 20),
                        },
                        Questions =
                        [
                            new Question("audit rows", "select count(*)\nfrom audit_logs", Expect: null),
                            new Question("none", "select null", "0"),
                        ],
                    },
                    new Asset.Redis
                    {
                        Id = new AssetId("sessions"),
                        Host = "sessions.internal",
                        Port = 6380,
                        User = "backup",
                        Password = new SecretSource.FromFile("/etc/resurgam/redis"),
                        Tls = new TlsSettings
                        {
                            CaFile = "/etc/ssl/ca.pem",
                            Certificate = "/etc/ssl/c.crt",
                            Key = "/etc/ssl/c.key",
                        },
                        Binaries = "/opt/redis/bin",
                        StartEmpty = true,
                        AppendOnly = true,
                    },
                    new Asset.Files
                    {
                        Id = new AssetId("uploads"),
                        Path = "/srv/uploads",
                        Exclude = ["*.tmp", "cache/**"],
                    },
                ],
            },
            plan with
            {
                Assets = [.. plan.Assets.Select(asset => asset with { Text = "" })],
            }
        );
    }

    [Fact]
    public void Assets_that_a_run_has_embedded_are_read_back_as_they_were()
    {
        var assets = ReadGood(Whole).Assets;
        using var embedded = JsonDocument.Parse(RunbookText.OfAssets(assets));

        Assert.Equal(assets, RunbookReader.TryReadAssets(embedded.RootElement));
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var plan = ReadGood(Small);
        Assert.Equal("resurgam", plan.Name);
        Assert.Null(plan.StateDirectory);
        var asset = Assert.IsType<Asset.Postgres>(plan.Assets[0] with { Text = "" });
        Assert.Equal(
            new Asset.Postgres
            {
                Id = new AssetId("a-b"),
                Connection = "user=postgres",
                Wal = new WalSettings
                {
                    Slot = "resurgam_a_b",
                    SynchronousWait = TimeSpan.FromSeconds(10),
                    FragmentInterval = TimeSpan.FromSeconds(1),
                    FragmentSize = new ByteSize(256 << 10),
                },
            },
            asset
        );
    }

    [Theory]
    [InlineData("file:./vault", "/etc/resurgam/vault")]
    [InlineData("file:../vault", "/etc/vault")]
    [InlineData("file:///srv/my%20vault", "/srv/my vault")]
    [InlineData("file:/srv/vault", "/srv/vault")]
    [InlineData("file:///srv/../srv//vault/", "/srv/vault")]
    public void A_store_is_a_folder(string written, string path)
    {
        var plan = ReadGood(Small.Replace("file:./vault", written, StringComparison.Ordinal));
        Assert.Equal(new StoreAddress(StoreKind.Folder, path, written), plan.Vault.Store);
    }

    [Theory]
    [InlineData("/srv/vault")]
    [InlineData("s3://")]
    [InlineData("s3:bucket")]
    [InlineData("s3://b/vault")]
    [InlineData("s3://Bucket/vault")]
    [InlineData("s3://bucket/a/../b")]
    [InlineData("s3://bucket//b")]
    [InlineData("s3://key:secret@bucket/b")]
    [InlineData("file://host/vault")]
    [InlineData("file:///")]
    [InlineData("file:vault")]
    [InlineData("\"file:\"")]
    public void Other_addresses_are_refused(string written) =>
        Assert.Equal(["plan-store"], CodesOf(Small.Replace("file:./vault", written, StringComparison.Ordinal)));

    [Theory]
    [InlineData("s3://my-bucket", "my-bucket")]
    [InlineData("s3://my.bucket.net/", "my.bucket.net")]
    [InlineData("s3://bucket/some/vault/", "bucket/some/vault")]
    public void A_store_is_a_bucket_or_a_part_of_one(string written, string place)
    {
        var vault = ReadGood(Small.Replace("file:./vault", written, StringComparison.Ordinal)).Vault;
        Assert.Equal(new StoreAddress(StoreKind.S3, place, written), vault.Store);
        Assert.Equal(new S3Place { Region = "us-east-1", IsPathStyle = false }, vault.Primary.S3);
    }

    [Fact]
    public void Every_key_of_s3_is_read()
    {
        const string group =
            "s3: { endpoint: 'https://s3.example.net:9000/', region: eu-1, path-style: false, access-key: { env: A }, secret-key: { file: /b }, session-token: { command: [c] } }";
        var vault = ReadGood(Small.Replace("file:./vault", $"s3://bucket/v, {group}", StringComparison.Ordinal)).Vault;
        Assert.Equal(
            new S3Place
            {
                Endpoint = "https://s3.example.net:9000",
                Region = "eu-1",
                IsPathStyle = false,
                AccessKey = new SecretSource.FromEnvironment("A"),
                SecretKey = new SecretSource.FromFile("/b"),
                SessionToken = new SecretSource.FromCommand(["c"]),
            },
            vault.Primary.S3
        );
    }

    [Fact]
    public void Locks_classes_and_encryption_of_s3_are_read()
    {
        const string group =
            "s3: { storage-class: STANDARD_IA, encryption: kms, kms-key: alias/r, object-lock: compliance, lock-for: 90d }";
        var s3 = ReadGood(
            Small.Replace("file:./vault", $"s3://bucket/v, {group}", StringComparison.Ordinal)
        ).Vault.Primary.S3;
        Assert.Equal(
            ("STANDARD_IA", ServerEncryption.Kms, "alias/r", ObjectLock.Compliance, TimeSpan.FromDays(90)),
            (s3?.StorageClass, s3?.Encryption, s3?.KmsKey, s3?.ObjectLock, s3?.LockFor)
        );
    }

    [Fact]
    public void Replicas_are_places_like_the_primary()
    {
        var replicas =
            "replicas: [{ name: far, store: azure://container/v, failure-domain: west, bandwidth: 1 MiB/s, azure: { account: account, sas: { env: S } } }, { name: tape, store: file:///tape }]";
        var vault = ReadGood(
            Small.Replace("file:./vault", $"file:./vault, {replicas}", StringComparison.Ordinal)
        ).Vault;
        var far = vault.Replicas[0].Place;
        Assert.Equal(["far", "tape"], vault.Replicas.Select(replica => replica.Name));
        Assert.Equal(
            new AzurePlace
            {
                Account = "account",
                Endpoint = "https://account.blob.core.windows.net",
                Sas = new SecretSource.FromEnvironment("S"),
            },
            far.Azure
        );
        Assert.Equal(("container", "v"), (far.Store.Bucket, far.Store.Prefix));
        Assert.Equal(("west", new ByteSize(1 << 20)), (far.FailureDomain, far.Bandwidth));
        Assert.Equal("/tape", vault.Replicas[1].Place.Store.Value);
    }

    [Fact]
    public void A_server_of_ones_own_has_the_bucket_in_the_path()
    {
        var written = "s3://bucket/v, s3: { endpoint: 'http://127.0.0.1:7480' }";
        Assert.True(
            ReadGood(Small.Replace("file:./vault", written, StringComparison.Ordinal)).Vault.Primary.S3?.IsPathStyle
        );
    }

    [Theory]
    [InlineData("{ endpoint: 'https://a:hunter2@host' }")]
    [InlineData("{ endpoint: 'https://host/bucket' }")]
    [InlineData("{ endpoint: 'host:9000' }")]
    [InlineData("{ endpoint: 'ftp://host' }")]
    [InlineData("{ region: 'EU West' }")]
    [InlineData("{ access-key: { env: A } }")]
    [InlineData("{ secret-key: { env: A } }")]
    [InlineData("{ session-token: { env: A } }")]
    public void A_group_s3_that_cannot_be_is_refused(string group)
    {
        var yaml = Small.Replace("file:./vault", $"s3://bucket/v, s3: {group}", StringComparison.Ordinal);
        Assert.Equal(["plan-s3"], CodesOf(yaml));
        Assert.DoesNotContain("hunter2", string.Join("\n", ReadBad(yaml)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_beside_a_plan_in_the_working_folder_stays_relative_to_it() =>
        Assert.Equal("./vault", ReadGood(Small, "plan.yaml").Vault.Store.Value);

    [Fact]
    public void A_plan_without_assets_can_open_its_vault() =>
        Assert.Empty(ReadGood("{ resurgam: 1, vault: { store: file:./v, secret: { file: /s } } }").Assets);

    [Fact]
    public void A_byte_order_mark_and_other_line_ends_change_nothing() =>
        Assert.Equal(ReadGood(Whole), ReadGood('\uFEFF' + Whole.ReplaceLineEndings("\r\n")));

    [Fact]
    public void Words_are_words_whatever_yaml_makes_of_them_elsewhere()
    {
        var plan = ReadGood("{ resurgam: 1, name: no, vault: { store: file:./v, secret: { file: /s } } }");
        Assert.Equal("no", plan.Name);
    }

    [Fact]
    public void A_misspelt_secret_is_not_repeated()
    {
        foreach (
            var secret in new[]
            {
                "hunter2",
                "{ hunter2 }",
                "{ hunter2: x }",
                "{ value: hunter2 }",
                "{ env: 'hunter2 !' }",
                "{ file: hunter2 }",
                "{ env: { a: hunter2 } }",
            }
        )
        {
            var bad = ReadBad(Small.Replace("{ env: RESURGAM_SECRET }", secret, StringComparison.Ordinal));
            Assert.NotEmpty(bad);
            Assert.DoesNotContain("hunter2", string.Join("\n", bad), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("host=/run user=u password=hunter2")]
    [InlineData("host=/run PASSWORD = 'hunter2'")]
    [InlineData("postgresql://u:hunter2@host/db")]
    public void A_password_in_a_connection_is_refused_and_not_repeated(string connection)
    {
        var problem = Assert.Single(ReadBad(Small.Replace("user=postgres", connection, StringComparison.Ordinal)));
        Assert.Equal("plan-secret-written", problem.Problem.Code);
        Assert.DoesNotContain("hunter2", problem.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql://u@host:5432/db")]
    [InlineData("host=h passfile=/p")]
    public void A_connection_without_password_is_taken(string connection) =>
        ReadGood(Small.Replace("user=postgres", connection, StringComparison.Ordinal));

    [Fact]
    public void A_file_of_more_than_four_mebibytes_is_not_read() =>
        Assert.Equal(["plan-too-large"], CodesOf(new string('#', PlanReader.MaxLengthBytes + 1)));

    [Fact]
    public void A_plan_may_be_four_mebibytes_long() =>
        ReadGood(Small + '\n' + new string('#', PlanReader.MaxLengthBytes - Small.Length - 1));

    [Fact]
    public void Deep_nesting_ends_the_reading() =>
        Assert.Equal(["plan-too-deep"], CodesOf($"a: {new string('[', 1_000_000)}"));

    [Fact]
    public void No_more_problems_are_told_than_a_person_reads()
    {
        var keys = string.Join("\n", Enumerable.Range(0, 200_000).Select(n => $"key{n}: 1"));
        var bad = ReadBad(keys);
        Assert.Equal(100, bad.Count);
    }

    [Fact]
    public void Any_text_is_a_plan_or_has_problems_with_places() => Gen.String[0, 200].Sample(AssertSane, iter: 3000);

    [Fact]
    public void Any_damage_to_a_plan_leaves_a_plan_or_problems_with_places() =>
        Gen.Select(
                Gen.Int[0, Whole.Length - 1],
                Gen.Int[0, 12],
                Gen.OneOf<string>(
                    "",
                    "\t",
                    "\n",
                    "- ",
                    ": ",
                    "[",
                    "{",
                    "}",
                    "&a ",
                    "*a",
                    "!t ",
                    "'",
                    "\"",
                    "---\n",
                    "\0",
                    "\uD800",
                    "? ",
                    "|",
                    ">-",
                    "%",
                    "@",
                    "#"
                )
            )
            .Sample(
                (at, cut, put) => AssertSane(Whole[..at] + put + Whole[Math.Min(Whole.Length, at + cut)..]),
                iter: 20_000
            );

    private static void AssertSane(string yaml)
    {
        if (PlanReader.Read(yaml, "/p/resurgam.yaml") is not PlanReading.Bad(var problems))
            return;
        var lines = yaml.ReplaceLineEndings("\n").Split('\n').Length;
        Assert.NotEmpty(problems);
        Assert.All(problems, problem => Assert.InRange(problem.Line, 1, lines + 1));
        Assert.All(problems, problem => Assert.True(problem.Column >= 1));
    }

    internal static Plan ReadGood(string yaml, string file = "/etc/resurgam/resurgam.yaml") =>
        PlanReader.Read(yaml, file) switch
        {
            PlanReading.Good(var plan) => plan,
            PlanReading.Bad(var problems) => throw new InvalidOperationException(string.Join("\n", problems)),
            _ => throw new InvalidOperationException("a third kind of reading"),
        };

    private static ValueList<PlanProblem> ReadBad(string yaml) =>
        Assert.IsType<PlanReading.Bad>(PlanReader.Read(yaml, "/etc/resurgam/resurgam.yaml")).Problems;

    private static IEnumerable<string> CodesOf(string yaml) => ReadBad(yaml).Select(problem => problem.Problem.Code);
}
