using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Vaults.Keys;

/// <summary>Secrets come and go through the program; stock restic is the judge of what opens.</summary>
public sealed class KeyCommandTests
{
    [Fact(Timeout = 120_000)]
    public async Task After_a_rotation_stock_restic_opens_with_the_new_secret_only()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(world.Source, "a"), "b", TestContext.Current.CancellationToken);
        await world.BackUpAsync();
        await world.RunAsync("vault", "secret", "new.key");

        await world.RunAsync("vault", "key", "rotate", "--new-file", "new.key", "--name", "safe in Berlin");

        var restic = world.Restic;
        var withNew = await restic.TryRunAsync(
            "-r",
            world.Generation,
            "--password-file",
            world.Combine("new.key"),
            "check",
            "--read-data"
        );
        Assert.True(withNew.ExitCode == 0, withNew.Error);
        var withOld = await restic.TryRunAsync("-r", world.Generation, "snapshots");
        Assert.Contains("wrong password", withOld.Error, StringComparison.Ordinal);
        Assert.Equal(4, (await world.TryRunAsync("snapshots")).ExitCode); // the plan still names the old one
    }

    [Fact(Timeout = 120_000)]
    public async Task Recovery_shares_alone_open_the_vault_and_the_ledger_tells_of_the_test()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await world.BackUpAsync();
        await world.RunAsync("vault", "shares", "create", "--threshold", "2", "--shares", "3", "--to", "shares");
        var files = Directory.GetFiles(world.Combine("shares")).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(3, files.Length);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(world.Combine("shares"))
        );
        Assert.All(
            files,
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file))
        );

        Assert.Equal(10, (await world.TryRunAsync("vault", "shares", "test", files[0])).ExitCode);
        await world.RunAsync("vault", "shares", "test", files[2], files[0]);
        await world.RunAsync("vault", "shares", "combine", files[2], files[1], "--to", "secret");

        var restic = await world.Restic.TryRunAsync(
            "-r",
            world.Generation,
            "--password-file",
            world.Combine("secret"),
            "snapshots"
        );
        Assert.True(restic.ExitCode == 0, restic.Error);
        var ledger = await world.RunAsync("ledger", "show", "--stream", "vault", "--output", "json");
        Assert.Contains("shares-tested", ledger, StringComparison.Ordinal);
        Assert.DoesNotContain("RSG1-", ledger, StringComparison.Ordinal);
        using var keys = JsonDocument.Parse(await world.RunAsync("vault", "key", "list", "--output", "json"));
        Assert.Equal(2, keys.RootElement.GetProperty("keys").GetArrayLength());
    }
}
