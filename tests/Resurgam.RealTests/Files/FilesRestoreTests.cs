using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Files;

public sealed class FilesRestoreTests
{
    private const int Refused = 22;
    private const string MarkerName = ".resurgam-restore";

    [Fact(Timeout = 120_000)]
    public async Task Restic_and_we_restore_what_we_captured_to_the_same_folder_as_the_source()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await OddFolder.MakeAsync(world.Source);
        var source = await world.ListAsync(world.Source);

        await world.BackUpAsync();
        await world.Restic.RunAsync("-r", world.Generation, "restore", "latest", "--target", world.Combine("theirs"));
        await world.RunAsync("restore", "odd", "--to", world.Combine("ours"));

        Assert.Equal(source, await world.ListAsync($"{world.Combine("ours")}{world.Source}"));
        Assert.Equal(source, await world.ListAsync($"{world.Combine("theirs")}{world.Source}"));
        Assert.Equal(await ListBelowAsync(world, "theirs"), await ListBelowAsync(world, "ours"));
        Assert.Contains(
            "no errors were found",
            await world.Restic.RunAsync("-r", world.Generation, "check", "--read-data"),
            StringComparison.Ordinal
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task What_restic_captured_we_list_check_and_restore_as_restic_does()
    {
        using var world = await FilesWorld.CreateForeignAsync(TestContext.Current.CancellationToken);
        await OddFolder.MakeAsync(world.Source);
        await world.Restic.RunAsync("backup", world.Source);

        await world.Restic.RunAsync("restore", "latest", "--target", world.Combine("theirs"));
        await world.RunAsync("restore", "latest", "--to", world.Combine("ours"));

        Assert.Equal(
            await world.ListAsync(world.Source),
            await world.ListAsync($"{world.Combine("ours")}{world.Source}")
        );
        Assert.Equal(await ListBelowAsync(world, "theirs"), await ListBelowAsync(world, "ours"));
        await world.RunAsync("vault", "check", "--read-data");
        var theirs = await world.Restic.RunAsync("ls", "--json", "latest");
        var ours = await world.RunAsync("ls", "latest");
        Assert.Equal(
            theirs.Split('\n').Count(line => line.Contains("\"struct_type\":\"node\"", StringComparison.Ordinal)),
            ours.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task A_folder_of_a_snapshot_becomes_the_target_and_a_file_lies_in_it()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await OddFolder.MakeAsync(world.Source);
        await world.BackUpAsync();

        await world.RunAsync("restore", "odd", "--path", world.Source, "--to", world.Combine("folder"));
        await world.RunAsync("restore", "odd", "--path", $"{world.SourcePath}/random", "--to", world.Combine("file"));

        Assert.Equal(await world.ListAsync(world.Source), await world.ListAsync(world.Combine("folder")));
        Assert.Equal(
            await File.ReadAllBytesAsync($"{world.Source}/random", TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync($"{world.Combine("file")}/random", TestContext.Current.CancellationToken)
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task Holes_are_holes_again()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await ListedFile.BashAsync(
            world.Source,
            "truncate -s 50M sparse; printf middle | dd of=sparse bs=1 seek=20000001 conv=notrunc status=none"
        );
        await world.BackUpAsync();

        await world.RunAsync("restore", "odd", "--path", world.Source, "--to", world.Combine("to"));

        await ListedFile.BashAsync(
            world.Combine("to"),
            $"cmp sparse '{world.Source}/sparse'; [ $(stat -c %b sparse) -le 64 ]"
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task A_delta_restore_brings_back_what_differs_and_leaves_what_it_does_not_know()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await OddFolder.MakeAsync(world.Source);
        await world.BackUpAsync();
        var to = world.Combine("to");
        string[] restore = ["restore", "odd", "--path", world.Source, "--to", to, "--output", "json"];
        await world.RunAsync(restore);
        await ListedFile.BashAsync(
            to,
            """
            printf X | dd of=random bs=1 seek=77 conv=notrunc status=none
            truncate -s 5 same; printf more >>hole; rm other links/third; ln -sf elsewhere dangling; chmod 700 sticky
            rm fifo; printf 'no fifo' >fifo; rmdir empty-folder; printf 'no folder' >empty-folder
            setfattr -n user.stranger -v x random; setfacl -m u:99:rwx same; setfacl -b random; touch -d '2020-01-01' setgid
            rm twin; printf 'not a twin' >twin
            """
        );

        Assert.Equal(Refused, (await world.TryRunAsync(restore)).ExitCode);
        var dry = await world.TryRunAsync([.. restore, "--delta", "--dry-run"]);
        Assert.Matches("would write [0-9.]+ [KMi]*B in [0-9]+ of [0-9]+ files: .*random", dry.Error);
        Assert.DoesNotContain("\"bytesWritten\": 0,", dry.Output, StringComparison.Ordinal);
        await world.RunAsync([.. restore, "--delta"]);

        Assert.Equal(await world.ListAsync(world.Source), await world.ListAsync(to));

        await File.WriteAllTextAsync($"{to}/stranger", "mine", TestContext.Current.CancellationToken);
        var again = await world.TryRunAsync([.. restore, "--delta"]);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("\"bytesWritten\": 0,", again.Output, StringComparison.Ordinal);
        Assert.Contains("left alone", again.Error, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync($"{to}/stranger", TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 120_000)]
    public async Task Nothing_is_written_through_a_link_that_lies_in_the_target()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await ListedFile.BashAsync(
            world.Source,
            "mkdir -p a/b; printf new >a/b/file; printf new >top; printf new >hard"
        );
        await world.BackUpAsync();
        var (to, elsewhere) = (world.Combine("to"), world.Combine("elsewhere"));
        await ListedFile.BashAsync(
            world.Restic.Folder,
            """
            mkdir to elsewhere elsewhere/b; printf old | tee elsewhere/b/file elsewhere/top elsewhere/hard >/dev/null
            ln -s ../elsewhere to/a; ln -s ../elsewhere/top to/top; ln elsewhere/hard to/hard
            """
        );
        var before = await world.ListAsync(elsewhere);

        await world.RunAsync("restore", "odd", "--path", world.Source, "--to", to, "--delta");

        Assert.Equal(
            before.Replace("== one file\n./hard\n", "== one file\n", StringComparison.Ordinal),
            await world.ListAsync(elsewhere)
        );
        Assert.Equal(await world.ListAsync(world.Source), await world.ListAsync(to));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_folder_in_the_way_is_refused_before_anything_is_touched()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await ListedFile.BashAsync(world.Source, "printf new >a; printf new >b");
        await world.BackUpAsync();
        var to = world.Combine("to");
        await ListedFile.BashAsync(world.Restic.Folder, "mkdir -p to/b; printf old >to/a; printf precious >to/b/file");
        var before = await world.ListAsync(to);

        var exit = await world.TryRunAsync("restore", "odd", "--path", world.Source, "--to", to, "--delta");

        Assert.Equal(Refused, exit.ExitCode);
        Assert.Contains("code: target-in-the-way-refused", exit.Error, StringComparison.Ordinal);
        Assert.Equal(before, await world.ListAsync(to));
    }

    [Fact(Timeout = 120_000)]
    public async Task Snapshots_of_an_asset_that_nobody_knows_are_an_error_with_the_names_that_exist()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);

        var known = await world.TryRunAsync("snapshots", "odd");
        var unknown = await world.TryRunAsync("snapshots", "even");

        Assert.Equal(0, known.ExitCode);
        Assert.Equal(3, unknown.ExitCode);
        Assert.Contains("code: plan-asset-unknown", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("The plan's assets: odd", unknown.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_dry_run_touches_nothing()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await ListedFile.BashAsync(world.Source, "printf new >a; mkdir b");
        await world.BackUpAsync();

        var exit = await world.TryRunAsync("restore", "odd", "--to", world.Combine("to"), "--dry-run");

        Assert.Equal(0, exit.ExitCode);
        Assert.Contains("would restore 1 files of 3 B", exit.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(world.Combine("to")));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_restore_that_was_killed_goes_on_when_it_is_run_again()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await ListedFile.BashAsync(
            world.Source,
            """
            mkdir {1..40}; for i in {1..40}; do for j in {1..100}; do printf "$i $j" >$i/$j; done; done
            head -c 60000000 /dev/urandom >large; ln large twin
            """
        );
        await world.BackUpAsync();
        var to = world.Combine("to");
        string[] restore = ["restore", "odd", "--path", world.Source, "--to", to];

        await using (var killed = world.Start(restore))
        {
            await Eventually.HoldsAsync(
                "some files",
                () => Directory.Exists($"{to}/1") && Directory.GetFiles($"{to}/1").Length > 0,
                TestContext.Current.CancellationToken
            );
            killed.Kill();
            Assert.Equal(137, (await killed.WaitForExitAsync(TestContext.Current.CancellationToken)).ExitCode);
        }
        Assert.True(File.Exists($"{to}/{MarkerName}"));
        var other = await world.TryRunAsync("restore", "odd", "--to", to);
        Assert.Contains("code: target-foreign-refused", other.Error, StringComparison.Ordinal);

        await world.RunAsync(restore);

        Assert.Equal(await world.ListAsync(world.Source), await world.ListAsync(to));
    }

    [Fact(Timeout = 120_000)]
    public async Task Damage_is_named_and_hurts_nothing_else()
    {
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await ListedFile.BashAsync(
            world.Source,
            "for i in {1..20}; do head -c 5000 /dev/urandom >$i; done; head -c 9000000 /dev/urandom >large; mkdir folder; printf x >folder/x"
        );
        await world.BackUpAsync();
        foreach (var pack in Directory.GetFiles($"{world.Generation}/data", "*", SearchOption.AllDirectories))
            if (new FileInfo(pack) is { Length: > 50_000 } file)
                Flip(file.FullName, at: 2_000);

        var exit = await world.TryRunAsync("restore", "odd", "--path", world.Source, "--to", world.Combine("to"));

        Assert.Equal(20, exit.ExitCode);
        Assert.Contains("code: restore-damaged", exit.Error, StringComparison.Ordinal);
        var hurt = Directory
            .GetFiles(world.Source)
            .Select(path => Path.GetFileName(path)!)
            .Where(name => exit.Error.Contains($" {name}: blob", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(hurt);
        Assert.True(hurt.Count < 21);
        await ListedFile.BashAsync(
            world.Combine("to"),
            $"[ -e {MarkerName} ]; for f in $(cd '{world.Source}'; find . -type f {string.Concat(hurt.Select(name => $"! -name {name} "))}); do cmp $f '{world.Source}'/$f; done"
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task A_full_disk_is_said_and_the_rerun_goes_on()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can mount a small file system");
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await ListedFile.BashAsync(world.Source, "head -c 6000000 /dev/urandom >large; printf x >small");
        await world.BackUpAsync();
        await ListedFile.BashAsync(world.Restic.Folder, "mkdir small; mount -t tmpfs -o size=4m none small");
        try
        {
            string[] restore = ["restore", "odd", "--path", world.Source, "--to", world.Combine("small")];
            var exit = await world.TryRunAsync(restore);
            Assert.Equal(10, exit.ExitCode);
            Assert.Contains("code: target-full", exit.Error, StringComparison.Ordinal);

            await ListedFile.BashAsync(world.Restic.Folder, "mount -o remount,size=20m small");
            await world.RunAsync(restore);

            await ListedFile.BashAsync(world.Restic.Folder, "diff -r source small");
        }
        finally
        {
            await ListedFile.BashAsync(world.Restic.Folder, "umount small");
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task Who_is_not_root_gets_the_files_as_his_own_and_is_told()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs a second user");
        using var world = await FilesWorld.CreateAsync(TestContext.Current.CancellationToken);
        await OddFolder.MakeAsync(world.Source);
        await world.BackUpAsync();
        await ListedFile.BashAsync(world.Restic.Folder, "mkdir to; chmod 755 .; chown -R 65534:65534 vault state to");

        var exit = await world.TryRunAsNobodyAsync(
            "restore",
            "odd",
            "--path",
            world.Source,
            "--to",
            world.Combine("to")
        );

        Assert.True(exit.ExitCode == 0, exit.ToString());
        Assert.Contains("owned by you now", exit.Error, StringComparison.Ordinal);
        Assert.Contains("devices, which only root can make: 2", exit.Error, StringComparison.Ordinal);
        Assert.Contains("extended attributes that could not be restored", exit.Error, StringComparison.Ordinal);
        await ListedFile.BashAsync(
            world.Combine("to"),
            $"rm -f '{world.Source}'/null '{world.Source}'/loop; diff -r --no-dereference '{world.Source}' . | grep -v 'is a fifo while'; [ $(stat -c %a setuid) = 6755 ]"
                .Replace("| grep", "| { ! grep", StringComparison.Ordinal)
                .Replace("while';", "while'; };", StringComparison.Ordinal)
        );
    }

    private static Task<string> ListBelowAsync(FilesWorld world, string target) =>
        world.ListAsync(Path.Combine(world.Combine(target), world.SourcePath.Split('/')[0]));

    private static void Flip(string path, long at)
    {
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var file = File.Open(path, FileMode.Open);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1));
    }
}
