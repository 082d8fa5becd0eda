using System.Formats.Tar;
using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Core.Problems;

namespace Resurgam.Tests.Postgres.Capture;

public sealed class TarStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_and_contents_come_in_order()
    {
        using MemoryStream bytes = new(Archive());
        TarStream tar = new(bytes, "base.tar");

        Assert.Equal("empty", (await tar.NextAsync(Token))?.Path);
        Assert.Equal("base", (await tar.NextAsync(Token))?.Path);
        Assert.Equal(1000, (await tar.NextAsync(Token))?.SizeBytes);
        var content = new byte[1000];
        await tar.ReadAsync(content.AsMemory(0, 300), Token);
        await tar.ReadAsync(content.AsMemory(300), Token);
        Assert.Equal(Content(1000), content);
        Assert.Equal("base/whole", (await tar.NextAsync(Token))?.Path);
        await tar.ReadAsync(new byte[512], Token);
        Assert.Null(await tar.NextAsync(Token));
    }

    [Fact]
    public async Task An_archive_that_is_cut_anywhere_is_noticed()
    {
        var whole = Archive();
        var end = Array.FindLastIndex(whole, value => value != 0) / 512 * 512 + 512;
        for (var length = 0; length <= end; length += 100)
        {
            using MemoryStream cut = new(whole[..length]);
            TarStream tar = new(cut, "base.tar");

            var failure = await Assert.ThrowsAsync<ResurgamException>(() => ReadAllAsync(tar));

            Assert.Equal("postgres-bad-backup", failure.Problem.Code);
            Assert.Contains("base.tar ends", failure.Problem.What, StringComparison.Ordinal);
        }
    }

    private static async Task ReadAllAsync(TarStream tar)
    {
        while (await tar.NextAsync(Token) is { } entry)
            await tar.ReadAsync(new byte[entry.SizeBytes], Token);
    }

    private static byte[] Archive()
    {
        using MemoryStream bytes = new();
        using (TarWriter writer = new(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "empty"));
            writer.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "base"));
            foreach (var (name, size) in new[] { ("base/part", 1000), ("base/whole", 512) })
                writer.WriteEntry(
                    new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Content(size)) }
                );
        }
        return bytes.ToArray();
    }

    private static byte[] Content(int size) => [.. Enumerable.Range(1, size).Select(n => (byte)(n % 251 + 1))];
}
