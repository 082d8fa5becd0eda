using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Redis;

/// <summary>Backup, restore and verification of real servers, each by the program itself.</summary>
public sealed class RedisCaptureTests
{
    private static readonly RedisServerOptions Debug = new() { Settings = [("enable-debug-command", "yes")] };
    private static readonly RedisServerOptions WithAppendOnly = new()
    {
        Settings =
        [
            ("enable-debug-command", "yes"),
            ("appendonly", "yes"),
            ("appendfilename", "own.aof"),
            ("appenddirname", "own"),
        ],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(RedisServers.All), MemberType = typeof(RedisServers))]
    public async Task A_server_with_every_type_comes_back_the_same(string server) =>
        await CompareAsync(Debug with { Server = server }, TestContext.Current.CancellationToken);

    [Fact(Timeout = 120_000)]
    public async Task A_server_that_sends_its_data_from_a_file_comes_back_the_same() =>
        await CompareAsync(
            Debug with
            {
                Settings = [.. Debug.Settings, ("repl-diskless-sync", "no")],
            },
            TestContext.Current.CancellationToken
        );

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(RedisServers.All), MemberType = typeof(RedisServers))]
    public async Task A_server_with_append_only_files_gets_them_back(string server)
    {
        var options = WithAppendOnly with { Server = server };
        await using var world = await RedisWorld.CreateAsync(options, TestContext.Current.CancellationToken);
        await world.Server.FillAsync(Token);

        await world.RunAsync("backup", RedisWorld.Asset);
        var verification = await world.AskAsync("verify", RedisWorld.Asset);
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));

        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        Assert.Contains("-check-aof", verification.ToString(), StringComparison.Ordinal);
        await world.AssertSameAsync(world.Combine("to"), options);
    }

    /// <summary>From Redis 7.4 on a field of a hash may have its own time to live, and the hash goes with the last of them.</summary>
    [Fact(Timeout = 120_000)]
    public async Task Hashes_whose_fields_expire_come_back()
    {
        var options = Debug with { Server = "redis-8" };
        await using var world = await RedisWorld.CreateAsync(options, TestContext.Current.CancellationToken);
        await world.Server.RunAsync(
            Token,
            "HSET mixed a 1 b 2",
            "HPEXPIRE mixed 100000000 FIELDS 1 a",
            $"HSET table {string.Join(' ', Enumerable.Range(0, 1000).Select(i => $"f{i} v{i}"))}",
            "HPEXPIRE table 100000000 FIELDS 1 f7",
            "HSET gone x 1",
            "HPEXPIRE gone 4000 FIELDS 1 x",
            "HSET half x 1 y 2",
            "HPEXPIRE half 4000 FIELDS 1 x"
        );
        await world.RunAsync("backup", RedisWorld.Asset);
        await Eventually.HoldsAsync(
            () => "'gone' is still there",
            async () => (await world.Server.AskAsync(Token, "DBSIZE")).AsText == "3",
            Token
        );
        var verification = await world.AskAsync("verify", RedisWorld.Asset);
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));

        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        Assert.Contains("3 of 3 keys are as recorded", DetailOf(verification, "samples"), StringComparison.Ordinal);
        await using var copy = await world.ServeAsync(world.Combine("to"), options);
        Assert.Equal("1", (await copy.AskAsync(Token, "HGET", "mixed", "a")).AsText);
        Assert.Equal("", (await copy.AskAsync(Token, "HGET", "half", "x")).AsText);
        Assert.Equal("2", (await copy.AskAsync(Token, "HGET", "half", "y")).AsText);
    }

    [Fact(Timeout = 120_000)]
    public async Task The_plan_says_that_the_restored_server_has_append_only_files()
    {
        await using var world = await RedisWorld.CreateAsync(
            Debug,
            TestContext.Current.CancellationToken,
            ", restore: { append-only: true }"
        );
        await world.Server.FillAsync(Token);
        await world.RunAsync("backup", RedisWorld.Asset);
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));
        await world.AssertSameAsync(world.Combine("to"), new RedisServerOptions { Settings = [("appendonly", "yes")] });
    }

    [Fact(Timeout = 120_000)]
    public async Task An_empty_server_comes_back_empty()
    {
        await using var world = await RedisWorld.CreateAsync(Debug, TestContext.Current.CancellationToken);
        await world.RunAsync("backup", RedisWorld.Asset);
        var verification = await world.AskAsync("verify", RedisWorld.Asset);
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        await world.AssertSameAsync(world.Combine("to"), new RedisServerOptions());
    }

    [Fact(Timeout = 120_000)]
    public async Task Keys_that_expire_between_backup_and_verification_are_not_missed()
    {
        await using var world = await RedisWorld.CreateAsync(Debug, TestContext.Current.CancellationToken);
        await world.Server.ScriptAsync(
            "for i = 1, 500 do redis.call('set', 'a' .. i, i, 'px', 10000 + i) redis.call('set', 'b' .. i, i) end",
            Token
        );
        await world.RunAsync("backup", RedisWorld.Asset);
        await Eventually.HoldsAsync(
            () => "keys have not expired",
            async () => (await world.Server.AskAsync(Token, "DBSIZE")).AsText == "500",
            Token
        );
        var verification = await world.AskAsync("verify", RedisWorld.Asset);
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        Assert.Contains(
            "500 served, 1000 recorded, 500 expired since",
            DetailOf(verification, "keys"),
            StringComparison.Ordinal
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task Only_what_has_changed_is_stored_again()
    {
        await using var world = await RedisWorld.CreateAsync(Debug, TestContext.Current.CancellationToken);
        await world.Server.ScriptAsync(
            "for i = 1, 100000 do redis.call('set', 'key' .. i, redis.sha1hex(tostring(i))) end",
            Token
        );
        var first = await world.AskAsync("backup", RedisWorld.Asset);
        await world.Server.RunAsync(Token, "SET key500 changed", "SET key600 changed");
        var second = await world.AskAsync("backup", RedisWorld.Asset);
        Assert.Equal(first.GetProperty("snapshot").GetString(), second.GetProperty("parent").GetString());
        var (all, changed) = (first.GetProperty("bytesNew").GetInt64(), second.GetProperty("bytesNew").GetInt64());
        Assert.True(changed < all, $"{changed} of {all}");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_session_store_starts_empty_and_a_named_snapshot_does_not()
    {
        await using var world = await RedisWorld.CreateAsync(
            Debug,
            TestContext.Current.CancellationToken,
            ", restore: { start-empty: true }"
        );
        await world.Server.FillAsync(Token);
        var backup = await world.AskAsync("backup", RedisWorld.Asset);
        var verification = await world.AskAsync("verify", RedisWorld.Asset);

        var empty = await world.AskAsync("restore", RedisWorld.Asset, "--to", world.Combine("empty"));
        var id = backup.GetProperty("snapshot").GetString()!;
        await world.RunAsync("restore", id, "--to", world.Combine("full"));

        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        Assert.Contains("start-empty", empty.GetProperty("notes").ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(world.Combine("empty")));
        await world.AssertSameAsync(world.Combine("full"), new RedisServerOptions());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_folder_that_would_be_destroyed_or_passed_over_is_refused()
    {
        await using var world = await RedisWorld.CreateAsync(Debug, TestContext.Current.CancellationToken);
        await world.Server.FillAsync(Token);
        await world.RunAsync("backup", RedisWorld.Asset);
        Directory.CreateDirectory(world.Combine("old/appendonlydir"));
        await File.WriteAllTextAsync(world.Combine("old/appendonlydir/appendonly.aof.manifest"), "", Token);

        await AssertRefusedAsync("redis-running-refused", world.Server.DataDirectory);
        await AssertRefusedAsync("target-not-empty-refused", world.Combine("old"));
        await AssertRefusedAsync("redis-old-aof-refused", world.Combine("old"), "--delta");
        Assert.False(Directory.Exists(world.Combine("new")));
        Assert.False(File.Exists(world.Combine("old/dump.rdb")));

        async Task AssertRefusedAsync(string code, string target, params string[] options)
        {
            var exit = await world.TryRunAsync(["restore", RedisWorld.Asset, "--to", target, .. options]);
            Assert.Contains($"code: {code}\n", exit.Error, StringComparison.Ordinal);
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task A_verification_tells_its_steps_and_leaves_nothing_in_clear()
    {
        await using var world = await RedisWorld.CreateAsync(Debug, TestContext.Current.CancellationToken);
        await world.Server.FillAsync(Token);
        await world.RunAsync("backup", RedisWorld.Asset);
        var good = await world.AskAsync("verify", RedisWorld.Asset);
        Assert.Equal(
            ["restore", "verify files", "start and load", "count keys", "compare samples"],
            good.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString())
        );
        Assert.False(Directory.Exists(world.Combine($"state/verify/{RedisWorld.Asset}/data"))); // nothing in clear is left
    }

    private static async Task CompareAsync(RedisServerOptions options, CancellationToken cancellationToken)
    {
        await using var world = await RedisWorld.CreateAsync(options, cancellationToken);
        await world.Server.FillAsync(cancellationToken);

        var backup = await world.AskAsync("backup", RedisWorld.Asset);
        var verification = await world.AskAsync("verify", RedisWorld.Asset);
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));

        Assert.Equal("full", backup.GetProperty("mode").GetString());
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        Assert.Contains("18 of 18 keys are as recorded", DetailOf(verification, "samples"), StringComparison.Ordinal);
        Assert.Equal(["dump.rdb"], Directory.GetFileSystemEntries(world.Combine("to")).Select(Path.GetFileName));
        await world.AssertSameAsync(world.Combine("to"), new RedisServerOptions());
    }

    private static string DetailOf(JsonElement verification, string check) =>
        verification
            .GetProperty("checks")
            .EnumerateArray()
            .Single(each => each.GetProperty("name").GetString() == check)
            .GetProperty("detail")
            .GetString()!;
}
