using System.Formats.Tar;
using System.Text.Json;
using Resurgam.Adapters.Postgres.Wire;
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
