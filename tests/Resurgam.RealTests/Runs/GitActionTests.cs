using Resurgam.Adapters.Git.Change;
using Resurgam.Adapters.Git.Wire;
using Resurgam.Core.Git;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Runs;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Runs;

/// <summary>A bare repository is the server, which git reaches by <c>file://</c>; its hooks do what others do at the worst moment.</summary>
public sealed class GitActionTests
{
    private const string Mark = "Resurgam-Step: r-20261125-120000-abcd/s";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_bad_commit_is_taken_back_once_and_comes_again_by_undo()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var bad = await PushAsync(world, "replicas", "0");
        await PushAsync(world, "later", "good");
        var revert = Bench(world, bad[..8]);

        Assert.EndsWith(
            $"{bad[..10]} (replicas) would be taken back: 1 file (replicas)",
            (await revert.LookAsync()).What,
            StringComparison.Ordinal
        );
        Assert.False(await revert.ProbeAsync());
        Assert.Contains("Revert \"replicas\"", (await revert.ActAsync()).What, StringComparison.Ordinal);

        Assert.True(await revert.ProbeAsync());
        var tip = await TipAsync(world);
        Assert.Equal("3", await ShowAsync(world, "replicas"));
        Assert.Equal("good", await ShowAsync(world, "later"));
        Assert.Equal(
            $"Revert \"replicas\"\n\nThis reverts commit {bad}.\n\n{Mark}",
            (await world.GitAsync(Server(world), "log", "-1", "--format=%B", "main")).TrimEnd()
        );
        await revert.RepeatAsync(); // as after a crash between the push and its record
        Assert.Equal(tip, await TipAsync(world));

        await revert.UndoAsync();
        Assert.Equal("0", await ShowAsync(world, "replicas"));
        tip = await TipAsync(world);
        await revert.UndoAsync();
        Assert.Equal(tip, await TipAsync(world));
        Assert.False(
            Directory.Exists(StepBench.Scratch) && Directory.EnumerateFileSystemEntries(StepBench.Scratch).Any()
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task All_after_a_tag_is_taken_back_by_one_commit_and_never_more_than_was_seen()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        await world.GitAsync(world.Combine("work"), "tag", "good");
        await world.GitAsync(world.Combine("work"), "push", "-q", "origin", "good");
        await PushAsync(world, "replicas", "1");
        await PushAsync(world, "replicas", "0");
        var revert = Bench(world, "tags/good..");
        await revert.LookAsync();
        await PushAsync(world, "later", "good");
        await world.GitAsync(Server(world), "tag", "-d", "good");

        await revert.ActAsync();
        Assert.Equal("3", await ShowAsync(world, "replicas"));
        Assert.Equal("good", await ShowAsync(world, "later"));
        await revert.UndoAsync();
        Assert.Equal("0", await ShowAsync(world, "replicas"));
        Assert.Equal("git-step-refused", await CodeOf(Bench(world, "tags/good..").ActAsync));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_merge_is_taken_back_with_all_that_it_brought()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        await world.GitAsync(world.Combine("work"), "checkout", "-q", "-b", "side");
        await world.CommitAsync("work", "one", "1");
        await world.CommitAsync("work", "two", "2");
        await world.GitAsync(world.Combine("work"), "checkout", "-q", "main");
        await world.GitAsync(world.Combine("work"), "merge", "-q", "--no-ff", "-m", "side", "side");
        await world.GitAsync(world.Combine("work"), "push", "-q", "origin", "main");
        await Bench(world, await TipAsync(world)).RunAsync();

        Assert.Equal("replicas", (await world.GitAsync(Server(world), "ls-tree", "--name-only", "main")).Trim());
    }

    [Fact(Timeout = 120_000)]
    public async Task What_was_changed_again_is_a_conflict_that_names_the_files_and_pushes_nothing()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var bad = await PushAsync(world, "replicas", "0");
        await PushAsync(world, "replicas", "5");
        var tip = await TipAsync(world);

