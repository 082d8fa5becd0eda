using System.Net.Sockets;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Files;

public sealed class FilesCaptureTests
{
    private const int SourceFlawed = 23;

    [Fact(Timeout = 120_000)]
    public async Task A_folder_has_the_same_tree_as_when_restic_captures_it()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await OddFolder.MakeAsync(world.Source);
        await ListedFile.BashAsync(world.Source, "rm sparse"); // large contents are cut in other places

        await world.BackUpAsync();
        await world.Restic.RunAsync("init");
        await world.Restic.RunAsync("backup", world.Source);

        Assert.Equal(
            await TreeOfSourceAsync(world, world.Restic.Repository),
            await TreeOfSourceAsync(world, world.Generation)
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task Patterns_stay_out_and_sockets_too()
    {
        using var world = await FilesWorld.CreateAsync(
            TestContext.Current.CancellationToken,
            options: ", exclude: ['*.tmp', 'cache/**', '/top']"
        );
        await ListedFile.BashAsync(
            world.Source,
            "mkdir -p cache/a deep/cache d.tmp; touch a.tmp deep/b.tmp cache/a/x cache/y top deep/top deep/cache/kept d.tmp/x kept"
        );
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint($"{world.Source}/socket"));

        await world.BackUpAsync();

        var listed = (await world.RunAsync("ls", "odd", world.SourcePath))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[(line.IndexOf(world.Source, StringComparison.Ordinal) + world.Source.Length)..]);
        Assert.Equal(["", "/cache", "/deep", "/deep/cache", "/deep/cache/kept", "/deep/top", "/kept"], listed);
        Assert.Contains(
            "*.tmp",
            await world.Restic.RunAsync("-r", world.Generation, "snapshots", "--json"),
            StringComparison.Ordinal
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task What_cannot_be_read_is_a_finding_and_the_rest_is_captured()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs a second user");
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await ListedFile.BashAsync(
            world.Restic.Folder,
            """
            cd source; printf a >a; printf secret >secret; chmod 0 secret; mkdir closed; printf b >closed/b; chmod 0 closed; printf z >z
            cd ..; chmod 755 . source; mkdir -p state; chown -R 65534:65534 vault state
            """
        );

        var exit = await world.TryRunAsNobodyAsync("backup", "odd", "--output", "json");

        Assert.True(exit.ExitCode == SourceFlawed, exit.ToString());
        using var document = JsonDocument.Parse(exit.Output);
        var findings = document
            .RootElement.GetProperty("findings")
            .EnumerateArray()
            .Select(f => f.GetString()!)
            .ToList();
        Assert.Equal(2, findings.Count);
        Assert.Contains($"{world.Source}/closed", findings[0], StringComparison.Ordinal);
        Assert.Contains($"{world.Source}/secret", findings[1], StringComparison.Ordinal);
        await world.RunAsync("restore", "odd", "--path", world.Source, "--to", world.Combine("to"));
        await ListedFile.BashAsync(world.Combine("to"), "[ $(cat a z) = az ]; [ ! -e secret ]; [ -d closed ]");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_folder_that_is_not_there_is_an_error_and_no_empty_snapshot()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        Directory.Delete(world.Source);

        var exit = await world.TryRunAsync("backup", "odd");

        Assert.Equal(10, exit.ExitCode);
        Assert.Contains("code: files-no-folder", exit.Error, StringComparison.Ordinal);
        Assert.Contains("0 snapshots", await world.RunAsync("snapshots"), StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_tree_deeper_than_any_path_comes_back()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        // 300 folders of 50 letters: a path of 15 KB, four times what the kernel takes at once.
        await ListedFile.BashAsync(
            world.Source,
            "n=$(printf 'd%.0s' {1..50}); for i in {1..300}; do mkdir $n; cd $n; done; printf bottom >file; setfattr -n user.x -v y file"
        );
        await world.BackUpAsync();

        await world.RunAsync("restore", "odd", "--path", world.Source, "--to", world.Combine("to"));

        await ListedFile.BashAsync(
            world.Combine("to"),
            "n=$(printf 'd%.0s' {1..50}); for i in {1..300}; do cd $n; done; [ $(cat file) = bottom ]; getfattr -n user.x file >/dev/null"
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task Files_that_come_and_go_and_grow_meanwhile_harm_nothing()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await ListedFile.BashAsync(
            world.Source,
            "mkdir {1..20}; for i in {1..20}; do touch $i/{1..50}; done; printf kept >kept"
        );
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var restless = Task.Run(
            () =>
            {
                for (var round = 0; !ended.IsCancellationRequested; round++)
                {
                    var folder = $"{world.Source}/{round % 20 + 1}";
                    File.AppendAllText($"{folder}/grows", new string('g', 1000));
                    File.WriteAllText($"{folder}/{round % 50 + 1}", $"{round}");
                    File.Delete($"{folder}/{(round + 7) % 50 + 1}");
                    Directory.CreateDirectory($"{folder}/short-lived");
                    Directory.Delete($"{folder}/short-lived");
                }
            },
            TestContext.Current.CancellationToken
        );

        var exit = await world.TryRunAsync("backup", "odd");
        await ended.CancelAsync();
        await restless;

        Assert.True(exit.ExitCode is 0 or SourceFlawed, exit.ToString());
        Assert.DoesNotContain("not captured", exit.Error, StringComparison.Ordinal);
        await world.RunAsync("restore", "odd", "--path", world.Source, "--to", world.Combine("to"));
        Assert.Equal(
            "kept",
            await File.ReadAllTextAsync($"{world.Combine("to")}/kept", TestContext.Current.CancellationToken)
        );
        await world.Restic.RunAsync("-r", world.Generation, "check", "--read-data");
    }

    /// <summary>The id of the tree of the source folder in the newest snapshot, found by restic.</summary>
    private static async Task<string> TreeOfSourceAsync(FilesWorld world, string repository)
    {
        using var snapshots = JsonDocument.Parse(await world.Restic.RunAsync("-r", repository, "snapshots", "--json"));
        var tree = snapshots.RootElement[0].GetProperty("tree").GetString()!;
        foreach (var name in world.SourcePath.Split('/'))
        {
            using var nodes = JsonDocument.Parse(await world.Restic.RunAsync("-r", repository, "cat", "blob", tree));
            tree = nodes
                .RootElement.GetProperty("nodes")
                .EnumerateArray()
                .Single(node => node.GetProperty("name").GetString() == name)
                .GetProperty("subtree")
                .GetString()!;
        }
        return tree;
    }
}
