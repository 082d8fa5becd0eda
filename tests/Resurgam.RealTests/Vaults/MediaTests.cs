using System.Diagnostics;
using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Vaults;

/// <summary>The program with offline media: written, carried away, read back when nothing else is left.</summary>
public sealed class MediaTests : IAsyncLifetime
{
    private const int Fix = 10;
    private const int VaultDamaged = 20;
    private const int Refused = 22;
    private const int RestoreIncomplete = 25;
    private const int RunWaits = 40;
    private const string VolumeSize = "24MB";

    private FilesWorld? _world;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FilesWorld World => _world ?? throw new InvalidOperationException("the test has not begun");

    private string Box => World.Combine("box");

    [Fact]
    public async Task A_vault_that_burnt_comes_back_from_its_box_in_any_order_with_a_damaged_volume_named()
    {
        var set = await WriteAsync();
        var volumes = Directory.GetFiles(Box, "*.tar").Order(StringComparer.Ordinal).ToList();
        Assert.InRange(volumes.Count, 3, 6);
        Assert.All(volumes, volume => Assert.InRange(new FileInfo(volume).Length, 1, 24_000_000));
        await World.RunAsync("vault", "media", "check", Box);
        await World.RunAsync("vault", "media", "taken", set, "--by", "Ada", "--place", "safe 3", "--note", "seal 0815");
        await World.RunAsync("vault", "media", "confirmed", set, "--by", "Bo", "--read", Box);
        var sheet = await World.RunAsync("vault", "media", "sheet", set);
        Assert.Contains("taken by Ada, safe 3", sheet, StringComparison.Ordinal);
        Assert.Contains("confirmed by Bo, safe 3", sheet, StringComparison.Ordinal);
        Assert.Contains("all volumes; seal 0815", sheet, StringComparison.Ordinal);
        Assert.Contains("all volumes, read and found whole", sheet, StringComparison.Ordinal);
        Assert.Contains("confirmed by Bo", await World.RunAsync("vault", "media", "list"), StringComparison.Ordinal);
        Assert.Contains("whole", await World.RunAsync("ledger", "verify"), StringComparison.Ordinal);
        Directory.Move(World.Vault, World.Combine("burnt"));
        Directory.Delete(World.Combine("state"), recursive: true); // it knows what the ledger said after the writing
        var pristine = await File.ReadAllBytesAsync(volumes[1], Token);
        var hurt = pristine.ToArray();
        hurt[hurt.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(volumes[1], hurt, Token);

        var first = await World.TryRunAsync("vault", "media", "read", volumes[^1], "--to", World.Vault);
        Assert.True(first.ExitCode == RestoreIncomplete, first.ToString());
        Assert.Contains("still needed: volumes 1, 2", first.Output, StringComparison.Ordinal);
        var second = await World.TryRunAsync("vault", "media", "read", Box, "--to", World.Vault);
        Assert.True(second.ExitCode == VaultDamaged, second.ToString());
        Assert.Contains("DAMAGED", second.Output, StringComparison.Ordinal);
        Assert.Contains("of volume 2", second.Output, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(volumes[1], pristine, Token);
        var all = Directory.GetFiles(Box); // the sheet is among them
        Assert.True(all.Length > volumes.Count, string.Join(' ', all));
        await World.RunAsync(["vault", "media", "check", .. all]);
        await World.RunAsync("vault", "media", "read", volumes[1], "--to", World.Vault);

        await World.RunAsync("vault", "check", "--read-data");
        await World.RunAsync("ledger", "verify");
        await World.RunAsync("restore", "latest", "--to", World.Combine("target"));
        Assert.Equal(
            await World.ListAsync(World.Source),
            await World.ListAsync(World.Combine("target") + World.Source)
        );
    }

    [Fact]
    public async Task Stock_tar_and_stock_restic_bring_it_back_without_us()
    {
        await WriteAsync();
        var unpacked = Directory.CreateDirectory(World.Combine("unpacked")).FullName;
        foreach (var volume in Directory.GetFiles(Box, "*.tar"))
            Assert.Equal("", await ShellAsync("tar -xf \"$0\" --skip-old-files -C \"$1\" 2>&1", volume, unpacked));
        Directory.Delete(World.Vault, recursive: true);
        Directory.Move(Path.Combine(unpacked, "vault"), World.Vault);

        await ShellAsync(
            "RESTIC_PASSWORD=\"$2\" restic -r \"$0\" --no-lock check --read-data && RESTIC_PASSWORD=\"$2\" restic -r \"$0\" --no-lock restore latest --target \"$1\"",
            World.Generation,
            World.Combine("target"),
            StockRestic.Password
        );

        Assert.Equal(
            await World.ListAsync(World.Source),
            await World.ListAsync(World.Combine("target") + World.Source)
        );
    }

    [Fact]
    public async Task Status_asks_for_an_offline_copy_when_the_plan_wants_one()
    {
        Assert.DoesNotContain("offline-overdue", (await World.TryRunAsync("status")).Output, StringComparison.Ordinal);
        var plan = await File.ReadAllTextAsync(World.Combine("plan.yaml"), Token);
        await File.WriteAllTextAsync(
            World.Combine("plan.yaml"),
            plan.Replace("vault: {", "vault: { offline-within: 1s,", StringComparison.Ordinal),
            Token
        );
        await Eventually.HoldsAsync(
            () => "still not: a second has gone since the vault was made",
            async () =>
                (await World.TryRunAsync("status", "--output", "json")).Output.Contains(
                    "offline-overdue",
                    StringComparison.Ordinal
                ),
            Token
        );
    }

    /// <summary>A tape is written and read once from its start to its end, as a pipe is.</summary>
    [Fact]
    public async Task Tapes_take_one_volume_each_and_are_asked_for_one_after_the_other()
    {
        var tape = World.Combine("tape");
        await ShellAsync("mkfifo \"$0\"", tape);
        var of = 0;
        var set = "";
        for (var number = 1; number == 1 || number <= of; number++)
        {
            var taking = ShellAsync("cat \"$0\" > \"$1\"", tape, World.Combine($"reel{number}"));
            string[] which = number == 1 ? ["--volume-size", VolumeSize] : ["--set", set];
            var exit = await World.TryRunAsync(["vault", "media", "write", "--to", tape, .. which, "--output", "json"]);
            await taking;
            using var document = JsonDocument.Parse(exit.Output);
            (set, of) = (
                document.RootElement.GetProperty("set").GetString() ?? "",
                document.RootElement.GetProperty("of").GetInt32()
            );
            Assert.True(exit.ExitCode == (number == of ? 0 : RunWaits), exit.ToString());
            Assert.Equal(of - number, document.RootElement.GetProperty("left").GetArrayLength());
        }
        Directory.Move(World.Vault, World.Combine("burnt"));
        for (var number = of; number >= 1; number--)
        {
            var giving = ShellAsync("cat \"$1\" > \"$0\"", tape, World.Combine($"reel{number}"));
            var exit = await World.TryRunAsync("vault", "media", "read", tape, "--to", World.Vault);
            await giving;
            Assert.True(exit.ExitCode == (number == 1 ? 0 : RestoreIncomplete), exit.ToString());
        }

        await World.RunAsync("vault", "check", "--read-data");
    }

    [Fact]
    public async Task A_writing_that_was_killed_goes_on_with_the_same_set()
    {
        Directory.CreateDirectory(Box);
        await using (var writing = World.Start("vault", "media", "write", "--to", Box, "--volume-size", VolumeSize))
        {
            await Eventually.HoldsAsync(
                "the second volume is begun",
                () => Directory.GetFiles(Box, "*-002.tar*").Length > 0,
                Token
            );
            writing.Kill();
            await writing.WaitForExitAsync(Token);
        }
        var set = Path.GetFileNameWithoutExtension(
            Assert.Single(Directory.GetFiles(World.Combine("state/media"), "*.json"))
        );

        await World.RunAsync("vault", "media", "write", "--to", Box, "--set", set);

        Assert.Empty(Directory.GetFiles(World.Combine("state/media")));
        Assert.Contains(
            "volumes are here",
            await World.RunAsync("vault", "media", "check", Box),
            StringComparison.Ordinal
        );
        Assert.Equal(Fix, (await World.TryRunAsync("vault", "media", "write", "--to", Box, "--set", set)).ExitCode);
    }

    [Fact]
    public async Task A_full_disk_is_told_leaves_no_half_volume_and_goes_on_when_there_is_room()
    {
        await using var disk = await Mount.TemporaryAsync(Box, megabytes: 40, Token);
        var full = await World.TryRunAsync("vault", "media", "write", "--to", Box, "--volume-size", VolumeSize);
        Assert.True(full.ExitCode == Fix, full.ToString());
        Assert.Contains("cannot be written", full.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Box, "*.partial"));
        var set = Path.GetFileNameWithoutExtension(
            Assert.Single(Directory.GetFiles(World.Combine("state/media"), "*.json"))
        );
        await disk.ResizeAsync(400, Token);

        await World.RunAsync("vault", "media", "write", "--to", Box, "--set", set);

        await World.RunAsync("vault", "media", "check", Box);
    }

    [Fact]
    public async Task What_is_not_as_it_was_written_is_not_confirmed_and_what_is_destroyed_stays_so()
    {
        var set = await WriteAsync();
        var volume = Directory.GetFiles(Box, "*-001.tar")[0];
        var bytes = await File.ReadAllBytesAsync(volume, Token);
        bytes[^1] ^= 1; // behind the end, where no object is: the ledger's checksum alone tells
        await File.WriteAllBytesAsync(volume, bytes, Token);

        var confirmed = await World.TryRunAsync("vault", "media", "confirmed", set, "--by", "Bo", "--read", volume);
        Assert.True(confirmed.ExitCode == VaultDamaged, confirmed.ToString());
        await World.RunAsync("vault", "media", "destroyed", set, "--by", "Bo", "--note", "shredded", "--volume", "1");
        var again = await World.TryRunAsync(
            "vault",
            "media",
            "taken",
            set,
            "--by",
            "Bo",
            "--place",
            "x",
            "--volume",
            "1"
        );
        Assert.True(again.ExitCode == Refused, again.ToString());
        await World.RunAsync("vault", "media", "taken", set, "--by", "Bo", "--place", "x");

        using var list = JsonDocument.Parse(await World.RunAsync("vault", "media", "list", "--output", "json"));
        Assert.Equal(
            ["destroyed", "taken"],
            list.RootElement.GetProperty("sets")[0]
                .GetProperty("volumes")
                .EnumerateArray()
                .Select(each => each.GetProperty("state").GetString())
                .Take(2)
        );
    }

    public async ValueTask InitializeAsync()
    {
        _world = await FilesWorld.CreateAsync(Token);
        Random random = new(3);
        for (var i = 0; i < 4; i++)
        {
            var bytes = new byte[15_000_000];
            random.NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(World.Source, $"image{i}"), bytes, Token);
        }
        await World.BackUpAsync();
    }

    public ValueTask DisposeAsync()
    {
        _world?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <returns>The set.</returns>
    private async Task<string> WriteAsync()
    {
        Directory.CreateDirectory(Box);
        using var document = JsonDocument.Parse(
            await World.RunAsync(
                "vault",
                "media",
                "write",
                "--to",
                Box,
                "--volume-size",
                VolumeSize,
                "--output",
                "json"
            )
        );
        return document.RootElement.GetProperty("set").GetString() ?? "";
    }

    /// <returns>Its standard output.</returns>
    private static async Task<string> ShellAsync(string script, params string[] arguments)
    {
        ProcessStartInfo start = new("sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in (string[])["-c", script, .. arguments])
            start.ArgumentList.Add(word);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("no sh");
        var (output, error) = (
            process.StandardOutput.ReadToEndAsync(Token),
            process.StandardError.ReadToEndAsync(Token)
        );
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, await error + await output);
        return await output;
    }
}
