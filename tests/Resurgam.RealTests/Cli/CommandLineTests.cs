using System.Text.Json;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Values;

namespace Resurgam.RealTests.Cli;

/// <summary>The built program in a process of its own. RESURGAM_BINARY names another build of it, for example the published one.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-cli-").FullName;

    private static string Binary =>
        Environment.GetEnvironmentVariable("RESURGAM_BINARY") ?? Path.Combine(AppContext.BaseDirectory, "resurgam");

    [Fact(Timeout = 60_000)]
    public async Task A_good_plan_is_found_in_the_working_folder()
    {
        await WritePlanAsync("{ resurgam: 1, vault: { store: file:./v, secret: { env: S } } }");
        var result = await RunAsync(["plan", "check"], TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("nothing wrong", result.OutputText, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_wrong_plan_ends_with_3_and_one_json_document()
    {
        await WritePlanAsync("resurgam: 3\n");
        var result = await RunAsync(["--output", "json", "plan", "check"], TestContext.Current.CancellationToken);
        Assert.Equal((3, ""), (result.ExitCode, result.Error));
        using var document = JsonDocument.Parse(result.Output);
        Assert.Equal(2, document.RootElement.GetProperty("findings").GetArrayLength());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_script_for_a_shell_comes_as_json_too()
    {
        var result = await RunAsync(["completion", "bash", "--output", "json"], TestContext.Current.CancellationToken);
        using var document = JsonDocument.Parse(result.Output);
        Assert.Contains("complete ", document.RootElement.GetProperty("script").GetString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_demo_of_nothing_is_refused()
    {
        var result = await RunAsync(["demo", "--scale", "0"], TestContext.Current.CancellationToken);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--scale is 1 or more", result.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_missing_plan_is_an_error_on_stderr()
    {
        var result = await RunAsync(["plan", "show"], TestContext.Current.CancellationToken);
        Assert.Equal((3, ""), (result.ExitCode, result.OutputText));
        Assert.StartsWith("error: there is no plan file ", result.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_plan_comes_through_a_pipe()
    {
        var result = await RunAsync(
            ["plan", "check", "--plan", "/dev/stdin"],
            TestContext.Current.CancellationToken,
            "{ resurgam: 1, vault: { store: file:///v, secret: { env: S } } }"
        );
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_full_disk_behind_stdout_is_no_bug()
    {
        await WritePlanAsync("{ resurgam: 1, vault: { store: file:./v, secret: { env: S } } }");
        var result = await ShellAsync($"'{Binary}' plan check > /dev/full", TestContext.Current.CancellationToken);
        Assert.Equal(10, result.ExitCode);
        Assert.Contains("code: stdout-failed", result.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_reader_that_goes_away_is_no_error()
    {
        await WritePlanAsync(string.Join("\n", Enumerable.Range(0, 50_000).Select(n => $"key{n}: 1")));
        var result = await ShellAsync($"'{Binary}' plan check | head -n 1", TestContext.Current.CancellationToken);
        Assert.Equal("", result.Error);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("resurgam pl", "plan")]
    [InlineData("resurgam plan ", "check")]
    [InlineData("resurgam plan sh", "show")]
    [InlineData("resurgam plan check --outp", "--output")]
    [InlineData("resurgam plan check --output j", "json")]
    [InlineData("resurgam completion z", "zsh")]
    public async Task Bash_completes(string line, string expected)
    {
        var script = $"""
            PATH="{Path.GetDirectoryName(Binary)}:$PATH"
            source <(resurgam completion bash)
            COMP_LINE='{line}'; COMP_POINT=${'{'}#COMP_LINE{'}'}
            COMP_WORDS=({line}); [[ "$COMP_LINE" == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${'{'}#COMP_WORDS[@]{'}'} - 1))
            _resurgam && printf '%s\n' "${'{'}COMPREPLY[@]{'}'}"
            """;
        var result = await ShellAsync(script, TestContext.Current.CancellationToken);
        Assert.Contains(expected, result.OutputText.Split('\n'));
        Assert.Equal("", result.Error);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task WritePlanAsync(string yaml) =>
        File.WriteAllTextAsync(Path.Combine(_folder, "resurgam.yaml"), yaml, TestContext.Current.CancellationToken);

    private Task<ProcessResult> RunAsync(
        ValueList<string> args,
        CancellationToken cancellationToken,
        string input = ""
    ) =>
        new ProcessRunner(TimeProvider.System).RunAsync(
            new ProcessRequest
            {
                Program = Binary,
                Arguments = args,
                WorkingFolder = _folder,
                Input = System.Text.Encoding.UTF8.GetBytes(input),
                Environment = new Dictionary<string, string?> { ["RESURGAM_PLAN"] = null },
            },
            cancellationToken
        );

    private Task<ProcessResult> ShellAsync(string script, CancellationToken cancellationToken) =>
        new ProcessRunner(TimeProvider.System).RunAsync(
            new ProcessRequest
            {
                Program = "bash",
                Arguments = ["-c", script],
                WorkingFolder = _folder,
            },
            cancellationToken
        );
}
