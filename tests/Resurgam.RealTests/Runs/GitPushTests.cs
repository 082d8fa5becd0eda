using Resurgam.Core.Problems;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Runs;

namespace Resurgam.RealTests.Runs;

/// <summary>A restored repository and a bare one that is the server, whose hooks do what others do at the worst moment.</summary>
public sealed class GitPushTests
{
    private const string Kept = "refs/resurgam/r-20261125-120000-abcd/s";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_branch_that_a_new_server_lacks_is_made_and_goes_again_by_undo()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        await world.GitAsync(world.Folder, "init", "-q", "--bare", "-b", "other", "server2.git");
        var push = Bench(world, server: "server2.git");
        var newest = await RestoredAsync(world);

        Assert.EndsWith($"would be made at {newest[..10]}", (await push.LookAsync()).What, StringComparison.Ordinal);
        Assert.False(await push.ProbeAsync());
        await push.ActAsync();
        Assert.True(await push.ProbeAsync());
        Assert.Equal(newest, await TipAsync(world, "server2.git"));
        await push.RepeatAsync(); // as after a crash between the push and its record

        Assert.EndsWith("is gone again", (await push.UndoAsync()).What, StringComparison.Ordinal);
        Assert.Equal("", await world.GitAsync(world.Combine("server2.git"), "for-each-ref"));
        Assert.Contains("nothing was to undo", (await push.UndoAsync()).What, StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_branch_goes_on_to_a_commit_and_back_by_undo_and_the_restored_one_stays_as_it_is()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var before = await TipAsync(world);
        var middle = await world.CommitAsync("work", "more", "1");
        await world.CommitAsync("work", "more", "2");
        await world.GitAsync(world.Combine("work"), "tag", "-a", "good", "-m", "good", middle);
        await RestoredAsync(world);
        var refs = await world.RefsAsync(world.Combine("restored.git"));
        var push = Bench(world, "commit: tags/good");

        await push.RunAsync();
        Assert.Equal(middle, await TipAsync(world));
        await push.UndoAsync();
        Assert.Equal(before, await TipAsync(world));
        Assert.Equal(refs, await world.RefsAsync(world.Combine("restored.git")));
        Assert.Contains(
            "already",
            (await Bench(world, $"commit: {before}").LookAsync()).What,
            StringComparison.Ordinal
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task Another_history_takes_the_place_only_when_asked_and_what_was_there_stays_on_the_server()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var good = await RestoredAsync(world);
        var theirs = await RewriteAsync(world);

        var e = await Assert.ThrowsAsync<ResurgamException>(Bench(world).ActAsync);
        Assert.Equal("git-step-refused", e.Problem.Code);
        Assert.Contains(theirs, e.Problem.What, StringComparison.Ordinal);
        // Nobody has seen what it was when the step began.
        Assert.Equal("git-step-refused", await CodeOf(Bench(world, "replace: true").ActAsync));
        Assert.Equal(theirs, await TipAsync(world));

        var push = Bench(world, "replace: true");
        Assert.Contains(Kept, (await push.LookAsync()).What, StringComparison.Ordinal);
        Assert.Equal(theirs, await TipAsync(world));
        await push.ActAsync();
        Assert.Equal(good, await TipAsync(world));
        Assert.Equal(theirs, (await world.GitAsync(world.Combine("server.git"), "rev-parse", Kept)).Trim());

        // By a machine that has restored it anew, and knows nothing of theirs.
        Directory.Delete(world.Combine("restored.git"), recursive: true);
        await RestoredAsync(world);
        await push.UndoAsync();
        Assert.Equal(theirs, await TipAsync(world));
    }

    [Fact(Timeout = 120_000)]
    public async Task Who_pushes_between_look_and_push_loses_nothing()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        await RestoredAsync(world);
        var push = Bench(world, "replace: true");
        await RewriteAsync(world);
        await push.LookAsync();
        var later = await world.CommitAsync("work", "later", "theirs");
        await world.GitAsync(world.Combine("work"), "push", "-q", "origin", "main");

        var e = await Assert.ThrowsAsync<ResurgamException>(push.ActAsync);
        Assert.Equal("git-step-refused", e.Problem.Code);
        Assert.Contains(later, e.Problem.What, StringComparison.Ordinal);
        Assert.Null(await push.ProbeAsync());
        // It never was at ours.
        Assert.Contains("nothing was to undo", (await push.UndoAsync()).What, StringComparison.Ordinal);
        Assert.Equal(later, await TipAsync(world));
    }

