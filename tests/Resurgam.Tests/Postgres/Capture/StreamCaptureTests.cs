using System.Formats.Tar;
using System.Text;
using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Tests.Postgres.Wire;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Postgres.Capture;

/// <summary>What a capture makes of what a server sends; a script plays the server.</summary>
public sealed class StreamCaptureTests
{
    private const string Relation = "base/5/16384";
    private const string Label = "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\n";

    private readonly VaultWorld _world = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Three sound pages: new ones, which no checksum is expected of.</summary>
    private static byte[] Pages => new byte[3 * RelationChunks.PageBytes];

    private static Dictionary<string, byte[]> Files =>
        new(StringComparer.Ordinal)
        {
            ["backup_label"] = Encoding.UTF8.GetBytes(Label),
            ["PG_VERSION"] = "17\n"u8.ToArray(),
            [Relation] = Pages,
            ["standby.signal"] = [],
            ["tablespace_map"] = "16385 /srv/space\n"u8.ToArray(),
            ["global/pg_control"] = new byte[8192],
        };

    [Fact]
    public async Task What_the_server_sends_is_in_the_snapshot()
    {
        var files = await CaptureAsync(new Served(Files));

        Assert.Equal(
            [
                "pgdata",
                "pgdata/PG_VERSION",
                "pgdata/backup_label",
                "pgdata/base",
                "pgdata/base/5",
                $"pgdata/{Relation}",
                "pgdata/global",
                "pgdata/global/pg_control",
                "pgdata/pg_tblspc",
                "pgdata/pg_tblspc/16385",
                "tablespaces",
                "tablespaces/16385",
                "tablespaces/16385/PG_17_202406281",
                "tablespaces/16385/PG_17_202406281/9",
            ],
            files.Entries.Select(file => file.Path).Order(StringComparer.Ordinal)
        );
        Assert.True(files.TryFind("pgdata", out var root));
        Assert.Equal((0x1E8u, 101u, NodeType.Directory), (root.Node.Mode, root.Node.UserId, root.Node.Type)); // 0750
        Assert.True(files.TryFind("pgdata/pg_tblspc/16385", out var link));
        Assert.Equal("/srv/space", link.Node.LinkTarget);
        Assert.True(files.TryFind($"pgdata/{Relation}", out var relation));
        Assert.Equal((3L * 8192, 1), (relation.Node.SizeBytes, relation.Content.Count));
    }

