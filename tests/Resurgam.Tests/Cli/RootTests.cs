using System.Text.Json;
using Resurgam.Cli;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Cli;

public sealed class RootTests : IDisposable
{
    private static readonly Problem First = new("vault-damaged", Remedy.Fix, "a pack is broken", "Run 'x'.");
    private static readonly Problem Second = new("store-full", Remedy.Retry, "no room", "Make some.");

    private readonly CliWorld _world = new();

    [Fact]
    public async Task A_command_ends_with_its_own_exit_code() =>
        Assert.Equal(21, await _world.RunAsync((_, _) => Task.FromResult(21), "work"));

    [Fact]
    public async Task All_problems_are_told_and_the_first_decides()
    {
        var exitCode = await _world.RunAsync((_, _) => throw new ResurgamException([First, Second]), "work");
        Golden.Match(_world.Said(exitCode));
    }

    [Fact]
    public async Task In_json_problems_are_the_one_document_too()
    {
        var exitCode = await _world.RunAsync(
            (_, _) => throw new ResurgamException([First, Second]),
            "work",
            "-o",
            "json"
        );
        Golden.Match(_world.Said(exitCode));
    }

    [Fact]
    public async Task An_error_after_the_document_adds_no_second_one()
    {
        var exitCode = await _world.RunAsync(
            (session, _) =>
            {
                session.Output.Write(
                    new ErrorDocument(new ErrorView("a", "b", "c", "d"), 0, []),
                    ErrorJson.Documents.ErrorDocument,
                    _ => { }
                );
                throw new ResurgamException(First);
            },
            "work",
            "--output=json"
        );
        Assert.Equal(20, exitCode);
        using var one = JsonDocument.Parse(_world.Stdout.ToString());
        Assert.Equal("a", one.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_bug_is_called_a_bug_without_its_trace()
    {
        var exitCode = await _world.RunAsync((_, _) => throw new InvalidCastException("oops"), "work");
        Golden.Match(_world.Said(exitCode));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_bug_shows_its_trace_to_those_who_ask(bool byVariable)
    {
        if (byVariable)
            _world.Variables["RESURGAM_DEBUG"] = "1";
        await _world.RunAsync(
            (_, _) => throw new InvalidCastException("oops"),
            byVariable ? ["work"] : ["work", "--verbose"]
        );
        Assert.Contains("at Resurgam.Tests.Cli.RootTests", _world.Stderr.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExitCode.Interrupted)]
    [InlineData(ExitCode.Terminated)]
    public async Task A_signal_lets_the_command_clean_up_and_decides_the_exit_code(int signal)
    {
        var cleaned = false;
        var exitCode = await _world.RunAsync(
            async (_, cancellationToken) =>
            {
                try
                {
                    Assert.True(_world.Stop.Raise(signal));
                    await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
                }
                finally
                {
                    cleaned = true;
                }
                return 0;
            },
            "work"
        );
        Assert.Equal(signal, exitCode);
        Assert.True(cleaned);
        Assert.False(_world.Stop.Raise(signal));
    }

    [Fact]
    public async Task A_cancellation_that_nobody_asked_for_is_a_bug() =>
        Assert.Equal(ExitCode.Bug, await _world.RunAsync((_, _) => throw new OperationCanceledException(), "work"));

    [Theory]
    [InlineData("--output", "json", "--quiet", "--plan", "p.yaml", "work")]
    [InlineData("work", "--plan", "p.yaml", "--output", "json", "-q")]
    [InlineData("--plan=p.yaml", "work", "-o", "json", "--quiet")]
    public async Task Global_options_stand_before_or_after_the_command(params string[] args)
    {
        await _world.RunAsync(
            (session, _) =>
            {
                Assert.Equal(Path.Combine(_world.Folder, "p.yaml"), session.PlanPath);
                Assert.Equal(OutputFormat.Json, session.Output.Format);
                session.Output.Note("a note");
                return Task.FromResult(0);
            },
            args
        );
        Assert.Empty(_world.Stderr.ToString());
    }

    [Theory]
    [InlineData("wrok")]
    [InlineData("work", "--verbos")]
    [InlineData("work", "--output", "xml")]
    [InlineData("work", "--plan")]
    [InlineData("--output", "json", "wrok")]
    [InlineData("work", "@file")]
    [InlineData()]
    public async Task A_wrong_command_line_is_told_what_was_meant(params string[] args)
    {
        var exitCode = await _world.RunAsync((_, _) => Task.FromResult(0), args);
        Assert.Equal(ExitCode.Usage, exitCode);
        Golden.Match(
            _world.Said(exitCode),
            test: $"Usage_{string.Join('_', args).Replace("-", "", StringComparison.Ordinal)}"
        );
    }

    [Theory]
    [InlineData("/h")]
    [InlineData("/?")]
    public async Task A_path_is_never_taken_for_a_call_for_help(string path)
    {
        await _world.RunAsync((_, _) => Task.FromResult(0), "work", path);
        Assert.Contains(
            $"unrecognized command or argument '{path}'",
            _world.Stderr.ToString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Colours_are_for_terminals_without_NO_COLOR()
    {
        _world.Variables["TERM"] = "xterm";
        _world.IsTerminal = true;
        await _world.RunAsync((_, _) => throw new ResurgamException(First), "work");
        Assert.Contains("\e[1;31merror:\e[0m", _world.Stderr.ToString(), StringComparison.Ordinal);

        _world.Stderr.GetStringBuilder().Clear();
        _world.Variables["NO_COLOR"] = "1";
        await _world.RunAsync((_, _) => throw new ResurgamException(First), "work");
        Assert.DoesNotContain("\e[1", _world.Stderr.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();
}
