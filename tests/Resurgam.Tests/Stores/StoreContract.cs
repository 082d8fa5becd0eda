using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Stores;

/// <summary>What every store must do (<see cref="IStore"/>). A new store adds one subclass, and no test.</summary>
public abstract class StoreContract
{
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract IStore Store { get; }

    [Fact]
    public async Task What_was_put_is_found_whole()
    {
        var bytes = Bytes(100_000);

        Assert.True(await Store.PutAsync("a/b/c", bytes, Token));

        Assert.Equal(bytes, await Store.FindAsync("a/b/c", Token));
        var head = await Store.HeadAsync("a/b/c", Token);
        Assert.Equal(("a/b/c", 100_000L), (head?.Key, head?.LengthBytes));
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_a_range_of_it_is_minus_one()
    {
        await Store.PutAsync("folder/object", new byte[1], Token);

        foreach (var key in (string[])["absent", "folder", "folder/other", "folder/object/below", "other/object"])
        {
            Assert.Null(await Store.FindAsync(key, Token));
            Assert.Null(await Store.HeadAsync(key, Token));
            Assert.Equal(-1, await Store.ReadAsync(key, 0, new byte[1], Token));
            await Store.DeleteAsync(key, Token);
        }
        Assert.NotNull(await Store.FindAsync("folder/object", Token));
    }

    [Fact]
    public async Task A_second_put_of_a_key_changes_nothing()
    {
        Assert.True(await Store.PutAsync("a", new byte[] { 1 }, Token));

        Assert.False(await Store.PutAsync("a", new byte[] { 2, 2 }, Token));

        Assert.Equal([1], await Store.FindAsync("a", Token));
    }

    [Fact]
    public async Task An_empty_object_is_there()
    {
        Assert.True(await Store.PutAsync("empty", default, Token));

        Assert.Empty(await Store.FindAsync("empty", Token) ?? [1]);
        Assert.Equal(0, await Store.ReadAsync("empty", 0, new byte[8], Token));
        Assert.False(await Store.PutAsync("empty", new byte[1], Token));
    }

    [Theory]
    [InlineData(0, 10, 10)]
    [InlineData(990, 10, 10)]
    [InlineData(995, 10, 5)]
    [InlineData(1000, 10, 0)]
    [InlineData(5000, 10, 0)]
    [InlineData(0, 2000, 1000)]
    [InlineData(500, 0, 0)]
    public async Task A_range_ends_with_the_object(long offset, int asked, int expected)
    {
        var bytes = Bytes(1000);
        await Store.PutAsync("ranged", bytes, Token);
        var buffer = new byte[asked];

        Assert.Equal(expected, await Store.ReadAsync("ranged", offset, buffer, Token));

        Assert.Equal(bytes.Skip((int)offset).Take(expected), buffer.Take(expected));
    }

    [Fact]
    public async Task A_listing_has_what_begins_with_the_prefix_in_ordinal_order()
    {
        string[] keys = ["a-b", "a.b", "a/b", "a/b-c", "a/b.c", "a/c", "ab", "a0", "B", "b/1", "b/10", "b/2", "b+/1"];
        foreach (var key in keys)
            await Store.PutAsync(key, new byte[key.Length], Token);

        foreach (var prefix in (string[])["", "a", "a/", "a/b", "b", "b/", "b/1", "absent", "absent/", "a/b/c/"])
        {
            var listed = await Store.ListAsync(prefix, Token).ToListAsync(Token);

            var expected = keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal);
            Assert.Equal(expected, listed.Select(item => item.Key));
            Assert.All(listed, item => Assert.Equal(item.Key.Length, item.LengthBytes));
        }
    }

    [Fact]
    public async Task What_was_deleted_is_gone_and_can_be_put_again()
    {
        await Store.PutAsync("a/b", new byte[] { 1 }, Token);

        await Store.DeleteAsync("a/b", Token);

        Assert.Null(await Store.FindAsync("a/b", Token));
        Assert.Empty(await Store.ListAsync("a/", Token).ToListAsync(Token));
        Assert.True(await Store.PutAsync("a/b", new byte[] { 2 }, Token));
        Assert.Equal([2], await Store.FindAsync("a/b", Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/../b")]
    [InlineData("./a")]
    [InlineData("a b")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData("ä")]
    [InlineData("a:b")]
    [InlineData("tmp/a")]
    public async Task A_name_that_is_no_key_is_refused_everywhere(string key)
    {
        await AssertBadAsync(() => Store.PutAsync(key, default, Token));
        await AssertBadAsync(() => Store.FindAsync(key, Token));
        await AssertBadAsync(() => Store.HeadAsync(key, Token));
        await AssertBadAsync(() => Store.ReadAsync(key, 0, new byte[1], Token).AsTask());
        await AssertBadAsync(() => Store.DeleteAsync(key, Token));
        Assert.Empty(await Store.ListAsync("", Token).ToListAsync(Token));
    }

    [Fact]
    public async Task Names_that_a_key_may_have_are_kept_apart()
    {
        string[] keys = ["tmp_/x", "Tmp", "TMP", "a=b", "a@b", "...", ".hidden/x", "-rf", "CON", "x".PadLeft(255, 'x')];
        foreach (var (index, key) in keys.Index())
            Assert.True(await Store.PutAsync(key, new byte[index], Token), key);

        foreach (var (index, key) in keys.Index())
            Assert.Equal(index, (await Store.FindAsync(key, Token))?.Length);
        var listed = await Store.ListAsync("", Token).Select(item => item.Key).ToListAsync(Token);
        Assert.Equal(keys.Order(StringComparer.Ordinal), listed);
    }

    /// <summary>Twenty writers of each key; each tells its own number, and readers look on.</summary>
    [Fact]
    public async Task Of_several_creators_exactly_one_wins_and_nobody_sees_half_of_it()
    {
        const int keys = 20;
        const int writers = 8;
        const int length = 40_000;
        var wins = new int[keys];
        var winner = new int[keys];
        var work = Enumerable
            .Range(0, keys * writers)
            .Select(i =>
                Task.Run(
                    async () =>
                    {
                        var (key, writer) = (i % keys, i / keys);
                        var seen = await Store.FindAsync($"race/{key}", Token);
                        Assert.True(seen is null || (seen.Length == length && seen.All(value => value == seen[0])));
                        if (
                            !await Store.PutAsync(
                                $"race/{key}",
                                Enumerable.Repeat((byte)writer, length).ToArray(),
                                Token
                            )
                        )
                            return;
                        Interlocked.Increment(ref wins[key]);
                        winner[key] = writer;
                    },
                    Token
                )
            );

        await Task.WhenAll(work);

        Assert.All(wins, count => Assert.Equal(1, count));
        for (var key = 0; key < keys; key++)
            Assert.Equal((byte)winner[key], (await Store.FindAsync($"race/{key}", Token))?[length - 1]);
    }

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => unchecked((byte)(i * 31)))];

    private static async Task AssertBadAsync(Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ResurgamException>(call);
        Assert.Equal("store-bad-key", failure.Problem.Code);
    }
}
