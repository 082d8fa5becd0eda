using System.Formats.Tar;
using System.Text.Json;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres;

public sealed class BaseBackupTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_backup_holds_the_files_of_the_server(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await server.QueryAsync("create table t as select n, md5(n::text) from generate_series(1, 50000) n", Token);
        await using var connection = await server.OpenReplicationAsync(Token);

        var backup = await connection.StartBaseBackupAsync(new BaseBackupOptions { Progress = true }, Token);
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        JsonDocument? manifest = null;
        while (await backup.NextAsync(Token) is { } part)
        {
            if (part is BaseBackupPart.Archive archive)
                await ReadTarAsync(archive.Tar, files);
            else if (part is BaseBackupPart.Manifest { Json: var json })
                manifest = await JsonDocument.ParseAsync(json, cancellationToken: Token);
        }

        Assert.True(backup.EndLsn > backup.StartLsn);
        Assert.Equal((1u, 1u), (backup.StartTimeline, backup.EndTimeline));
        Assert.True(Assert.Single(backup.Tablespaces).SizeKb > 1000);
        Assert.NotNull(manifest);
        Assert.Equal(
            manifest
                .RootElement.GetProperty("Files")
                .EnumerateArray()
                .Select(file => file.GetProperty("Path").GetString())
                .Order(StringComparer.Ordinal),
            files.Keys.Order(StringComparer.Ordinal)
        );
        var relation = await server.ScalarAsync("select pg_relation_filepath('t')", Token) ?? "";
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(server.DataDirectory, relation), Token),
            files[relation]
        );
        Assert.Equal(1u, (await connection.IdentifySystemAsync(Token)).Timeline);
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task Each_tablespace_is_an_archive(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        var folder = await server.MakeFolderAsync("space of its own", Token);
        await server.QueryAsync($"create tablespace far location '{folder}'", Token);
        await server.QueryAsync("create table t tablespace far as select generate_series(1, 1000) n", Token);
        var relation = await server.ScalarAsync("select pg_relation_filepath('t')", Token) ?? "";
        await using var connection = await server.OpenReplicationAsync(Token);

        var backup = await connection.StartBaseBackupAsync(new BaseBackupOptions { Manifest = false }, Token);
        var archives = new Dictionary<string, (string? Folder, Dictionary<string, byte[]> Files)>(
            StringComparer.Ordinal
        );
        while (await backup.NextAsync(Token) is { } part)
        {
            var archive = Assert.IsType<BaseBackupPart.Archive>(part);
            var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            await ReadTarAsync(archive.Tar, files);
            archives[archive.Name] = (archive.Tablespace, files);
        }

        Assert.Equal(2, backup.Tablespaces.Count);
        var far = Assert.Single(backup.Tablespaces, space => space.Oid is not null);
        Assert.Equal(folder, far.Location);
        var (location, content) = archives[$"{far.Oid}.tar"];
        Assert.Equal(folder, location);
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(server.DataDirectory, relation), Token),
            content[relation[$"pg_tblspc/{far.Oid}/".Length..]]
        );
        Assert.Null(archives["base.tar"].Folder);
        Assert.Contains("tablespace_map", archives["base.tar"].Files.Keys);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Servers.IncrementalMajors), MemberType = typeof(Servers))]
    public async Task An_incremental_backup_builds_on_an_uploaded_manifest(int major)
    {
        await using var server = await PostgresServer.StartAsync(
            major,
            new PostgresServerOptions { Settings = ["summarize_wal = on"] },
            Token
        );
        await server.QueryAsync("create table t as select n, md5(n::text) from generate_series(1, 50000) n", Token);
        // With page checksums even a hint bit is WAL: after this a read changes no page.
        await server.QueryAsync("vacuum freeze t", Token);
        var relation = await server.ScalarAsync("select pg_relation_filepath('t')", Token) ?? "";
        await using var connection = await server.OpenReplicationAsync(Token);
        var (full, manifest) = await ReadBackupAsync(connection, new BaseBackupOptions());
        await server.QueryAsync("update t set md5 = 'changed' where n = 25000; checkpoint", Token);

        using var upload = new MemoryStream(manifest);
        await connection.UploadManifestAsync(upload, Token);
        var (files, _) = await ReadBackupAsync(connection, new BaseBackupOptions { Incremental = true });

        var incremental = Path.Combine(
            Path.GetDirectoryName(relation) ?? "",
            $"INCREMENTAL.{Path.GetFileName(relation)}"
        );
        Assert.True(files[incremental].Length < full[relation].Length / 10);
        Assert.DoesNotContain(relation, files.Keys);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Servers.IncrementalMajors), MemberType = typeof(Servers))]
    public async Task An_incremental_backup_needs_summaries(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await using var connection = await server.OpenReplicationAsync(Token);
        var (_, manifest) = await ReadBackupAsync(connection, new BaseBackupOptions());

        var failure = await Assert.ThrowsAsync<ResurgamException>(async () =>
        {
            using var upload = new MemoryStream(manifest);
            await connection.UploadManifestAsync(upload, Token);
            await connection.StartBaseBackupAsync(new BaseBackupOptions { Incremental = true }, Token);
        });

        Assert.Equal("postgres-incremental-refused", failure.Problem.Code);
        Assert.Equal(1u, (await connection.IdentifySystemAsync(Token)).Timeline);
    }

    [Fact]
    public async Task A_manifest_that_is_none_is_refused()
    {
        await using var server = await PostgresServer.StartAsync(
            17,
            new PostgresServerOptions { Settings = ["summarize_wal = on"] },
            Token
        );
        await using var connection = await server.OpenReplicationAsync(Token);

        using var upload = new MemoryStream("{ \"this\": is not json"u8.ToArray());
        var failure = await Assert.ThrowsAsync<ResurgamException>(() => connection.UploadManifestAsync(upload, Token));

        Assert.Equal("postgres-incremental-refused", failure.Problem.Code);
        Assert.Equal(1u, (await connection.IdentifySystemAsync(Token)).Timeline);
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task A_page_with_a_wrong_checksum_fails_the_backup(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await server.QueryAsync("create table t as select generate_series(1, 1000) n; checkpoint", Token);
        var relation = await server.ScalarAsync("select pg_relation_filepath('t')", Token) ?? "";
        await server.StopAsync(StopMode.Fast, Token);
        await using (var file = File.OpenWrite(Path.Combine(server.DataDirectory, relation)))
        {
            file.Position = 8192 + 4000;
            file.WriteByte(0xAA);
        }
        await server.StartAgainAsync(Token);
        await using var connection = await server.OpenReplicationAsync(Token);

        var backup = await connection.StartBaseBackupAsync(new BaseBackupOptions(), Token);
        var failure = await Assert.ThrowsAsync<ResurgamException>(async () =>
        {
            while (await backup.NextAsync(Token) is not null) { }
        });

        Assert.Equal("XX001", PostgresErrorException.SqlStateOf(failure));
        Assert.Contains(backup.Warnings, warning => warning.Contains(relation, StringComparison.Ordinal));
        var (files, _) = await ReadBackupAsync(connection, new BaseBackupOptions { VerifyChecksums = false });
        Assert.Contains(relation, files.Keys);
    }

    [Theory]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task The_wal_of_the_backup_comes_along_when_asked_for(int major)
    {
        await using var server = await PostgresServer.StartAsync(major, null, Token);
        await using var connection = await server.OpenReplicationAsync(Token);

        var (files, _) = await ReadBackupAsync(
            connection,
            new BaseBackupOptions { IncludeWal = true, MaxRate = new Core.Values.ByteSize(1L << 30) }
        );

        Assert.Contains(files, file => file.Key.StartsWith("pg_wal/0000", StringComparison.Ordinal));
    }

    private static async Task<(Dictionary<string, byte[]> Files, byte[] Manifest)> ReadBackupAsync(
        PostgresConnection connection,
        BaseBackupOptions options
    )
    {
        var backup = await connection.StartBaseBackupAsync(options, Token);
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var manifest = new MemoryStream();
        while (await backup.NextAsync(Token) is { } part)
        {
            if (part is BaseBackupPart.Archive archive)
                await ReadTarAsync(archive.Tar, files);
            else if (part is BaseBackupPart.Manifest { Json: var json })
                await json.CopyToAsync(manifest, Token);
        }
        return (files, manifest.ToArray());
    }

    private static async Task ReadTarAsync(Stream tar, Dictionary<string, byte[]> files)
    {
        await using var reader = new TarReader(tar);
        while (await reader.GetNextEntryAsync(cancellationToken: Token) is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                continue;
            using var content = new MemoryStream();
            if (entry.DataStream is { } data)
                await data.CopyToAsync(content, Token);
            files[entry.Name] = content.ToArray();
        }
    }
}
