using System.Text.Json;
using Amazon.S3.Model;
using Resurgam.Adapters.Stores.S3;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Vaults.Keys;

/// <summary>A rotation reaches the replicas; stock restic and the bucket are the judges of what still opens.</summary>
public sealed class WithdrawnKeyTests
{
    private const int AtRisk = 24;
    private const int VaultDamaged = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_withdrawn_secret_is_told_as_long_as_it_opens_a_replica_and_a_copy_takes_it_away()
    {
        using var world = await FilesWorld.CreateAsync(Token);
        await world.SetReplicasAsync($"{{ name: far, store: 'file://{world.Combine("far")}' }}");
        await world.BackUpAsync();
        await world.RunAsync("vault", "copy");
        await world.RunAsync("vault", "secret", "new.key");

        await world.RunAsync("vault", "key", "rotate", "--new-file", "new.key", "--name", "new");
        await world.SetSecretAsync("new.key");

        Assert.Equal(["withdrawn-key-open"], await KeyFindingsAsync(world));
        Assert.Equal(0, await OpenFarAsync(world));
        Assert.Contains("still opens it", await world.RunAsync("vault", "info"), StringComparison.Ordinal);
        File.Move(world.Combine("new.key"), world.Combine("kept"));
        var keyless = await world.TryRunAsync("vault", "copy");
        Assert.True(keyless.ExitCode == VaultDamaged, keyless.ToString());
        Assert.Contains("withdrawn-key: keys/", keyless.Output, StringComparison.Ordinal);
        Assert.Equal(0, await OpenFarAsync(world));
        File.Move(world.Combine("kept"), world.Combine("new.key"));

        Assert.Contains("withdrew key", await world.RunAsync("vault", "copy"), StringComparison.Ordinal);

        Assert.Empty(await KeyFindingsAsync(world));
        Assert.NotEqual(0, await OpenFarAsync(world));
        await world.RunAsync("--from", "far", "restore", "latest", "--to", world.Combine("back"));
        await world.RunAsync("--from", "far", "vault", "copy", "primary");
        Assert.Contains("whole", await world.RunAsync("vault", "check", "--read-data"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_under_lock_says_until_when_the_withdrawn_key_can_be_read()
    {
        var server = await S3Server.RequireAsync();
        var bucket = $"bucket-{Path.GetRandomFileName().Replace('.', '-')}";
        using var client = S3Client.Create(server.OptionsFor(bucket));
        await client.PutBucketAsync(
            new PutBucketRequest { BucketName = bucket, ObjectLockEnabledForBucket = true },
            Token
        );
        using var world = await FilesWorld.CreateAsync(Token);
        foreach (
            var (name, value) in (IEnumerable<(string, string)>)
                [("access", S3Server.AccessKey), ("secret", S3Server.SecretKey)]
        )
        {
            await File.WriteAllTextAsync(world.Combine(name), value, Token);
            File.SetUnixFileMode(world.Combine(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        await world.SetReplicasAsync(
            $"{{ name: far, store: 's3://{bucket}/v', s3: {{ endpoint: '{server.Endpoint}', region: us-east-1, path-style: true, object-lock: compliance, lock-for: 1d, access-key: {{ file: {world.Combine("access")} }}, secret-key: {{ file: {world.Combine("secret")} }} }} }}"
        );
        await world.BackUpAsync();
        await world.RunAsync("vault", "copy");
        await world.RunAsync("vault", "secret", "new.key");
        await world.RunAsync("vault", "key", "rotate", "--new-file", "new.key", "--name", "new");
        await world.SetSecretAsync("new.key");

        var copied = await world.RunAsync("vault", "copy");

        Assert.Contains("locked-key: keys/", copied, StringComparison.Ordinal);
        Assert.Contains(" stays until 20", copied, StringComparison.Ordinal);
        Assert.Equal(["withdrawn-key-open"], await KeyFindingsAsync(world));
        Assert.Contains("keeps its file until", await world.RunAsync("vault", "info"), StringComparison.Ordinal);
        using var keys = JsonDocument.Parse(
            await world.RunAsync("--from", "far", "vault", "key", "list", "--output", "json")
        );
        Assert.Equal(1, keys.RootElement.GetProperty("keys").GetArrayLength());
    }

    /// <returns>Exit code of stock restic with the old secret.</returns>
    private static async Task<int> OpenFarAsync(FilesWorld world)
    {
        var generation = Assert.Single(Directory.GetDirectories(Path.Combine(world.Combine("far"), "generations")));
        return (await world.Restic.TryRunAsync("-r", generation, "snapshots")).ExitCode;
    }

    private static async Task<IReadOnlyList<string>> KeyFindingsAsync(FilesWorld world)
    {
        var exit = await world.TryRunAsync("status", "--output", "json");
        using var status = JsonDocument.Parse(exit.Output);
        List<string> codes =
        [
            .. status
                .RootElement.GetProperty("findings")
                .EnumerateArray()
                .Select(finding => finding.GetProperty("code").GetString() ?? "")
                .Where(code => code.Contains("key", StringComparison.Ordinal)),
        ];
        Assert.True(codes.Count == 0 || exit.ExitCode == AtRisk, exit.ToString());
        return codes;
    }
}
