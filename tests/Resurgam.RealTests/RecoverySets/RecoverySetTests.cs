using System.Diagnostics;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.RecoverySets;

/// <summary>Database, sessions, policies and files as one recovery point, by the program itself.</summary>
public sealed class RecoverySetTests : IDisposable
{
    private const string Variable = "RESURGAM_TEST_SECRET";

    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-set-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 240_000)]
    public async Task All_come_back_to_the_moment_that_the_entry_names()
    {
        await using var server = await PostgresServer.StartAsync(15, null, TestContext.Current.CancellationToken);
        await using var sessions = await RedisServer.StartAsync(null, TestContext.Current.CancellationToken);
        await BeginAsync(server, sessions, $"barrier: {{ hold: [touch, {Held}], release: [rm, {Held}] }}");
        await using var wal = Start("wal", "stream", "db");
        await using var commands = Start("wal", "stream", "sessions");
        await server.WaitForAsync("select count(*) from pg_stat_replication where state = 'streaming'", "1", Token);
        await Eventually.HoldsAsync(() => "the commands are streamed", () => StreamsAsync("sessions"), Token);
        await server.QueryAsync("create table t (i int); insert into t values (1)", Token);
        await sessions.RunAsync(Token, "SET k before");

        var backup = await AskAsync("backup", "platform");
        await server.QueryAsync("insert into t values (2)", Token);
        await sessions.RunAsync(Token, "SET k after", "SET more 1");
        await GitAsync("commit", "--allow-empty", "-m", "after");

        var point = backup.GetProperty("point");
        Assert.Equal(0, point.GetProperty("skewSeconds").GetDouble());
        Assert.All(Members(point).Take(2), member => Assert.True(member.GetProperty("isStreamed").GetBoolean()));
        Assert.False(File.Exists(Held));
        await RunAsync(0, "backup", "sessions"); // later snapshots change nothing of it
        var verification = await AskAsync("verify", "platform");
        Assert.True(verification.GetProperty("passed").GetBoolean(), verification.ToString());
        var target = Directory.CreateDirectory(Path.Combine(_folder, "to")).FullName;
        await RunAsync(0, "restore", "platform", "--to", target);
        await AssertSessionsAsync(Path.Combine(target, "sessions"));
        var commit = Members(point).ElementAt(2).GetProperty("repositories")[0].GetProperty("commit").GetString();
        Assert.Equal(await GitAsync("rev-parse", "HEAD~1"), commit);
        Assert.Contains(
            $"recovery_target_lsn = '{Members(point).First().GetProperty("lsn").GetString()}'",
            await File.ReadAllTextAsync(Path.Combine(target, "db/postgresql.auto.conf"), Token),
            StringComparison.Ordinal
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task A_capture_that_fails_half_way_is_no_recovery_point_and_the_barrier_is_released()
    {
        await using var server = await PostgresServer.StartAsync(15, null, TestContext.Current.CancellationToken);
        await using var sessions = await RedisServer.StartAsync(null, TestContext.Current.CancellationToken);
        await BeginAsync(server, sessions, $"barrier: {{ hold: [touch, {Held}], release: [rm, {Held}] }}");
        Directory.Delete(Path.Combine(_folder, "uploads"));

        Assert.Contains("files-no-folder", await RunAsync(10, "backup", "platform"), StringComparison.Ordinal);

        Assert.False(File.Exists(Held));
        Assert.Empty((await AskAsync("snapshots", "--set", "platform")).GetProperty("points").EnumerateArray());
        Assert.Contains("recovery-point-absent", await RunAsync(10, "verify", "platform"), StringComparison.Ordinal);

        Directory.CreateDirectory(Path.Combine(_folder, "uploads"));
        var point = (await AskAsync("backup", "platform")).GetProperty("point"); // without any stream
        Assert.All(Members(point), member => Assert.False(member.GetProperty("isStreamed").GetBoolean()));
        Assert.Equal(2, point.GetProperty("notes").GetArrayLength());
        Assert.True((await AskAsync("verify", "platform")).GetProperty("passed").GetBoolean());
    }

    [Theory(Timeout = 120_000)]
    [InlineData("hold: ['false'], release: [touch, RELEASED]")]
    [InlineData("hold: [sleep, '20'], release: [touch, RELEASED], limit: 1s")]
    public async Task A_barrier_that_does_not_hold_is_released_and_nothing_is_recorded(string barrier)
    {
        await using var server = await PostgresServer.StartAsync(15, null, TestContext.Current.CancellationToken);
        await using var sessions = await RedisServer.StartAsync(null, TestContext.Current.CancellationToken);
        var released = Path.Combine(_folder, "released");
        await BeginAsync(
            server,
            sessions,
            $"barrier: {{ {barrier.Replace("RELEASED", released, StringComparison.Ordinal)} }}"
        );

        var exit = await TryRunAsync("backup", "platform", "--output", "json");

        Assert.Contains("set-barrier", exit.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(released));
        Assert.Empty((await AskAsync("snapshots", "--set", "platform")).GetProperty("points").EnumerateArray());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Held => Path.Combine(_folder, "held");

    private async Task BeginAsync(PostgresServer server, RedisServer sessions, string barrier)
    {
        File.SetUnixFileMode(_folder, File.GetUnixFileMode(_folder) | UnixFileMode.OtherExecute);
        Directory.CreateDirectory(Path.Combine(_folder, "uploads"));
        await GitAsync("init", "--quiet", "policies");
        await GitAsync("commit", "--allow-empty", "-m", "before");
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "plan.yaml"),
            $$"""
            resurgam: 1
            state: {{Path.Combine(_folder, "state")}}
            vault: { store: "file://{{Path.Combine(_folder, "vault")}}", secret: { env: {{Variable}} } }
            assets:
              db: { kind: postgres, connection: "{{server.ConnectionString}}" }
              sessions: { kind: redis, socket: {{sessions.Socket}}, binaries: {{RedisServer.Binaries}} }
              policies: { kind: git, repositories: [{{Path.Combine(_folder, "policies")}}] }
              uploads: { kind: files, path: {{Path.Combine(_folder, "uploads")}} }
            recovery-sets:
              platform: { assets: [db, sessions, policies, uploads], {{barrier}} }

            """,
            Token
        );
        await RunAsync(0, "vault", "create");
    }

    private async Task<bool> StreamsAsync(string asset)
    {
        var exit = await TryRunAsync("wal", "status", asset, "--output", "json");
        using var document = JsonDocument.Parse(exit.Output);
        return document.RootElement.TryGetProperty("isStreaming", out var streams) && streams.GetBoolean();
    }

    private static JsonElement.ArrayEnumerator Members(JsonElement point) =>
        point.GetProperty("members").EnumerateArray();

    private static async Task AssertSessionsAsync(string folder)
    {
        await using var copy = await RedisServer.StartAsync(
            new RedisServerOptions { RestoredDirectory = folder },
            Token
        );
        await Eventually.HoldsAsync(
            () => copy.Log,
            async () => (await copy.AskAsync(Token, "PING")).AsText == "PONG",
            Token
        );
        Assert.Equal("before", (await copy.AskAsync(Token, "GET", "k")).AsText);
        Assert.Equal("0", (await copy.AskAsync(Token, "EXISTS", "more")).AsText);
    }

    private async Task<string> GitAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("git", arguments)
        {
            WorkingDirectory = arguments[0] == "init" ? _folder : Path.Combine(_folder, "policies"),
            RedirectStandardOutput = true,
        };
        foreach (var who in new[] { "AUTHOR", "COMMITTER" })
        {
            start.Environment[$"GIT_{who}_NAME"] = "a";
            start.Environment[$"GIT_{who}_EMAIL"] = "a@b.example";
        }
        using var git = Process.Start(start) ?? throw new InvalidOperationException("git does not start");
        var output = await git.StandardOutput.ReadToEndAsync(Token);
        await git.WaitForExitAsync(Token);
        Assert.Equal(0, git.ExitCode);
        return output.Trim();
    }

    private async Task<JsonElement> AskAsync(params string[] arguments)
    {
        using var document = JsonDocument.Parse(await RunAsync(0, arguments));
        return document.RootElement.Clone();
    }

    private async Task<string> RunAsync(int exitCode, params string[] arguments)
    {
        var exit = await TryRunAsync([.. arguments, "--output", "json"]);
        Assert.True(exit.ExitCode == exitCode, exit.ToString());
        return exit.Output;
    }

    private Task<ResurgamExit> TryRunAsync(params string[] arguments) =>
        ResurgamProcess.RunAsync(["--plan", "plan.yaml", .. arguments], Around, Token);

    private ResurgamProcess Start(params string[] arguments) =>
        ResurgamProcess.Start(["--plan", "plan.yaml", .. arguments], Around);

    private ResurgamSurroundings Around =>
        new()
        {
            Folder = _folder,
            Environment = new Dictionary<string, string> { [Variable] = "vault secret of the test" },
        };
}