    [Fact(Timeout = 120_000)]
    public async Task Who_pushes_while_we_do_loses_nothing()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        await RestoredAsync(world);
        var theirs = await RewriteAsync(world);
        var push = Bench(world, "replace: true");
        await push.LookAsync();
        var later = await world.CommitAsync("work", "later", "theirs");
        await world.GitAsync(world.Combine("work"), "push", "-q", "origin", "main:later");
        // Between our look at the branch and the moment in which the server compares.
        await world.HookAsync(
            "server.git",
            "pre-receive",
            $"unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY; git update-ref refs/heads/main {later} {theirs}"
        );

        Assert.Equal("git-push-rejected", await CodeOf(push.ActAsync));
        Assert.Equal(later, await TipAsync(world));
        Assert.Equal("", await world.GitAsync(world.Combine("server.git"), "for-each-ref", Kept));
    }

    [Fact(Timeout = 120_000)]
    public async Task What_others_have_built_on_is_not_undone()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        await world.CommitAsync("work", "more", "1");
        await RestoredAsync(world);
        var push = Bench(world);
        await push.RunAsync();
        var later = await world.CommitAsync("work", "later", "theirs");
        await world.GitAsync(world.Combine("work"), "push", "-q", "origin", "main");

        Assert.Equal("git-step-refused", await CodeOf(push.UndoAsync));
        Assert.Equal(later, await TipAsync(world));
    }

    [Theory(Timeout = 120_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_others_have_put_in_the_place_of_ours_is_not_undone(bool isReplaced)
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var before = await TipAsync(world);
        var ours = await world.CommitAsync("work", "more", "1");
        await RestoredAsync(world);
        if (isReplaced)
            await RewriteAsync(world);
        var push = Bench(world, isReplaced ? "replace: true" : "");
        await push.RunAsync();
        Assert.Equal(ours, await TipAsync(world));
        await world.GitAsync(world.Combine("work"), "checkout", "-q", "-B", "other", before);
        var later = await world.CommitAsync("work", "later", "theirs");
        await world.GitAsync(world.Combine("work"), "push", "-q", "--force", "origin", "other:main");

        if (isReplaced) // what it was is waiting beside it
            Assert.Equal("git-step-refused", await CodeOf(push.UndoAsync));
        else
            Assert.Contains("nothing was to undo", (await push.UndoAsync()).What, StringComparison.Ordinal);
        Assert.Equal(later, await TipAsync(world));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_ref_of_the_repository_that_replaces_commits_makes_no_history_another()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var good = await RestoredAsync(world);
        var theirs = await RewriteAsync(world);
        var restored = world.Combine("restored.git");
        await world.GitAsync(restored, "fetch", "-q", world.Combine("server.git"), "main:refs/heads/theirs");
        await world.GitAsync(restored, "replace", "--graft", good, theirs);
        await world.GitAsync(restored, "merge-base", "--is-ancestor", theirs, good); // as git has it

        Assert.Equal("git-step-refused", await CodeOf(Bench(world).RunAsync));
        Assert.Equal(theirs, await TipAsync(world));
    }

    [Fact(Timeout = 120_000)]
    public async Task The_beginning_of_an_id_is_no_tag_or_branch_of_that_name()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var before = await TipAsync(world);
        var good = await world.CommitAsync("work", "more", "1");
        var bad = await world.CommitAsync("work", "more", "2");
        await RestoredAsync(world);
        var push = Bench(world, $"commit: '{good[..10]}'");
        await world.GitAsync(world.Combine("restored.git"), "tag", good[..10], bad);

        Assert.Equal("git-step-refused", await CodeOf(push.RunAsync));
        Assert.Equal(before, await TipAsync(world));
        await world.GitAsync(world.Combine("restored.git"), "tag", "-d", good[..10]);
        await push.RunAsync();
        Assert.Equal(good, await TipAsync(world));
    }

    [Fact(Timeout = 120_000)]
    public async Task What_is_not_in_the_folder_and_what_the_server_refuses_changes_nothing()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        var before = await TipAsync(world);
        await world.CommitAsync("work", "more", "1");
        Assert.Equal("git-step-refused", await CodeOf(Bench(world).LookAsync)); // nothing is restored yet
        await RestoredAsync(world);
        Assert.Equal("git-step-refused", await CodeOf(Bench(world, "commit: tags/none").ActAsync));
        Assert.Equal("git-step-refused", await CodeOf(Bench(world, $"commit: {new string('a', 40)}").ActAsync));

        await world.HookAsync("server.git", "pre-receive", "echo 'GH006: protected branch' >&2; exit 1");
        var e = await Assert.ThrowsAsync<ResurgamException>(Bench(world).RunAsync);
        Assert.Equal("git-push-rejected", e.Problem.Code);
        Assert.Contains("GH006: protected branch", e.Problem.What, StringComparison.Ordinal);
        Assert.Equal(before, await TipAsync(world));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_run_that_is_killed_behind_its_push_does_not_push_again()
    {
        using var world = await WorldAsync(TestContext.Current.CancellationToken);
        await RestoredAsync(world);
        await RewriteAsync(world);
        await world.WritePlanAsync(world.Combine("server.git"));
        await File.AppendAllTextAsync(
            world.Combine("plan.yaml"),
            $$"""
            targets: { repo: { kind: git, address: '{{world.Combine("server.git")}}', branch: main } }
            runbooks: { back: { steps: { push: { action: git-push, with: { target: repo, from: {{world.Combine(
                "restored.git"
            )}}, replace: true }, estimate: 10s } } } }

            """,
            Token
        );
        // The server has the commit, and git is not told yet.
        await world.HookAsync("server.git", "post-receive", "echo >>pushes; while [ ! -e gate ]; do sleep 0.05; done");
        await using var first = world.Start("run", "back", "--as", "anna", "--reason", "rewritten by a thief");
        var run = (await first.WaitForLineAsync("run back-", Token)).Split(' ')[^1];
        var pushes = Path.Combine(world.Combine("server.git"), "pushes");
        await Eventually.HoldsAsync("pushed", () => File.Exists(pushes), Token);
        first.Kill();
        await first.WaitForExitAsync(Token);
        await File.WriteAllTextAsync(Path.Combine(world.Combine("server.git"), "gate"), "", Token);

        await world.RunAsync("runs", "resume", run, "--reason", "it was killed");

        Assert.Equal(
            (await world.GitAsync(world.Combine("restored.git"), "rev-parse", "main")).Trim(),
            await TipAsync(world)
        );
        Assert.Single(await File.ReadAllLinesAsync(pushes, Token));
    }

    /// <summary>A server with a branch <c>main</c>, and a clone <c>work</c> of it.</summary>
    private static async Task<GitWorld> WorldAsync(CancellationToken cancellationToken)
    {
        var world = await GitWorld.CreateAsync(cancellationToken);
        await world.GitAsync(world.Folder, "init", "-q", "--bare", "-b", "main", "server.git");
        await world.GitAsync(world.Folder, "init", "-q", "-b", "main", "work");
        await world.GitAsync(world.Combine("work"), "remote", "add", "origin", world.Combine("server.git"));
        await world.CommitAsync("work", "policy", "good");
        await world.GitAsync(world.Combine("work"), "push", "-q", "origin", "main");
        return world;
    }

    /// <summary>Stands for a restore of what <c>work</c> has now, or, when that was rewritten, had before.</summary>
    /// <returns>The tip of its branch.</returns>
    private static async Task<string> RestoredAsync(GitWorld world)
    {
        var had = (
            await world.GitAsync(world.Combine("work"), "for-each-ref", "--format=%(refname)", "refs/heads/had")
        );
        await world.GitAsync(world.Folder, "init", "-q", "--bare", "-b", "main", "restored.git");
        await world.GitAsync(
            world.Combine("work"),
            "push",
            "-q",
            world.Combine("restored.git"),
            "--tags",
            had.Length > 0 ? "had:main" : "main"
        );
        return (await world.GitAsync(world.Combine("restored.git"), "rev-parse", "main")).Trim();
    }

    /// <summary>Somebody puts another history into the server.</summary>
    private static async Task<string> RewriteAsync(GitWorld world)
    {
        await world.GitAsync(world.Combine("work"), "branch", "had");
        await world.GitAsync(world.Combine("work"), "checkout", "-q", "--orphan", "thief");
        var theirs = await world.CommitAsync("work", "policy", "everybody may");
        await world.GitAsync(world.Combine("work"), "branch", "-M", "thief", "main");
        await world.GitAsync(world.Combine("work"), "push", "-q", "--force", "origin", "main");
        return theirs;
    }

    private static async Task<string> TipAsync(GitWorld world, string server = "server.git") =>
        (await world.GitAsync(world.Combine(server), "rev-parse", "main")).Trim();

    private static StepBench Bench(GitWorld world, string keys = "", string server = "server.git") =>
        new(
            $"{{ repo: {{ kind: git, address: '{world.Combine(server)}', branch: main }} }}",
            $"{{ action: git-push, with: {{ target: repo, from: '{world.Combine("restored.git")}'{(keys.Length == 0 ? "" : $", {keys}")} }} }}",
            Token,
            TimeProvider.System
        );

    private static async Task<string> CodeOf(Func<Task> act) =>
        (await Assert.ThrowsAsync<ResurgamException>(act)).Problem.Code;
}