    [Fact]
    public async Task A_file_that_changed_on_the_way_is_noticed()
    {
        var sent = Files;
        sent["PG_VERSION"] = "18\n"u8.ToArray();

        var failure = await FailAsync(new Served(sent) { Listed = Files });

        Assert.Equal("postgres-backup-garbled", failure.Problem.Code);
        Assert.Contains("PG_VERSION has another", failure.Problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_did_not_come_is_noticed()
    {
        var sent = Files;
        sent.Remove(Relation);

        var failure = await FailAsync(new Served(sent) { Listed = Files });

        Assert.Equal("postgres-backup-garbled", failure.Problem.Code);
        Assert.Contains($"{Relation} is missing", failure.Problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_without_a_manifest_is_none() =>
        Assert.Equal(
            "postgres-backup-garbled",
            (await FailAsync(new Served(Files) { HasManifest = false })).Problem.Code
        );

    [Fact]
    public async Task An_archive_that_ends_early_is_no_backup() =>
        Assert.Equal("postgres-bad-backup", (await FailAsync(new Served(Files) { CutBytes = 3000 })).Problem.Code);

    [Fact]
    public async Task A_backup_that_ends_before_its_start_is_none() =>
        Assert.Equal(
            "postgres-backup-interrupted",
            (await FailAsync(new Served(Files) { End = "0/1000000" })).Problem.Code
        );

    [Fact]
    public async Task A_page_that_only_the_server_finds_wrong_is_recorded()
    {
        Served served = new(Files)
        {
            Warning = $"checksum verification failed in file \"./{Relation}\", block 2: calculated 1 but expected 2",
        };

        await CaptureAsync(served, damaged: [$"{Relation} block 2"]);
    }

    [Fact]
    public async Task Wrong_pages_that_nobody_names_leave_no_snapshot()
    {
        var failure = await FailAsync(new Served(Files) { Warning = "something is wrong" });

        Assert.Equal("XX001", PostgresErrorException.SqlStateOf(failure));
    }

    [Fact]
    public async Task A_wrong_page_is_recorded_and_a_newer_one_is_not()
    {
        var files = Files;
        files[Relation] = Pages;
        files[Relation][14] = 1; // in use, and its checksum is wrong
        files[Relation][8192 + 14] = 1;
        files[Relation][8192] = 1; // changed after the start of the backup

        await CaptureAsync(new Served(files), damaged: [$"{Relation} block 0"]);
    }

    private async Task<ResurgamException> FailAsync(Served served)
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(() => CaptureAsync(served));
        Assert.DoesNotContain(_world.Store.Objects.Keys, key => key.Contains("/snapshots/", StringComparison.Ordinal));
        return failure;
    }

    private async Task<FileTable> CaptureAsync(Served served, string[]? damaged = null)
    {
        using var vault = await _world.CreateAsync(_world.Store, Token);
        await using var snapshot = await SnapshotWriter.BeginAsync(vault, VaultWorld.Asset, "postgres", Token);
        await using var session = await OpenAsync(served.Script());
        ClusterFacts facts = new()
        {
            SystemIdentifier = 7,
            ServerVersion = session.ServerVersion,
            Timeline = 1,
            IsStandby = false,
            HasDataChecksums = true,
            WalSegmentBytes = 16 << 20,
            Tablespaces = [],
            ConfigurationFiles = [],
        };
        PostgresSource source = new() { Asset = VaultWorld.Asset, Connection = Settings };
        var parent = await ParentBackup.ReadAsync(snapshot, facts, Token);

        var cluster = await new StreamCapture(source, 2, _world.Time, NoProgress.Instance).RunAsync(
            session,
            facts,
            snapshot,
            parent,
            Token
        );

        Assert.Equal(damaged ?? [], cluster.DamagedPages);
        Assert.Equal((new Lsn(0x2000028), new Lsn(0x2000100)), (cluster.Start, cluster.Stop));
        var entry = await snapshot.CompleteAsync(["/"], Token);
        return await snapshot.Reader.LoadAsync(entry, "", new ContentLists(new MemoryScratch()), Token);
    }

    private static ConnectionSettings Settings =>
        new()
        {
            Host = "/nowhere",
            User = "postgres",
            Database = "postgres",
        };

    private async Task<PostgresConnection> OpenAsync(Script script)
    {
        Transport transport = new(new ScriptedStream(script.Bytes, _ => int.MaxValue), socket: null, isLocal: true);
        ProtocolSession session = new(transport, "server", _world.Time);
        await Handshake.StartAsync(session, transport, Settings, SessionKind.PhysicalReplication, Token);
        return new PostgresConnection(session, Settings, SessionKind.PhysicalReplication);
    }

    /// <summary>How the server behaves.</summary>
    private sealed record Served(Dictionary<string, byte[]> Sent)
    {
        public Dictionary<string, byte[]> Listed { get; init; } = Sent;
        public bool HasManifest { get; init; } = true;
        public int? CutBytes { get; init; }
        public string End { get; init; } = "0/2000100";

        /// <summary>With one the server fails the backup at its end.</summary>
        public string? Warning { get; init; }

        public Script Script()
        {
            var script = Wire
                .Script.Started("17.2")
                .Rows(["0750"])
                .Ready()
                .Rows(["0/2000028", "1"])
                .Rows(["16385", "/srv/space", "1"], [null, null, "10"])
                .Add('H', [0, 0, 0]);
            var space = new Dictionary<string, byte[]>(StringComparer.Ordinal) { ["PG_17_202406281/9"] = [] };
            AddArchive(script, "16385.tar", "/srv/space", space, cutBytes: null);
            AddArchive(script, "base.tar", "", Sent, CutBytes);
            if (Warning is not null)
                script.Notice("WARNING", Warning);
            if (HasManifest)
                script.Add('d', "m"u8.ToArray()).Add('d', "d"u8.ToArray(), Manifest());
            script.Add('c').Rows([End, "1"]);
            return Warning is null
                ? script.Add('C', Wire.Script.Text("BASE_BACKUP")).Ready()
                : script.Error("ERROR", "XX001", "checksum verification failure during base backup").Ready();
        }

        private byte[] Manifest() =>
            new BackupManifest
            {
                Files =
                [
                    .. Listed.Select(file => new ManifestFile(
                        file.Key,
                        file.Value.Length,
                        new UnixTime(0, 0),
                        Crc32C.Append(0, file.Value)
                    )),
                ],
                WalRanges = [new BackupWalRange(1, new Lsn(0x2000028), new Lsn(0x2000100))],
            }.Write();

        private static void AddArchive(
            Script script,
            string name,
            string folder,
            Dictionary<string, byte[]> files,
            int? cutBytes
        )
        {
            using MemoryStream tar = new();
            using (TarWriter writer = new(tar, TarEntryFormat.Ustar, leaveOpen: true))
                foreach (var (path, content) in files)
                    writer.WriteEntry(
                        new UstarTarEntry(TarEntryType.RegularFile, path)
                        {
                            Uid = 101,
                            DataStream = new MemoryStream(content),
                        }
                    );
            script.Add('d', "n"u8.ToArray(), Wire.Script.Text(name), Wire.Script.Text(folder));
            foreach (var piece in tar.ToArray()[..(cutBytes ?? (int)tar.Length)].Chunk(5000))
                script.Add('d', "d"u8.ToArray(), piece);
        }
    }
}
