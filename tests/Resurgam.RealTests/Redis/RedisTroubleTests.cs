using System.Globalization;
using System.Text;
using Resurgam.Adapters.Redis.Verify;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Redis;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Redis;

/// <summary>What a server, a network or a power cut may do in the middle, and what people get wrong.</summary>
public sealed class RedisTroubleTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each right is needed, and its name is told when it is missing; no other is, neither for a backup nor for a stream.</summary>
    [Theory(Timeout = 120_000)]
    [MemberData(nameof(RedisServers.All), MemberType = typeof(RedisServers))]
    public async Task An_acl_user_needs_only_the_rights_of_a_replica(string server)
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions { Server = server, Tcp = true },
            TestContext.Current.CancellationToken
        );
        await world.Server.FillAsync(Token);
        string[] user = ["ACL", "SETUSER", "backup", "reset", "on", $">{RedisWorld.Password}"];
        string[] rights = ["psync", "replconf", "info"];
        var connection = $"host: 127.0.0.1, port: {world.Server.Port}, user: backup, {RedisWorld.PasswordKey}";

        foreach (var missing in rights)
        {
            await world.Server.AskAsync(Token, [.. user, .. rights.Except([missing]).Select(right => $"+{right}")]);
            var (code, what, hint) = await world.ProblemAsync(connection);
            Assert.Equal("redis-permission-denied", code);
            Assert.Contains($"'{missing}'", what, StringComparison.OrdinalIgnoreCase);
            Assert.Contains($"ACL SETUSER NAME +{missing};", hint, StringComparison.Ordinal);
        }
        await world.Server.AskAsync(Token, [.. user, .. rights.Select(right => $"+{right}")]);
        await world.WritePlanAsync("plan.yaml", connection);
        await world.RunAsync("backup", RedisWorld.Asset);
        var verification = await world.AskAsync("verify", RedisWorld.Asset);
        await using var stream = await world.StartStreamAsync();
        await world.AcknowledgedAsync();
        await world.StreamStatusAsync();

        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        Assert.Equal(
            "redis-auth-failed",
            await world.RefusalAsync(connection.Replace("backup", "nobody", StringComparison.Ordinal))
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task A_right_that_is_taken_away_from_a_stream_is_told_and_given_back_it_goes_on()
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions { Tcp = true },
            TestContext.Current.CancellationToken
        );
        string[] rights = ["+psync", "+replconf", "+info"];
        await world.Server.AskAsync(
            Token,
            ["ACL", "SETUSER", "backup", "reset", "on", $">{RedisWorld.Password}", .. rights]
        );
        await world.WritePlanAsync(
            "plan.yaml",
            $"host: 127.0.0.1, port: {world.Server.Port}, user: backup, {RedisWorld.PasswordKey}"
        );
        await using var stream = await world.StartStreamAsync();
        await world.AcknowledgedAsync();
        foreach (var right in rights[..2])
        {
            await world.Server.AskAsync(Token, "ACL", "SETUSER", "backup", $"-{right[1..]}");
            await world.Server.AskAsync(Token, "CLIENT", "KILL", "TYPE", "replica");
            await world.StreamSaysAsync(said => said.StreamProblem?.Code == "redis-permission-denied");
            await world.Server.AskAsync(Token, "ACL", "SETUSER", "backup", right);
            await world.AcknowledgedAsync();
        }
        await world.StreamStatusAsync();
        Assert.Equal(1, await world.CountSnapshotsAsync());
    }

    /// <summary>The password is read anew for each connection: nobody has to start the stream again.</summary>
    [Fact(Timeout = 120_000)]
    public async Task A_password_that_is_changed_under_a_stream_is_read_anew()
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions { Tcp = true },
            TestContext.Current.CancellationToken
        );
        string[] user = ["ACL", "SETUSER", "backup", "reset", "on", "+psync", "+replconf", "+info"];
        await world.Server.AskAsync(Token, [.. user, ">the first"]);
        await WritePasswordAsync("the first");
        await world.WritePlanAsync(
            "plan.yaml",
            $"host: 127.0.0.1, port: {world.Server.Port}, user: backup, password: {{ file: {world.Combine("password")} }}"
        );
        await using var stream = await world.StartStreamAsync();
        await world.AcknowledgedAsync();

        await world.Server.AskAsync(Token, [.. user, ">the second"]);
        await world.AcknowledgedAsync(); // who is in, is in
        await world.Server.AskAsync(Token, "CLIENT", "KILL", "TYPE", "replica");
        await world.StreamSaysAsync(said => said.StreamProblem?.Code == "redis-auth-failed");
        await WritePasswordAsync("the second");

        await world.AcknowledgedAsync();
        await world.StreamStatusAsync();
        Assert.Equal(1, await world.CountSnapshotsAsync());

        async Task WritePasswordAsync(string password)
        {
            await File.WriteAllTextAsync(world.Combine("password"), password, Token);
            File.SetUnixFileMode(world.Combine("password"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task A_password_is_asked_for_and_checked()
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions { Tcp = true },
            TestContext.Current.CancellationToken
        );
        var place = $"host: 127.0.0.1, port: {world.Server.Port}";
        Assert.Equal("redis-auth-failed", await world.RefusalAsync($"{place}, {RedisWorld.PasswordKey}")); // it has none
        await world.Server.AskAsync(Token, "CONFIG", "SET", "requirepass", RedisWorld.Password);
        await world.WritePlanAsync("good.yaml", $"{place}, {RedisWorld.PasswordKey}");
        var good = await world.TryRunAsync("good.yaml", ["backup", RedisWorld.Asset]);

        Assert.True(good.ExitCode == 0, good.ToString());
        Assert.Equal("redis-auth-failed", await world.RefusalAsync(place));
        await File.WriteAllTextAsync(world.Combine("wrong"), "wrong password", Token);
        File.SetUnixFileMode(world.Combine("wrong"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(
            "redis-auth-failed",
            await world.RefusalAsync($"{place}, password: {{ file: {world.Combine("wrong")} }}")
        );
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(RedisServers.All), MemberType = typeof(RedisServers))]
    public async Task Tls_checks_who_the_server_is(string server)
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions { Server = server, Tls = true },
            TestContext.Current.CancellationToken
        );
        await world.Server.FillAsync(Token);
        var (port, tls) = (world.Server.Port, world.Server.TlsFolder);
        var good = $"host: localhost, port: {port}, tls: {{ ca-file: {tls}/root.crt }}";
        await world.WritePlanAsync("plan.yaml", good);

        await world.RunAsync("backup", RedisWorld.Asset);

        await world.Server.AskAsync(Token, "CONFIG", "SET", "bind", "127.0.0.1 127.0.0.2"); // the second is not its name
        await AssertRefusedAsync(
            "is not trusted",
            "'ca-file' has to hold",
            $"host: localhost, port: {port}, tls: {{}}"
        );
        await AssertRefusedAsync(
            "is not trusted",
            "'ca-file' has to hold",
            $"host: localhost, port: {port}, tls: {{ ca-file: {tls}/other-root.crt }}"
        );
        await AssertRefusedAsync(
            "is not for '127.0.0.2'",
            "Write one of its names as 'host'",
            $"host: 127.0.0.2, port: {port}, tls: {{ ca-file: {tls}/root.crt }}"
        );
        await world.Server.AskAsync(
            Token,
            ["CONFIG", "SET", "tls-cert-file", $"{tls}/expired.crt", "tls-key-file", $"{tls}/expired.key"]
        );
        await AssertRefusedAsync("'CN=localhost' is valid from ", "Renew the certificate", good);
        Assert.Equal(
            "redis-tls-file",
            await world.RefusalAsync($"host: localhost, port: {port}, tls: {{ ca-file: {tls}/none.crt }}")
        );
        Assert.Contains(
            await world.RefusalAsync($"host: localhost, port: {port}"),
            new[] { "redis-connection-lost", "redis-protocol" }
        );

        async Task AssertRefusedAsync(string what, string hint, string connection)
        {
            var problem = await world.ProblemAsync(connection);
            Assert.Equal("redis-tls-failed", problem.Code);
            Assert.Contains(what, problem.What, StringComparison.Ordinal);
            Assert.Contains(hint, problem.Hint, StringComparison.Ordinal);
        }
    }

    /// <summary>Redis' default: a server with TLS asks for one, of a backup and of a stream.</summary>
    [Theory(Timeout = 120_000)]
    [MemberData(nameof(RedisServers.All), MemberType = typeof(RedisServers))]
    public async Task A_server_may_ask_for_a_certificate_of_ours(string server)
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions
            {
                Server = server,
                Tls = true,
                Settings = [("tls-auth-clients", "yes")],
            },
            TestContext.Current.CancellationToken
        );
        var (port, tls) = (world.Server.Port, world.Server.TlsFolder);
        await world.WritePlanAsync(
            "plan.yaml",
            $"host: localhost, port: {port}, tls: {{ ca-file: {tls}/root.crt, certificate: {tls}/client.crt, key: {tls}/client.key }}"
        );
        await world.RunAsync("backup", RedisWorld.Asset);
        await using var stream = await world.StartStreamAsync();
        await world.AcknowledgedAsync();
        await world.StreamStatusAsync();

        var none = await world.ProblemAsync($"host: localhost, port: {port}, tls: {{ ca-file: {tls}/root.crt }}");
        Assert.Contains(none.Code, new[] { "redis-connection-lost", "redis-tls-failed" });
        Assert.Contains("'certificate'", none.Hint, StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_replica_is_as_good_as_its_master_while_it_has_one()
    {
        await using var master = await RedisServer.StartAsync(
            new RedisServerOptions { Tcp = true },
            TestContext.Current.CancellationToken
        );
        await master.FillAsync(Token);
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions
            {
                Settings = [("replicaof", $"127.0.0.1 {master.Port}"), ("enable-debug-command", "yes")],
            },
            Token
        );
        await Eventually.HoldsAsync(
            () => "the replica has no link",
            async () => (await InfoAsync(world.Server))["master_link_status"] == "up",
            Token
        );

        await world.RunAsync("backup", RedisWorld.Asset);
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));
        await world.AssertSameAsync(world.Combine("to"), new RedisServerOptions());
        Assert.Contains(
            "\"isFromReplica\": true",
            await world.RunAsync("cat", RedisWorld.Asset, "resurgam/snapshot.json"),
            StringComparison.Ordinal
        );

        await master.KillAsync(Token);
        await Eventually.HoldsAsync(
            () => "the replica has its link",
            async () => (await InfoAsync(world.Server))["master_link_status"] == "down",
            Token
        );
        Assert.Equal("redis-not-ready", await world.RefusalAsync($"socket: {world.Server.Socket}"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_server_that_still_loads_is_not_ready()
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions { Settings = [("enable-debug-command", "yes")] },
            TestContext.Current.CancellationToken
        );
        await world.Server.FillAsync(Token);
        await world.RunAsync("backup", RedisWorld.Asset);
        await world.RunAsync("restore", RedisWorld.Asset, "--to", world.Combine("to"));
        await using var slow = await RedisServer.StartAsync(
            new RedisServerOptions
            {
                RestoredDirectory = world.Combine("to"),
                // Microseconds for each key; the server goes on answering in between.
                Settings = [("key-load-delay", "1000000"), ("loading-process-events-interval-bytes", "1024")],
            },
            Token
        );
        Assert.Equal("redis-not-ready", await world.RefusalAsync($"socket: {slow.Socket}"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_server_that_dies_in_the_middle_leaves_nothing_false()
    {
        await using var world = await StartSlowAsync(TestContext.Current.CancellationToken);
        await using var backup = world.Start("backup", RedisWorld.Asset, "--verbose");
        await backup.WaitForLineAsync("waiting for sessions", Token);
        await world.Server.KillAsync(Token);
        var exit = await backup.WaitForExitAsync(Token);

        Assert.True(exit.ExitCode == 30, exit.ToString());
        Assert.Contains("redis-transfer-cut", exit.Error, StringComparison.Ordinal);
        Assert.Equal(0, await world.CountSnapshotsAsync());
        await world.RunAsync("vault", "check", "--read-data");
    }

    [Fact(Timeout = 120_000)]
    public async Task We_may_die_in_the_middle_and_the_next_backup_is_whole()
    {
        await using var world = await StartSlowAsync(TestContext.Current.CancellationToken);
        await using (var backup = world.Start("backup", RedisWorld.Asset, "--verbose"))
        {
            await backup.WaitForLineAsync("waiting for sessions", Token);
            backup.Kill();
            await backup.WaitForExitAsync(Token);
        }
        Assert.Equal(0, await world.CountSnapshotsAsync());
        await world.RunAsync("vault", "check", "--read-data");
        await world.Server.RunAsync(Token, "CONFIG SET rdb-key-save-delay 0");
        await Eventually.HoldsAsync(
            () => "the old transfer goes on",
            async () => (await InfoAsync(world.Server))["rdb_bgsave_in_progress"] == "0",
            Token
        );
        await world.RunAsync("backup", RedisWorld.Asset);
        var verification = await world.AskAsync("verify", RedisWorld.Asset);
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_verification_that_was_killed_is_cleared_away_by_the_next()
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions(),
            TestContext.Current.CancellationToken
        );
        await world.Server.ScriptAsync("for i = 1, 200000 do redis.call('set', 'k' .. i, i) end", Token);
        await world.RunAsync("backup", RedisWorld.Asset);
        await using (var verify = world.Start("verify", RedisWorld.Asset, "--verbose"))
        {
            await verify.WaitForLineAsync("verifying files", Token);
            verify.Kill();
            await verify.WaitForExitAsync(Token);
        }
        var verification = await world.AskAsync("verify", RedisWorld.Asset);
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
    }

    [Theory(Timeout = 120_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transfer_that_is_cut_or_changed_on_the_way_is_found(bool isCut)
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions { Tcp = true, Settings = [("repl-diskless-sync", "no")] },
            TestContext.Current.CancellationToken
        );
        await world.Server.ScriptAsync("for i = 1, 20000 do redis.call('set', 'k' .. i, i) end", Token);
        await using BadNetwork network = new(world.Server.Port, afterBytes: 100_000, isCut);
        Assert.Equal(
            isCut ? "redis-transfer-cut" : "redis-rdb-garbled",
            await world.RefusalAsync($"host: 127.0.0.1, port: {network.Port}")
        );
        Assert.Equal(0, await world.CountSnapshotsAsync());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_server_that_is_not_there_or_is_another_is_told()
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions { Tcp = true },
            TestContext.Current.CancellationToken
        );
        Assert.Equal("redis-unreachable", await world.RefusalAsync("socket: /tmp/resurgam-no-such.sock"));
        Assert.Equal("redis-unreachable", await world.RefusalAsync("host: 127.0.0.1, port: 1"));
        Assert.Equal("redis-unreachable", await world.RefusalAsync("host: no-such-host.invalid"));
    }

    [Fact(Timeout = 300_000)]
    public async Task Memory_does_not_grow_with_the_data()
    {
        await using var world = await RedisWorld.CreateAsync(
            new RedisServerOptions(),
            TestContext.Current.CancellationToken
        );
        // 300 MB, most of it in one value.
        await world.Server.ScriptAsync(
            "local s = string.rep('0123456789abcdef', 65536) for i = 1, 100 do redis.call('rpush', 'l', i .. s) end redis.call('set', 'large', string.rep(s, 200))",
            Token
        );
        await world.Server.RunAsync(Token, "CONFIG SET rdbcompression no");
        await using var backup = world.Start("backup", RedisWorld.Asset, "--output", "json");
        var most = 0L;
        while (PeakOf(backup.Id) is { } peak)
        {
            most = Math.Max(most, peak);
            await Eventually.PauseAsync(Token);
        }
        var exit = await backup.WaitForExitAsync(Token);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        output.WriteLine($"{most >> 20} MiB");
        Assert.InRange(most, 1, 250L << 20);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("as it was", "a", "string:", null, true)]
    [InlineData("another value", "a", "string:0", null, false)]
    [InlineData("no such key", "b", "string:", null, false)]
    [InlineData("gone in time", "b", "string:", 1000L, true)]
    [InlineData("lives for ever now", "a", "string:", 99_999_999_999_999L, false)]
    public async Task A_sample_that_differs_is_seen(string _, string key, string digest, long? expiresAtMs, bool passes)
    {
        await using var server = await RedisServer.StartAsync(null, TestContext.Current.CancellationToken);
        await server.RunAsync(Token, "SET a value");
        await using var session = await RedisConnection.OpenAsync(server.Settings, TimeProvider.System, Token);
        var right = RdbDigest.Of(0, [5, .. "value"u8]);
        SampleComparison comparison = new(session, TimeProvider.System);
        await comparison.CompareAsync(
            new SampleRecord(0, Encoding.UTF8.GetBytes(key), 0, digest == "string:" ? right : digest, expiresAtMs),
            Token
        );
        Assert.Equal(passes, comparison.ToCheck(1).Passed);
    }

    private static long? PeakOf(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null
                ? null
                : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
                    << 10;
        }
        catch (Exception e) when (e is IOException or IndexOutOfRangeException)
        {
            return null; // it has ended
        }
    }

    /// <summary>A server whose transfer takes minutes: it waits after each key.</summary>
    private static async Task<RedisWorld> StartSlowAsync(CancellationToken cancellationToken)
    {
        var world = await RedisWorld.CreateAsync(new RedisServerOptions(), cancellationToken);
        await world.Server.ScriptAsync(
            "for i = 1, 20000 do redis.call('set', 'k' .. i, string.rep('x', 1000)) end",
            cancellationToken
        );
        await world.Server.RunAsync(
            cancellationToken,
            "CONFIG SET rdbcompression no",
            "CONFIG SET rdb-key-save-delay 3000"
        );
        return world;
    }

    private static async Task<IReadOnlyDictionary<string, string>> InfoAsync(RedisServer server)
    {
        await using var session = await RedisConnection.OpenAsync(server.Settings, TimeProvider.System, Token);
        return await session.ReadInfoAsync(Token);
    }
}
