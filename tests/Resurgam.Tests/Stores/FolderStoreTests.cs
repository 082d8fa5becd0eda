using Resurgam.Adapters.Stores;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Stores;

public sealed class FolderStoreTests : StoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FolderStoreTests() => Store = new FolderStore(_folder.Combine("store"), new SeededEntropy(1));

    protected override IStore Store { get; }

    [Fact]
    public async Task An_absent_folder_is_an_empty_store()
    {
        Assert.Empty(await Store.ListAsync("", Token).ToListAsync(Token));
        Assert.Null(await Store.FindAsync("a", Token));
        await Store.DeleteAsync("a/b", Token);
        Assert.False(Directory.Exists(_folder.Combine("store")));
    }

    /// <summary>As when a disk is unmounted: what is put into the empty folder below it would be lost to the store.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_that_went_away_takes_nothing_until_it_is_back(bool isEmptyFolderLeft)
    {
        var (root, away) = (_folder.Combine("store"), _folder.Combine("away"));
        await new FolderStore(root, new SeededEntropy(2)).PutAsync("a", new byte[] { 1 }, Token);
        Assert.NotNull(await Store.FindAsync("a", Token)); // it has not written yet
        Directory.Move(root, away);
        if (isEmptyFolderLeft)
            Directory.CreateDirectory(root);

        var failure = await Assert.ThrowsAsync<ResurgamException>(() => Store.PutAsync("b/c", default, Token));

        Assert.Equal("store-absent", failure.Problem.Code);
        Assert.Equal(isEmptyFolderLeft, Directory.Exists(root));
        if (isEmptyFolderLeft)
            Directory.Delete(root); // nothing is in it
        Directory.Move(away, root);
        Assert.True(await Store.PutAsync("b/c", default, Token));
    }

    /// <summary>Some network file systems have other numbers each time they are mounted: a vault is known by its descriptor.</summary>
    [Theory]
    [InlineData(7, true)]
    [InlineData(8, false)]
    public async Task A_vault_that_comes_back_with_other_numbers_is_the_same_vault(byte descriptor, bool isTaken)
    {
        var (root, away) = (_folder.Combine("store"), _folder.Combine("away"));
        await new FolderStore(root, new SeededEntropy(2)).PutAsync(VaultDescriptor.Key, new byte[] { 7 }, Token);
        Assert.NotNull(await Store.FindAsync(VaultDescriptor.Key, Token));
        Directory.Move(root, away);
        await new FolderStore(root, new SeededEntropy(3)).PutAsync(VaultDescriptor.Key, new[] { descriptor }, Token);

        var put = await Record.ExceptionAsync(() => Store.PutAsync("b", default, Token));

        Assert.Equal(isTaken ? null : "store-absent", (put as ResurgamException)?.Problem.Code);
        Assert.Equal(isTaken, File.Exists(_folder.Combine("store/b")));
    }

    [Fact]
    public async Task What_a_killed_writer_left_behind_is_no_object()
    {
        await Store.PutAsync("a", new byte[1], Token);
        await File.WriteAllBytesAsync(_folder.Combine("store/tmp/half"), new byte[7], Token);

        Assert.Equal(["a"], await Store.ListAsync("", Token).Select(item => item.Key).ToListAsync(Token));
    }

    [Fact]
    public async Task An_object_that_was_not_won_leaves_nothing_behind()
    {
        await Store.PutAsync("a", new byte[1], Token);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Store.PutAsync("b", new byte[100_000], Token)));

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Combine("store/tmp")));
    }

    [Fact]
    public async Task What_is_taken_over_keeps_its_bytes_whatever_their_owner_does_with_them()
    {
        FolderStore store = new(_folder.Combine("store"), new SeededEntropy(2));
        var bytes = new byte[3 << 20];
        new Random(1).NextBytes(bytes);
        var kept = bytes.ToArray();

        // Several at once: not all of them go past the page cache.
        var staged = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => store.StageAsync($"a/{i}", bytes, Token)));
        Array.Clear(bytes);

        Assert.All(await Task.WhenAll(staged), Assert.True);
        Assert.False(await await store.StageAsync("a/0", bytes, Token));
        for (var i = 0; i < staged.Length; i++)
            Assert.Equal(kept, await store.FindAsync($"a/{i}", Token));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Combine("store/tmp")));
    }

    /// <summary>Root may do everything, so root asks a file where a folder should be.</summary>
    [Fact]
    public async Task A_store_that_cannot_be_written_says_so()
    {
        await File.WriteAllTextAsync(_folder.Combine("file"), "", Token);
        FolderStore store = new(_folder.Combine("file"), new SeededEntropy(1));

        var failure = await Assert.ThrowsAsync<ResurgamException>(() => store.PutAsync("a", default, Token));

        Assert.StartsWith("store-", failure.Problem.Code, StringComparison.Ordinal);
        Assert.Null(await store.FindAsync("a", Token));
    }

    [Fact]
    public async Task A_read_only_folder_is_refused_for_writing_and_serves_for_reading()
    {
        Assert.SkipWhen(
            Environment.IsPrivilegedProcess,
            "root writes everywhere; the real tests mount a read-only one"
        );
        await Store.PutAsync("a", new byte[] { 1 }, Token);
        var root = _folder.Combine("store");
        File.SetUnixFileMode(root, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            var failure = await Assert.ThrowsAsync<ResurgamException>(() => Store.PutAsync("new/b", default, Token));

            Assert.Equal(("store-refused", Remedy.Fix), (failure.Problem.Code, failure.Problem.Remedy));
            Assert.Equal([1], await Store.FindAsync("a", Token));
        }
        finally
        {
            File.SetUnixFileMode(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_folder_that_may_not_be_read_is_a_problem_and_not_an_empty_one()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root reads everywhere");
        await Store.PutAsync("secret/a", new byte[] { 1 }, Token);
        var folder = _folder.Combine("store/secret");
        File.SetUnixFileMode(folder, UnixFileMode.None);
        try
        {
            await Assert.ThrowsAsync<ResurgamException>(() => Store.FindAsync("secret/a", Token));
            await Assert.ThrowsAsync<ResurgamException>(() => Store.HeadAsync("secret/a", Token));
            await Assert.ThrowsAsync<ResurgamException>(async () =>
                await Store.ListAsync("secret/", Token).ToListAsync(Token)
            );
        }
        finally
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public void Dispose() => _folder.Dispose();
}
