using System.Text.Json;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Files.Restore;
using Resurgam.Adapters.Files.Verify;
using Resurgam.Core.Vaults.Format;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Files;

/// <summary>A folder is verified by restoring it, and by looking at every entry of what came back.</summary>
public sealed class FilesVerifyTests : IDisposable
{
    private const string Make = "echo content >file; setfattr -n user.x -v y file; ln -s file link; mkdir folder";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-verify-").FullName;

    /// <summary>Each changes something of <c>file</c>, <c>link</c> or <c>folder</c>.</summary>
    public static TheoryData<string, string> Changes =>
        new()
        {
            { "rm file", "/file is not there" },
            { "truncate -s 3 file", "/file has 3 bytes" },
            { "chmod 600 file", "/file has mode 600" },
            { "touch -d 2001-02-03 file", "/file has another time" },
            { "setfattr -x user.x file", "/file lacks extended attributes" },
            { "setfattr -n user.x -v other file", "/file lacks extended attributes" },
            { "ln -sfn elsewhere link", "/link leads to elsewhere" },
            { "rm link; mkdir link", "/link is of type Directory" },
            { "chmod 700 folder", "/folder has mode 700" },
        };

    [Fact(Timeout = 120_000)]
    public async Task An_odd_folder_is_proven_and_what_was_restored_for_it_is_gone()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await OddFolder.MakeAsync(world.Source);
        await world.BackUpAsync();

        using var document = JsonDocument.Parse(await world.RunAsync("verify", "odd", "--output", "json"));

        var verification = document.RootElement;
        Assert.True(verification.GetProperty("passed").GetBoolean());
        Assert.Equal(
            ["restore", "entries", "contents"],
            verification.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString())
        );
        Assert.Equal(
            ["restore", "compare", "read back"],
            verification.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString())
        );
        Assert.Empty(Directory.EnumerateFileSystemEntries(world.Combine("state/verify/odd")));
    }

    [Fact(Timeout = 120_000)]
    public async Task Two_at_once_come_one_after_the_other()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await OddFolder.MakeAsync(world.Source);
        await world.BackUpAsync();

        var both = await Task.WhenAll(world.TryRunAsync("verify", "odd"), world.TryRunAsync("verify", "odd"));

        Assert.All(both, exit => Assert.True(exit.ExitCode == 0, exit.ToString()));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_state_folder_without_room_for_it_is_told_before_anything_is_written()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await ListedFile.BashAsync(world.Source, "head -c 30000000 /dev/urandom >large");
        await world.BackUpAsync();
        await using var small = await Mount.TemporaryAsync(
            world.Combine("state/verify"),
            megabytes: 60,
            TestContext.Current.CancellationToken
        );

        var exit = await world.TryRunAsync("verify", "odd");

        Assert.True(exit.ExitCode == 10, exit.ToString());
        Assert.Contains("code: target-full", exit.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(world.Combine("state/verify/odd")));
    }

    /// <summary>Holes are holes again in what is restored, and need no room.</summary>
    [Fact(Timeout = 120_000)]
    public async Task A_sparse_file_larger_than_the_room_is_verified()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await ListedFile.BashAsync(world.Source, "echo begin >image; truncate -s 600M image; echo end >>image");
        await world.BackUpAsync();
        await using var small = await Mount.TemporaryAsync(
            world.Combine("state/verify"),
            megabytes: 100,
            TestContext.Current.CancellationToken
        );

        var verification = await world.RunAsync("verify", "odd");

        Assert.Contains("proven", verification, StringComparison.Ordinal);
    }

    /// <summary>Nobody may verify that asset ever again: what lies there in clear goes with whatever comes next.</summary>
    [Theory(Timeout = 120_000)]
    [InlineData("verify", "other")]
    [InlineData("serve", "--listen", "none")]
    public async Task What_a_killed_verification_left_is_removed_by_what_comes_next(params string[] next)
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        var other = Directory.CreateDirectory(world.Combine("other")).FullName;
        await File.AppendAllTextAsync(
            world.Combine("plan.yaml"),
            $"  other: {{ kind: files, path: {other} }}\n",
            Token
        );
        await ListedFile.BashAsync(world.Source, "head -c 100000000 /dev/urandom >large");
        await world.BackUpAsync();
        await world.RunAsync("backup", "other");
        var (left, seat) = (world.Combine("state/verify/odd/data"), world.Combine("state/verify/odd.lock"));
        while (!Directory.Exists(left)) // one that was killed too late is no matter: another one is begun
            await using (var verify = world.Start("verify", "odd"))
            {
                var exit = verify.WaitForExitAsync(Token);
                await Eventually.HoldsAsync("data in clear", () => exit.IsCompleted || Directory.Exists(left), Token);
                verify.Kill();
                await exit;
            }

        await using (new FileStream(seat, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            await world.RunAsync("verify", "other");
        Assert.True(Directory.Exists(left), "another one was taken for dead");
        await ForgetAsync(world);
        await using (var process = world.Start(next))
        {
            await Eventually.HoldsAsync("the end of it", () => !Directory.Exists(left), Token);
            process.Signal(15);
            await process.WaitForExitAsync(Token);
        }
    }

    [Theory]
    [InlineData("chmod 2755 folder", "chmod g-s folder", Withheld.SpecialModes)]
    [InlineData("true", "setfattr -x user.x file", Withheld.Attributes)]
    public async Task What_the_restore_could_not_give_back_is_not_looked_for(
        string before,
        string after,
        Withheld withheld
    )
    {
        await ListedFile.BashAsync(_folder, $"{Make}; {before}");
        var nodes = Nodes();
        using var root = FolderHandle.Open(_folder);

        await ListedFile.BashAsync(_folder, after);
        using EntryComparison strict = new(root, Withheld.None);
        using EntryComparison lenient = new(root, withheld);
        foreach (var node in nodes)
        {
            strict.Add(node.Name, node);
            lenient.Add(node.Name, node);
        }

        Assert.Single(strict.Differences);
        Assert.Empty(lenient.Differences);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Every_difference_is_told(string change, string told)
    {
        await ListedFile.BashAsync(_folder, Make);
        var nodes = Nodes();
        using var root = FolderHandle.Open(_folder);
        using EntryComparison before = new(root, Withheld.None);
        nodes.ForEach(node => before.Add(node.Name, node));

        await ListedFile.BashAsync(_folder, change);
        using EntryComparison after = new(root, Withheld.None);
        nodes.ForEach(node => after.Add(node.Name, node));

        Assert.Empty(before.Differences);
        Assert.StartsWith(told, Assert.Single(after.Differences), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The plan no longer has the asset <c>odd</c>.</summary>
    private static async Task ForgetAsync(FilesWorld world)
    {
        var plan = await File.ReadAllLinesAsync(world.Combine("plan.yaml"), Token);
        await File.WriteAllLinesAsync(
            world.Combine("plan.yaml"),
            plan.Where(line => !line.StartsWith("  odd:", StringComparison.Ordinal)),
            Token
        );
    }

    private List<TreeNode> Nodes()
    {
        var names = UserNames.Read();
        return [.. new[] { "file", "folder", "link" }.Select(name => NodeOf(name, names))];
    }

    private TreeNode NodeOf(string name, UserNames names)
    {
        using var root = FolderHandle.Open(_folder);
        var status = root.Find(name) ?? throw new FileNotFoundException(name);
        var isLink = status.Type == NodeType.SymbolicLink;
        return status.ToNode(name, names) with
        {
            LinkTarget = isLink ? root.ReadLink(name) : null,
            ExtendedAttributes = [.. root.ReadAttributes(name)],
        };
    }
}