        var e = await Assert.ThrowsAsync<ResurgamException>(Bench(world, bad).ActAsync);
        Assert.Equal("git-conflict", e.Problem.Code);
        Assert.Contains("1 file", e.Problem.What, StringComparison.Ordinal);
        Assert.Contains("replicas", e.Problem.What, StringComparison.Ordinal);
        Assert.Equal(tip, await TipAsync(world));
    }

    [Fact(Timeout = 120_000)]
    public async Task What_is_not_on_the_branch_is_refused_and_what_is_undone_already_is_left()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var first = await TipAsync(world);
        var bad = await PushAsync(world, "replicas", "0");
        await PushAsync(world, "replicas", "3");
        var tip = await TipAsync(world);

        Assert.Equal("git-step-refused", await CodeOf(Bench(world, first).ActAsync));
        Assert.Equal("git-step-refused", await CodeOf(Bench(world, new string('a', 40)).ActAsync));
        Assert.Equal("git-step-refused", await CodeOf(Bench(world, "tags/none").LookAsync));
        // Nobody has seen what the newest one was when it began.
        Assert.Equal("git-step-refused", await CodeOf(Bench(world, $"{first}..").ActAsync));
        Assert.Equal("git-step-refused", await CodeOf(Bench(world, $"{tip}..{bad}").ActAsync));
        Assert.Equal("git-step-refused", await CodeOf(Bench(world, bad, "none").ActAsync));
        Assert.Contains("already", (await Bench(world, bad).RunAsync()).What, StringComparison.Ordinal);
        Assert.Contains("nothing was to undo", (await Bench(world, bad).UndoAsync()).What, StringComparison.Ordinal);
        Assert.Equal(tip, await TipAsync(world));
    }

    [Fact(Timeout = 120_000)]
    public async Task Who_pushes_while_we_do_loses_nothing()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var bad = await PushAsync(world, "replicas", "0");
        var others = await world.CommitAsync("work", "later", "theirs");
        await world.GitAsync(world.Combine("work"), "push", "-q", "origin", "main:theirs");
        // Between our look at the branch and the moment in which the server compares.
        await world.HookAsync(
            "server.git",
            "pre-receive",
            $"[ -e moved ] || {{ : >moved; unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY; git update-ref refs/heads/main {others}; }}"
        );
        await Bench(world, bad).RunAsync();

        Assert.True(File.Exists(Path.Combine(Server(world), "moved")));
        Assert.Equal("theirs", await ShowAsync(world, "later"));
        Assert.Equal("3", await ShowAsync(world, "replicas"));
        Assert.Equal("1", (await world.GitAsync(Server(world), "rev-list", "--count", $"{others}..main")).Trim());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_branch_that_others_have_set_back_is_not_pushed_onto()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var good = await TipAsync(world);
        await PushAsync(world, "replicas", "0");
        Target.Git target = new()
        {
            Id = new TargetId("repo"),
            Address = GitAddress.TryParse(Server(world), out var address)
                ? address
                : throw new InvalidOperationException(),
            Branch = "main",
        };
        using var copy = BranchCopy.Open(
            target,
            new GitProgram(new GitAccess(), TimeProvider.System),
            world.Combine("scratch")
        );
        var tip = await copy.FetchAsync([], Token);
        var commit = await copy.MakeAsync(
            await copy.TreeOfAsync(good, Token),
            tip,
            "x",
            DateTimeOffset.UnixEpoch,
            Token
        );
        await world.GitAsync(Server(world), "update-ref", "refs/heads/main", good);

        // Plain git would take it for a fast-forward, and bring back what they have taken away.
        Assert.Equal("git-push-rejected", (await copy.TryPushAsync(tip, commit, Token))?.Problem.Code);
        Assert.Equal(good, await TipAsync(world));
    }

    [Fact]
    public void A_copy_that_is_used_is_left_alone_and_what_nobody_uses_any_more_goes()
    {
        using TemporaryFolder folder = new();
        var scratch = folder.Combine("steps");
        Directory.CreateDirectory(Path.Combine(scratch, "dead"));
        File.WriteAllText(Path.Combine(scratch, "dead.lock"), "");
        using var first = ScratchSeat.Take(scratch);
        Directory.CreateDirectory(first.Folder);

        // As by a container whose process has the same number.
        var second = ScratchSeat.Take(scratch);
        Directory.CreateDirectory(second.Folder);
        Assert.NotEqual(first.Folder, second.Folder);
        Assert.True(Directory.Exists(first.Folder));
        Assert.Equal(
            [first.Folder, second.Folder],
            Directory.GetDirectories(scratch).Order(StringComparer.Ordinal).OrderBy(each => each != first.Folder)
        );
        second.Dispose();

        Assert.Equal(
            [first.Folder, $"{first.Folder}.lock"],
            Directory.GetFileSystemEntries(scratch).Order(StringComparer.Ordinal)
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task What_the_server_refuses_says_why()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var bad = await PushAsync(world, "replicas", "0");
        await world.HookAsync("server.git", "pre-receive", "echo 'GH006: protected branch' >&2; exit 1");
        var e = await Assert.ThrowsAsync<ResurgamException>(Bench(world, bad).RunAsync);
        Assert.Equal("git-push-rejected", e.Problem.Code);
        Assert.Contains("GH006: protected branch", e.Problem.What, StringComparison.Ordinal);
        Assert.Equal(bad, await TipAsync(world));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_run_that_is_killed_behind_its_push_does_not_push_again()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var bad = await PushAsync(world, "replicas", "0");
        await world.WritePlanAsync(Server(world));
        await File.AppendAllTextAsync(
            world.Combine("plan.yaml"),
            $$"""
            targets: { repo: { kind: git, address: '{{Server(world)}}', branch: main } }
            runbooks: { back: { steps: { revert: { action: git-revert, with: { target: repo, commit: {{bad}} }, estimate: 10s } } } }

            """,
            Token
        );
        // The server has the commit, and git is not told yet.
        await world.HookAsync("server.git", "post-receive", ": >pushed; while [ ! -e gate ]; do sleep 0.05; done");
        await using var first = world.Start("run", "back", "--as", "anna", "--reason", "a bad change");
        var run = (await first.WaitForLineAsync("run back-", Token)).Split(' ')[^1];
        await Eventually.HoldsAsync("pushed", () => File.Exists(Path.Combine(Server(world), "pushed")), Token);
        first.Kill();
        await first.WaitForExitAsync(Token);
        await File.WriteAllTextAsync(Path.Combine(Server(world), "gate"), "", Token);

        await world.RunAsync("runs", "resume", run, "--reason", "it was killed");

        Assert.Equal("3", await ShowAsync(world, "replicas"));
        Assert.Equal("1", (await world.GitAsync(Server(world), "rev-list", "--count", $"{bad}..main")).Trim());
        Assert.Empty(Directory.EnumerateFileSystemEntries(world.Combine("state/steps")));
    }

    /// <summary>A server with a branch <c>main</c> whose file <c>replicas</c> says 3, and a clone <c>work</c> of it.</summary>
    private static async Task<GitWorld> WorldAsync(CancellationToken cancellationToken)
    {
        var world = await GitWorld.CreateAsync(cancellationToken);
        await world.GitAsync(world.Folder, "init", "-q", "--bare", "-b", "main", "server.git");
        await world.GitAsync(world.Folder, "init", "-q", "-b", "main", "work");
        await world.GitAsync(world.Combine("work"), "remote", "add", "origin", Server(world));
        await PushAsync(world, "replicas", "3");
        return world;
    }

    private static string Server(GitWorld world) => world.Combine("server.git");

    private static async Task<string> PushAsync(GitWorld world, string file, string content)
    {
        var commit = await world.CommitAsync("work", file, content);
        await world.GitAsync(world.Combine("work"), "push", "-q", "origin", "main");
        return commit;
    }

    private static async Task<string> TipAsync(GitWorld world) =>
        (await world.GitAsync(Server(world), "rev-parse", "main")).Trim();

    private static Task<string> ShowAsync(GitWorld world, string file) =>
        world.GitAsync(Server(world), "show", $"main:{file}");

    private static StepBench Bench(GitWorld world, string commit, string branch = "main") =>
        new(
            $"{{ repo: {{ kind: git, address: '{Server(world)}', branch: {branch} }} }}",
            $"{{ action: git-revert, with: {{ target: repo, commit: {commit} }} }}",
            Token,
            TimeProvider.System
        );

    private static async Task<string> CodeOf(Func<Task> act) =>
        (await Assert.ThrowsAsync<ResurgamException>(act)).Problem.Code;
}
