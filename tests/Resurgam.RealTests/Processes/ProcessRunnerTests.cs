using System.Diagnostics;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.RealTests.Processes;

public sealed class ProcessRunnerTests
{
    private readonly ProcessRunner _runner = new(TimeProvider.System);

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Output_error_and_exit_code_come_back(bool endsWithUs)
    {
        var result = await _runner.RunAsync(
            Sh("echo out; echo err >&2; exit 3") with
            {
                EndsWithUs = endsWithUs,
            },
            TestContext.Current.CancellationToken
        );
        Assert.Equal((3, "out\n", "err\n", false), (result.ExitCode, result.OutputText, result.Error, result.IsCut));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_argument_stays_one_argument(bool endsWithUs)
    {
        string[] odd = ["a b", "", "*", "$HOME", "'\"", "ä\n", "-n"];
        var result = await _runner.RunAsync(
            new ProcessRequest
            {
                Program = "printf",
                Arguments = ["[%s]", .. odd],
                EndsWithUs = endsWithUs,
            },
            TestContext.Current.CancellationToken
        );
        Assert.Equal(string.Concat(odd.Select(arg => $"[{arg}]")), result.OutputText);
    }

    [Fact(Timeout = 60_000)]
    public async Task Input_is_given_to_the_end()
    {
        var input = new byte[300_000];
        var result = await _runner.RunAsync(
            new ProcessRequest
            {
                Program = "wc",
                Arguments = ["-c"],
                Input = input,
            },
            TestContext.Current.CancellationToken
        );
        Assert.Equal("300000", result.OutputText.Trim());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_program_need_not_read_its_input()
    {
        var result = await _runner.RunAsync(
            new ProcessRequest { Program = "true", Input = new byte[5_000_000] },
            TestContext.Current.CancellationToken
        );
        Assert.Equal(0, result.ExitCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task Of_much_output_the_beginning_is_kept_and_of_much_error_the_end()
    {
        var request = Sh("seq 1 200000; seq 1 200000 >&2") with { MaxOutputBytes = 1000 };
        var result = await _runner.RunAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(1000, result.Output.Length);
        Assert.StartsWith("1\n2\n", result.OutputText, StringComparison.Ordinal);
        Assert.Equal(1000, result.Error.Length);
        Assert.EndsWith("199999\n200000\n", result.Error, StringComparison.Ordinal);
        Assert.True(result.IsCut);
    }

    [Fact(Timeout = 60_000)]
    public async Task After_its_time_the_program_and_its_children_are_killed()
    {
        var marker = $"7{Environment.ProcessId}.25";
        var request = Sh($"echo started >&2; sleep {marker} & sleep {marker}") with
        {
            Timeout = TimeSpan.FromMilliseconds(300),
        };
        var thrown = await Assert.ThrowsAsync<ResurgamException>(() =>
            _runner.RunAsync(request, TestContext.Current.CancellationToken)
        );
        Assert.Equal(("process-timeout", Remedy.Retry), (thrown.Problem.Code, thrown.Problem.Remedy));
        Assert.Contains("300ms and was killed: started", thrown.Problem.What, StringComparison.Ordinal);
        Assert.Empty(ProcessesWith(marker));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_cancelled_run_leaves_nothing_behind()
    {
        var marker = $"8{Environment.ProcessId}.25";
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cancel.CancelAfter(300);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _runner.RunAsync(Sh($"sleep {marker} & sleep {marker}"), cancel.Token)
        );
        Assert.Empty(ProcessesWith(marker));
    }

    /// <summary>As pg_ctl leaves its server: it keeps the pipes open long after the program that started it.</summary>
    [Fact(Timeout = 60_000)]
    public async Task A_server_left_running_is_not_waited_for()
    {
        var began = Stopwatch.StartNew();
        var result = await _runner.RunAsync(
            Sh("setsid sleep 20 & echo started"),
            TestContext.Current.CancellationToken
        );
        Assert.Equal((0, "started\n"), (result.ExitCode, result.OutputText));
        Assert.InRange(began.Elapsed.TotalSeconds, 0, 15);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_environment_is_ours_with_what_was_asked_for()
    {
        var result = await _runner.RunAsync(
            Sh("echo $A-$HOME-${PATH:+path}") with
            {
                Environment = new Dictionary<string, string?> { ["A"] = "x y", ["HOME"] = null },
            },
            TestContext.Current.CancellationToken
        );
        Assert.Equal("x y--path\n", result.OutputText);
    }

    [Fact(Timeout = 60_000)]
    public async Task It_starts_where_it_was_told_to()
    {
        var result = await _runner.RunAsync(
            new ProcessRequest { Program = "pwd", WorkingFolder = "/usr" },
            TestContext.Current.CancellationToken
        );
        Assert.Equal("/usr\n", result.OutputText);
    }

    [Fact(Timeout = 60_000)]
    public async Task Another_user_comes_with_groups_home_and_a_folder_that_may_be_entered()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may run programs as another user");
        var script = "id -un; id -gn; id -Gn; echo $HOME $USER $LOGNAME; pwd; test -r /etc/shadow || echo no root";
        var result = await _runner.RunAsync(Sh(script) with { User = "nobody" }, TestContext.Current.CancellationToken);
        var expected = await _runner.RunAsync(
            Sh(
                "id -un nobody; id -gn nobody; id -Gn nobody; echo $(getent passwd nobody | cut -d: -f6) nobody nobody; echo /; echo no root"
            ),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(expected.OutputText, result.OutputText);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("no-such-program-here", "process-missing")]
    [InlineData("/no/such/program", "process-missing")]
    [InlineData("/etc/passwd", "process-start")]
    public async Task What_cannot_start_is_told(string program, string code)
    {
        var thrown = await Assert.ThrowsAsync<ResurgamException>(() =>
            _runner.RunAsync(
                new ProcessRequest { Program = program, Arguments = ["geheim"] },
                TestContext.Current.CancellationToken
            )
        );
        Assert.Equal(code, thrown.Problem.Code);
        Assert.DoesNotContain("geheim", thrown.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_missing_folder_or_user_is_told()
    {
        var folder = await Assert.ThrowsAsync<ResurgamException>(() =>
            _runner.RunAsync(
                new ProcessRequest { Program = "true", WorkingFolder = "/no/such" },
                TestContext.Current.CancellationToken
            )
        );
        var user = await Assert.ThrowsAsync<ResurgamException>(() =>
            _runner.RunAsync(
                new ProcessRequest { Program = "true", User = "no-such-user" },
                TestContext.Current.CancellationToken
            )
        );
        Assert.Equal(("process-folder", "process-user"), (folder.Problem.Code, user.Problem.Code));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_bad_end_is_told_with_its_last_words()
    {
        var thrown = await Assert.ThrowsAsync<ResurgamException>(() =>
            _runner.RunWellAsync(Sh("seq 1 10 >&2; exit 7"), TestContext.Current.CancellationToken)
        );
        Assert.Equal("sh ended with 7: 8 | 9 | 10", thrown.Problem.What);
    }

    [Fact(Timeout = 60_000)]
    public async Task Programs_are_not_taken_from_the_working_folder()
    {
        var folder = Directory.CreateTempSubdirectory("resurgam-process-").FullName;
        try
        {
            var trap = Path.Combine(folder, "resurgam-trap");
            await File.WriteAllTextAsync(trap, "#!/bin/sh\necho trapped\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(trap, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var thrown = await Assert.ThrowsAsync<ResurgamException>(() =>
                _runner.RunAsync(
                    new ProcessRequest { Program = "resurgam-trap", WorkingFolder = folder },
                    TestContext.Current.CancellationToken
                )
            );
            Assert.Equal("process-missing", thrown.Problem.Code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ProcessRequest Sh(string script) => new() { Program = "sh", Arguments = ["-c", script] };

    private static ValueList<string> ProcessesWith(string word) =>
        [
            .. Directory
                .EnumerateFiles(
                    "/proc/",
                    "cmdline",
                    new EnumerationOptions
                    {
                        RecurseSubdirectories = true,
                        MaxRecursionDepth = 1,
                        IgnoreInaccessible = true,
                    }
                )
                .Select(ReadOrNothing)
                .Where(line => line.Contains(word, StringComparison.Ordinal)),
        ];

    private static string ReadOrNothing(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException) // it ended meanwhile
        {
            return "";
        }
    }
}
