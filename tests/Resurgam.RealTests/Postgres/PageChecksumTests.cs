using System.Text.RegularExpressions;
using Resurgam.Core.Postgres;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Postgres;

public sealed partial class PageChecksumTests
{
    private const int PageBytes = 8192;

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Servers.Majors), MemberType = typeof(Servers))]
    public async Task Every_page_of_a_real_cluster_is_sound_and_in_its_place(int major)
    {
        var token = TestContext.Current.CancellationToken;
        await using var server = await PostgresServer.StartAsync(major, options: null, token);
        await server.QueryAsync(
            "CREATE TABLE t AS SELECT i, md5(i::text) AS v FROM generate_series(1, 50000) i",
            token
        );
        await server.QueryAsync("CREATE INDEX ON t (v)", token);
        await server.QueryAsync("DELETE FROM t WHERE i % 7 = 0", token);
        await server.QueryAsync("VACUUM t", token);
        await server.StopAsync(StopMode.Fast, token);

        var (pages, misplaced, newest) = (0, 0, default(Lsn));
        foreach (var file in RelationFiles(server.DataDirectory))
        {
            var bytes = await File.ReadAllBytesAsync(file, token);
            for (var block = 0u; block < bytes.Length / PageBytes; block++)
            {
                var page = bytes.AsSpan((int)block * PageBytes, PageBytes);
                Assert.True(PageChecksum.Verify(page, block), $"{file}, block {block}");
                if (PageChecksum.IsNew(page))
                    continue;
                pages++;
                misplaced += PageChecksum.Verify(page, block + 1) ? 1 : 0;
                newest = PageChecksum.PageLsn(page) > newest ? PageChecksum.PageLsn(page) : newest;
            }
        }

        Assert.InRange(pages, 1500, 10_000);
        // In files of so few blocks, neighbours never come to the same remainder.
        Assert.Equal(0, misplaced);
        await server.StartAgainAsync(token);
        var insertedTo = Lsn.Parse(await server.ScalarAsync("SELECT pg_current_wal_insert_lsn()", token));
        Assert.InRange(newest.Value, 1u << 20, insertedTo.Value);
    }

    private static IEnumerable<string> RelationFiles(string dataDirectory) =>
        Directory
            .EnumerateFiles(dataDirectory, "*", SearchOption.AllDirectories)
            .Where(path => RelationFile().IsMatch(Path.GetRelativePath(dataDirectory, path)));

    [GeneratedRegex("^(global|base/[0-9]+)/[0-9]+(_(fsm|vm|init))?$")]
    private static partial Regex RelationFile();
}
