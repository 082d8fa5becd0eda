using System.Text;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Git;

/// <summary>Backup, restore and verification of real repositories, each by the program itself.</summary>
public sealed class GitCaptureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task Every_kind_of_repository_comes_back_the_same()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.MakeRepositoryAsync("sha256", "--object-format=sha256");
        await world.GitAsync(world.Folder, "init", "-q", "--bare", "-b", "main", "empty.git");
        await world.MakeRepositoryAsync("odd");
        await AddOddRefsAsync(world, "odd");
        string[] names = ["one", "sha256", "empty", "odd"];
        await world.WritePlanAsync(
            world.Combine("one"),
            world.Combine("sha256"),
            world.Combine("empty.git"),
            $"file://{world.Combine("odd")}"
        );

        var backup = await world.AskAsync(0, "backup", GitWorld.Asset);
        var verification = await world.AskAsync(0, "verify", GitWorld.Asset);
        var status = await world.AskAsync(0, "status");
        var restore = await world.AskAsync(0, "restore", GitWorld.Asset, "--to", world.Combine("to"));

        Assert.True(backup.GetProperty("bytesNew").GetInt64() > 0);
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        Assert.NotEqual(JsonValueKind.Null, status.GetProperty("assets")[0].GetProperty("recovery").ValueKind);
        Assert.Contains(
            "1004 refs, each as recorded",
            restore.GetProperty("notes").ToString(),
            StringComparison.Ordinal
        );
        foreach (var name in names)
            await world.AssertSameAsync(
                world.Combine(name == "empty" ? "empty.git" : name),
                Path.Combine(world.Combine("to"), $"{world.NameOf(name)}.git")
            );
        Assert.False(Directory.Exists(world.Combine($"state/verify/{GitWorld.Asset}/data"))); // nothing in clear is left
    }

    [Fact(Timeout = 120_000)]
    public async Task What_has_not_changed_is_not_stored_again_with_the_cache_or_without()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        var random = new byte[2 << 20];
        new Random(1).NextBytes(random);
        await world.CommitAsync("one", "large", Convert.ToBase64String(random));
        var first = await world.AskAsync(0, "backup", GitWorld.Asset);
        var second = await world.AskAsync(0, "backup", GitWorld.Asset);
        await world.CommitAsync("one", "small", "s");
        var third = await world.AskAsync(0, "backup", GitWorld.Asset);
        Directory.Delete(world.Combine("state"), recursive: true);
        var fourth = await world.AskAsync(0, "backup", GitWorld.Asset);
        var verification = await world.AskAsync(0, "verify", GitWorld.Asset);

        Assert.True(first.GetProperty("bytesNew").GetInt64() > 2 << 20);
        Assert.InRange(second.GetProperty("bytesNew").GetInt64(), 0, 4096); // the record
        Assert.InRange(third.GetProperty("bytesNew").GetInt64(), 1, 20_000);
        Assert.True(fourth.GetProperty("bytesRead").GetInt64() > 2 << 20);
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
    }

    [Fact(Timeout = 120_000)]
    public async Task What_a_forced_push_took_away_comes_back_from_the_snapshot_before_it()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        var lost = await world.CommitAsync("one", "lost", "work");
        var before = await world.AskAsync(0, "backup", GitWorld.Asset);
        await world.GitAsync(world.Combine("one"), "reset", "-q", "--hard", "HEAD~2");
        await world.GitAsync(world.Combine("one"), "branch", "-D", "other");
        // Whoever takes it away can also say to git that it is still there.
        await world.GitAsync(world.Combine("one"), "replace", "--graft", "HEAD", lost);
        await world.GitAsync(world.Combine("one"), "reflog", "expire", "--expire=now", "--all");
        await world.GitAsync(world.Combine("one"), "gc", "-q", "--prune=now");
        Directory.Delete(world.MirrorOf("one"), recursive: true);

        var after = await world.AskAsync(0, "backup", GitWorld.Asset);
        var notes = after.GetProperty("notes").ToString();
        Assert.Contains($"refs/heads/main was rewritten from {lost}", notes, StringComparison.Ordinal);
        Assert.Contains("refs/heads/other was deleted", notes, StringComparison.Ordinal);
        await world.RunAsync(
            "restore",
            before.GetProperty("snapshot").GetString()!,
            "--to",
            world.Combine("to"),
            "--path",
            world.NameOf("one")
        );
        Assert.Equal("commit\n", await world.GitAsync(world.Combine("to"), "cat-file", "-t", lost));
        Assert.Equal($"{lost}\n", await world.GitAsync(world.Combine("to"), "rev-parse", "main"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_dead_repository_is_kept_as_it_was_and_hurts_no_other()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.MakeRepositoryAsync("two");
        await world.WritePlanAsync(world.Combine("one"), world.Combine("two"));
        await world.RunAsync("backup", GitWorld.Asset);
        var refs = await world.RefsAsync(world.Combine("two"));
        Directory.Move(world.Combine("two"), world.Combine("gone"));
        var newest = await world.CommitAsync("one", "new", "new");

        var backup = await world.AskAsync(23, "backup", GitWorld.Asset);
        Directory.Delete(world.Combine("state"), recursive: true);
        await world.AskAsync(23, "backup", GitWorld.Asset);
        await world.RunAsync("restore", GitWorld.Asset, "--to", world.Combine("to"));

        var finding = Assert.Single(backup.GetProperty("findings").EnumerateArray()).GetString()!;
        Assert.Contains("(git-no-repository); the snapshot has it as it was at", finding, StringComparison.Ordinal);
        Assert.Equal(refs, await world.RefsAsync(Path.Combine(world.Combine("to"), $"{world.NameOf("two")}.git")));
        Assert.Equal(
            $"{newest}\n",
            await world.GitAsync(Path.Combine(world.Combine("to"), $"{world.NameOf("one")}.git"), "rev-parse", "main")
        );

        await world.WritePlanAsync(world.Combine("two"));
        Assert.Equal("git-no-repository", CodeOf(await world.AskAsync(10, "backup", GitWorld.Asset)));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_mirror_that_rotted_or_was_left_half_done_is_mended()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.RunAsync("backup", GitWorld.Asset);
        var mirror = world.MirrorOf("one");
        await File.WriteAllTextAsync(Path.Combine(mirror, "packed-refs.lock"), "", Token);
        await File.WriteAllTextAsync(Path.Combine(mirror, "objects/pack/tmp_pack_x"), "half", Token);
        await world.CommitAsync("one", "more", "more");
        await world.RunAsync("backup", GitWorld.Asset);
        Assert.False(File.Exists(Path.Combine(mirror, "objects/pack/tmp_pack_x")));

        foreach (var pack in Directory.GetFiles(Path.Combine(mirror, "objects/pack"), "*.pack"))
        {
            File.SetUnixFileMode(pack, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await using var file = File.Open(pack, FileMode.Open);
            file.Seek(-30, SeekOrigin.End);
            file.WriteByte(0xAA);
        }
        File.Delete(Path.Combine(mirror, "resurgam-checked"));
        await world.RunAsync("backup", GitWorld.Asset);
        var verification = await world.AskAsync(0, "verify", GitWorld.Asset);
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_repository_that_lacks_objects_where_it_lives_is_no_good_snapshot()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        var blob = (await world.GitAsync(world.Combine("one"), "rev-parse", "HEAD:a")).Trim();
        File.Delete(Path.Combine(world.Combine("one"), $".git/objects/{blob[..2]}/{blob[2..]}"));

        var exit = await world.AskAsync(10, "backup", GitWorld.Asset);
        Assert.StartsWith("git-", CodeOf(exit), StringComparison.Ordinal);
        Assert.Empty((await world.AskAsync(0, "snapshots")).GetProperty("snapshots").EnumerateArray());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_shallow_repository_is_told_of_and_comes_back()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.GitAsync(
            world.Folder,
            "clone",
            "-q",
            "--bare",
            "--depth=1",
            $"file://{world.Combine("one")}",
            "shallow.git"
        );
        await world.WritePlanAsync(world.Combine("shallow.git"));
        var backup = await world.AskAsync(23, "backup", GitWorld.Asset);
        var verification = await world.AskAsync(0, "verify", GitWorld.Asset);
        Assert.Contains("is shallow", backup.GetProperty("findings").ToString(), StringComparison.Ordinal);
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
    }

    [Fact(Timeout = 120_000)]
    public async Task Repositories_are_pushed_to_another_host_and_nothing_there_is_lost()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.RunAsync("backup", GitWorld.Asset);
        await world.GitAsync(world.Folder, "init", "-q", "--bare", "-b", "main", "new-one.git");
        var address = $"file://{world.Folder}/new-{{name}}.git";

        var dry = await world.AskAsync(0, "restore", GitWorld.Asset, "--to", address, "--dry-run");
        var push = await world.AskAsync(0, "restore", GitWorld.Asset, "--to", address);
        Assert.Contains("would push 4 refs", dry.ToString(), StringComparison.Ordinal);
        Assert.Contains("4 refs are at", push.GetProperty("notes").ToString(), StringComparison.Ordinal);
        await world.AssertSameAsync(world.Combine("one"), world.Combine("new-one.git"));

        Assert.Equal("git-push-refused", CodeOf(await world.AskAsync(22, "restore", GitWorld.Asset, "--to", address)));
        await world.GitAsync(world.Combine("new-one.git"), "update-ref", "refs/heads/theirs", "main");
        await world.GitAsync(world.Combine("new-one.git"), "update-ref", "refs/heads/other", "main");
        await world.GitAsync(world.Combine("new-one.git"), "update-ref", "-d", "refs/tags/v1");
        Assert.Equal(
            "git-push-rejected",
            CodeOf(await world.AskAsync(10, "restore", GitWorld.Asset, "--to", address, "--delta"))
        );
        await world.AskAsync(0, "restore", GitWorld.Asset, "--to", address, "--delta", "--force");
        var there = await world.RefsAsync(world.Combine("new-one.git"));
        Assert.Contains("refs/heads/theirs", there, StringComparison.Ordinal);
        Assert.Contains("refs/tags/v1", there, StringComparison.Ordinal);
        Assert.False(Directory.Exists(world.Combine("state/git/push-")));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_ref_of_its_own_in_the_target_is_not_passed_over()
    {
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.RunAsync("backup", GitWorld.Asset);
        await world.RunAsync("restore", GitWorld.Asset, "--to", world.Combine("to"));
        var restored = Path.Combine(world.Combine("to"), $"{world.NameOf("one")}.git");
        await world.RunAsync("restore", GitWorld.Asset, "--to", world.Combine("to"), "--delta");
        await world.GitAsync(restored, "update-ref", "refs/heads/main", "main~1");
        Assert.Equal(
            "git-loose-refs-refused",
            CodeOf(await world.AskAsync(22, "restore", GitWorld.Asset, "--to", world.Combine("to"), "--delta"))
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task Large_files_of_lfs_are_captured_where_git_lfs_is_here()
    {
        Servers.RequireInPath("git-lfs");
        using var world = await GitWorld.CreateAsync(TestContext.Current.CancellationToken);
        var one = world.Combine("one");
        await world.GitAsync(world.Folder, "init", "-q", "--bare", "-b", "main", "host.git");
        await world.GitAsync(one, "lfs", "install", "--local");
        await world.GitAsync(one, "lfs", "track", "*.bin");
        await world.CommitAsync("one", "x.bin", new string('x', 5000));
        await world.GitAsync(one, "remote", "add", "origin", $"file://{world.Combine("host.git")}");
        await world.GitAsync(one, "push", "-q", "origin", "main");
        await world.WritePlanAsync(world.Combine("host.git"));

        await world.RunAsync("backup", GitWorld.Asset);
        var verification = await world.AskAsync(0, "verify", GitWorld.Asset);
        Assert.Contains(
            "1 of LFS, recorded 1, each with its own hash",
            verification.ToString(),
            StringComparison.Ordinal
        );
        Directory.Delete(Path.Combine(world.Combine("host.git"), "lfs"), recursive: true);
        await world.CommitAsync("one", "y.bin", new string('y', 5000));
        await world.GitAsync(one, "push", "-q", "--no-verify", "origin", "main");
        var backup = await world.AskAsync(23, "backup", GitWorld.Asset);
        Assert.Contains(
            "large files of LFS are missing",
            backup.GetProperty("findings").ToString(),
            StringComparison.Ordinal
        );
    }

    /// <summary>Names that are no UTF-8, a thousand of them, and a name that takes the place of a folder.</summary>
    private static async Task AddOddRefsAsync(GitWorld world, string name)
    {
        var folder = world.Combine(name);
        var main = (await world.GitAsync(folder, "rev-parse", "main")).Trim();
        using MemoryStream packed = new();
        packed.Write(Encoding.ASCII.GetBytes("# pack-refs with: peeled fully-peeled sorted \n"));
        foreach (var i in Enumerable.Range(0, 998))
            packed.Write(Encoding.ASCII.GetBytes($"{main} refs/heads/n{i:000}\n"));
        packed.Write(Encoding.ASCII.GetBytes($"{main} refs/heads/z"));
        packed.Write([0xFF, 0xE9]);
        packed.Write(Encoding.ASCII.GetBytes($"\n{main} refs/pull/1/head\n"));
        await File.WriteAllBytesAsync(Path.Combine(folder, ".git/packed-refs"), packed.ToArray(), Token);
    }

    private static string CodeOf(JsonElement document) =>
        document.GetProperty("error").GetProperty("code").GetString() ?? "";
}
