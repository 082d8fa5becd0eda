using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Vaults;

/// <summary>In which place's ledger stands what was done with a replica, and what becomes of two that were written to.</summary>
public sealed class ReplicaLedgerTests
{
    private const int AtRisk = 24;
    private const int VaultDamaged = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_restored_from_a_replica_is_told_in_the_primary_while_that_lives()
    {
        using var world = await CreateAsync();

        await world.RunAsync("--from", "far", "restore", "latest", "--to", world.Combine("back"));
        await world.RunAsync("--from", "far", "restore", "latest", "--to", world.Combine("again"));
        await world.BackUpAsync();

        Assert.Equal(["backup", "restore", "restore", "backup"], await KindsAsync(world, "asset.odd"));
        await world.RunAsync("vault", "copy");
        Assert.Contains("whole", await world.RunAsync("ledger", "verify", "--copy", "far"), StringComparison.Ordinal);
        Assert.Contains("whole", await world.RunAsync("--from", "far", "ledger", "verify"), StringComparison.Ordinal);
        Assert.DoesNotContain("ledger", await FindingsAsync(world), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_is_written_to_when_the_primary_is_gone_and_a_primary_that_is_back_goes_on_behind_it()
    {
        using var world = await CreateAsync();
        Directory.Move(world.Vault, world.Combine("away"));

        var restored = await world.TryRunAsync("--from", "far", "restore", "latest", "--to", world.Combine("back"));
        await world.RunAsync("--from", "far", "backup", "odd");
        Directory.Move(world.Combine("away"), world.Vault);

        Assert.Contains("the ledger of far tells of this", restored.Error, StringComparison.Ordinal);
        Assert.Contains(
            "ahead: asset.odd",
            await world.RunAsync("vault", "copy", "--dry-run"),
            StringComparison.Ordinal
        );
        Assert.Contains("ledger-behind-replica", await FindingsAsync(world), StringComparison.Ordinal);
        await world.RunAsync("--from", "far", "restore", "latest", "--to", world.Combine("again")); // brings what far alone knew
        await world.BackUpAsync();
        Assert.Equal(["backup", "restore", "backup", "restore", "backup"], await KindsAsync(world, "asset.odd"));
        await world.RunAsync("--from", "far", "vault", "copy", "primary");
        await world.RunAsync("vault", "copy");
        Assert.Contains("whole", await world.RunAsync("ledger", "verify", "--copy", "far"), StringComparison.Ordinal);
        Assert.DoesNotContain("ledger", await FindingsAsync(world), StringComparison.Ordinal);
    }

    /// <summary>Who can write in the replica's store, and has no key, stops nobody in the primary.</summary>
    [Theory]
    [InlineData("copy", "primary")]
    [InlineData("heal")]
    public async Task What_somebody_without_the_key_put_into_a_replica_stays_there(params string[] command)
    {
        using var world = await CreateAsync();
        var streams = world.Combine("far/ledger");
        await File.WriteAllTextAsync(Path.Combine(streams, "asset.odd/000000000002"), "junk", Token);
        await File.WriteAllTextAsync(Path.Combine(streams, "streams/asset.none"), "", Token);

        string[] from = command[0] == "copy" ? ["--from", "far"] : [];
        var exit = await world.TryRunAsync([.. from, "vault", .. command]);
        await world.BackUpAsync();

        Assert.True(exit.ExitCode == VaultDamaged || command[0] == "heal", exit.ToString());
        Assert.Equal(["backup", "backup"], await KindsAsync(world, "asset.odd"));
        Assert.False(File.Exists(Path.Combine(world.Vault, "ledger/streams/asset.none")));
        Assert.Contains("whole", await world.RunAsync("ledger", "verify"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_primary_that_can_be_read_and_not_written_forks_nothing()
    {
        using var world = await CreateAsync();
        await using (await Mount.ReadOnlyAsync(world.Vault, world.Vault, Token))
        {
            var exit = await world.TryRunAsync("--from", "far", "restore", "latest", "--to", world.Combine("back"));
            Assert.True(exit.ExitCode == 0, exit.ToString());
            Assert.Contains("the next command writes it", exit.Error, StringComparison.Ordinal);
        }

        await world.BackUpAsync();

        Assert.Equal(["backup", "restore", "backup"], await KindsAsync(world, "asset.odd"));
        await world.RunAsync("vault", "copy");
    }

    [Fact]
    public async Task A_run_does_not_need_a_primary_that_cannot_be_written_and_survives_one_that_goes()
    {
        using var world = await CreateAsync();
        await File.AppendAllTextAsync(
            world.Combine("plan.yaml"),
            """
            runbooks:
              work:
                steps:
                  one: { action: vault-backup, with: { asset: odd } }

            """,
            Token
        );
        await using (await Mount.ReadOnlyAsync(world.Vault, world.Vault, Token))
            await world.RunAsync("--from", "far", "run", "work", "--reason", "a test");
        await world.RunAsync("--from", "far", "run", "work", "--reason", "another");
        Assert.Equal(2, await RunsAsync(world)); // the first one came with the second
        Assert.Equal(2, await RunsAsync(world, "--from", "far"));

        Directory.Move(world.Vault, world.Combine("away"));

        Assert.Equal(2, await RunsAsync(world, "--from", "far"));
    }

    private static async Task<int> RunsAsync(FilesWorld world, params string[] from)
    {
        using var runs = JsonDocument.Parse(await world.RunAsync([.. from, "runs", "list", "--output", "json"]));
        return runs.RootElement.GetProperty("runs").GetArrayLength();
    }

    [Fact]
    public async Task A_primary_that_takes_connections_and_never_answers_holds_nobody_up()
    {
        using var world = await CreateAsync();
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        var plan = await File.ReadAllTextAsync(world.Combine("plan.yaml"), Token);
        await File.WriteAllTextAsync(
            world.Combine("plan.yaml"),
            plan.Replace(
                $"store: 'file://{world.Vault}'",
                $"store: s3://bucket/vault, s3: {{ endpoint: 'http://{silent.LocalEndpoint}', region: us-east-1, access-key: {{ file: {world.Combine("key")} }}, secret-key: {{ file: {world.Combine("key")} }} }}",
                StringComparison.Ordinal
            ),
            Token
        );
        await File.WriteAllTextAsync(world.Combine("key"), "a key", Token);
        File.SetUnixFileMode(world.Combine("key"), UnixFileMode.UserRead);

        var status = await world.TryRunAsync("status");
        var restored = await world.TryRunAsync("--from", "far", "restore", "latest", "--to", world.Combine("back"));

        Assert.Equal(AtRisk, status.ExitCode);
        Assert.StartsWith("NOT KNOWN, s3://bucket/vault", status.Output, StringComparison.Ordinal);
        Assert.Contains("far answers: 'resurgam --from far status'", status.Output, StringComparison.Ordinal);
        Assert.True(restored.ExitCode == 0, restored.ToString());
        Assert.Contains("the ledger of far tells of this", restored.Error, StringComparison.Ordinal);
        using var shown = JsonDocument.Parse(
            await world.RunAsync("--from", "far", "ledger", "show", "--stream", "asset.odd", "--output", "json")
        );
        Assert.Equal(2, shown.RootElement.GetProperty("entries").GetArrayLength());
    }

    [Fact]
    public async Task A_fork_is_told_by_status_and_settled_with_nothing_lost()
    {
        using var world = await CreateAsync();
        await ForkAsync(world);

        var status = await world.TryRunAsync("status");
        var copied = await world.TryRunAsync("vault", "copy");
        var dry = await world.RunAsync("ledger", "settle", "far", "--reason", "a look", "--dry-run");
        var settled = await world.RunAsync("ledger", "settle", "far", "--reason", "the line was cut");

        Assert.Equal(AtRisk, status.ExitCode);
        Assert.Contains("ledger-forked", status.Output, StringComparison.Ordinal);
        Assert.Equal(VaultDamaged, copied.ExitCode);
        Assert.Contains("ledger settle far", copied.Output, StringComparison.Ordinal);
        Assert.Contains("asset.odd: after entry 1, 1 entries", dry, StringComparison.Ordinal);
        Assert.Contains(
            "2 of far are kept in stream fork.far, 2 of them told again",
            settled,
            StringComparison.Ordinal
        );
        Assert.Equal(["backup", "backup", "restore", "backup"], await KindsAsync(world, "asset.odd"));
        Assert.DoesNotContain("ledger", await FindingsAsync(world), StringComparison.Ordinal);
        await world.RunAsync("vault", "copy");
        await world.RunAsync("--from", "far", "vault", "copy", "primary"); // the snapshot that was taken there
        Assert.Contains(
            "whole",
            await world.RunAsync("ledger", "verify", "--all-signatures", "--copy", "far"),
            StringComparison.Ordinal
        );
        Assert.Contains("whole", await world.RunAsync("--from", "far", "ledger", "verify"), StringComparison.Ordinal);
        Assert.Contains("whole", await world.RunAsync("vault", "check"), StringComparison.Ordinal);
        await world.RunAsync("ledger", "export", world.Combine("export"));
        Assert.Contains(
            "the line was cut",
            await File.ReadAllTextAsync(world.Combine("export/fork.far.jsonl"), Token),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_fork_can_be_settled_for_the_replica()
    {
        using var world = await CreateAsync();
        await ForkAsync(world);

        await world.RunAsync("--from", "far", "ledger", "settle", "primary", "--reason", "far served all the time");

        Assert.Equal(["backup", "restore", "backup", "backup"], await KindsAsync(world, "asset.odd"));
        await world.RunAsync("vault", "copy");
        Assert.Contains("whole", await world.RunAsync("ledger", "verify", "--copy", "far"), StringComparison.Ordinal);
    }

    /// <summary>The primary is away, the replica is worked with; then the primary is back and somebody works there.</summary>
    private static async Task ForkAsync(FilesWorld world)
    {
        Directory.Move(world.Vault, world.Combine("away"));
        await world.RunAsync("--from", "far", "restore", "latest", "--to", world.Combine("back"));
        await File.WriteAllTextAsync(Path.Combine(world.Source, "far"), "far", Token);
        await world.RunAsync("--from", "far", "backup", "odd");
        Directory.Move(world.Combine("away"), world.Vault);
        await world.BackUpAsync();
    }

    /// <summary>A vault with a snapshot, and a replica that has all of it.</summary>
    private static async Task<FilesWorld> CreateAsync()
    {
        var world = await FilesWorld.CreateAsync(Token);
        await world.SetReplicasAsync($"{{ name: far, store: 'file://{world.Combine("far")}' }}");
        await File.WriteAllTextAsync(Path.Combine(world.Source, "a"), "b", Token);
        await world.BackUpAsync();
        await world.RunAsync("vault", "copy");
        return world;
    }

    private static async Task<IReadOnlyList<string?>> KindsAsync(FilesWorld world, string stream)
    {
        using var shown = JsonDocument.Parse(
            await world.RunAsync("ledger", "show", "--stream", stream, "--output", "json")
        );
        return
        [
            .. shown
                .RootElement.GetProperty("entries")
                .EnumerateArray()
                .Select(entry => entry.GetProperty("kind").GetString()),
        ];
    }

    private static async Task<string> FindingsAsync(FilesWorld world)
    {
        using var status = JsonDocument.Parse((await world.TryRunAsync("status", "--output", "json")).Output);
        return status.RootElement.GetProperty("findings").GetRawText();
    }
}
