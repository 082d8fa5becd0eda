using Resurgam.Adapters.Files;
using Resurgam.Adapters.Stores;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Demo;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Cli;

/// <summary>What a person can mend at a path is never called a bug.</summary>
public sealed class FileFaultTests : IDisposable
{
    private const int NoSpace = 28;
    private const int ReadOnly = 30;

    private readonly CliWorld _world = new();

    [Fact]
    public async Task A_full_disk_ends_a_command_with_the_path()
    {
        var exitCode = await _world.RunAsync(
            async (_, cancellationToken) =>
            {
                await File.WriteAllTextAsync("/dev/full", "one", cancellationToken);
                return 0;
            },
            "work"
        );
        AssertSaid(exitCode, "error: there is no room left for /dev/full", "file-full");
    }

    [Fact]
    public async Task A_file_where_a_folder_has_to_be_ends_a_command_with_the_path()
    {
        var exitCode = await _world.RunAsync(
            (_, _) =>
            {
                Directory.CreateDirectory("/dev/null/folder");
                return Task.FromResult(0);
            },
            "work"
        );
        AssertSaid(exitCode, "error: /dev/null/folder cannot be used", "file-failed");
    }

    [Theory]
    [InlineData(NoSpace, "state-full")]
    [InlineData(ReadOnly, "state-failed")]
    public async Task The_state_folder_is_named_as_such(int errno, string code)
    {
        var state = Path.Combine(_world.Folder, "state");
        var exitCode = await _world.RunAsync(
            (session, _) =>
            {
                Assert.Equal(state, session.StateDirectoryOf(PlanWithState(state)));
                throw new AggregateException(new IOException($"it failed : '{state}/verify/db/x'", errno));
            },
            "work"
        );
        AssertSaid(exitCode, state, code);
        Assert.Contains("RESURGAM_STATE", _world.Stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Scratch_files_belong_to_the_state_folder_and_not_to_the_store()
    {
        ScratchFolder scratch = new("/dev/null/scratch", new SeededEntropy(1));
        var problem = Assert.Throws<ResurgamException>(scratch.Create).Problem;
        Assert.Equal("state-failed", problem.Code);
        Assert.Contains("/dev/null/scratch", problem.What, StringComparison.Ordinal);
        Assert.DoesNotContain("store", problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Our_own_calls_of_the_operating_system_tell_their_path_too() =>
        Assert.StartsWith(
            "/root/x y/. cannot be used: cannot look at",
            FileFaults.Find(Errno.Of(13, "look at /root/x y/."), stateFolder: null)?.Problem.What,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_connection_that_breaks_and_a_file_that_is_not_there_are_no_such_faults()
    {
        Assert.Null(FileFaults.Find(new IOException("Unable to read data from the transport connection"), "/state"));
        Assert.Null(FileFaults.Find(new FileNotFoundException("Could not find file '/x'."), "/state"));
        Assert.Null(FileFaults.Find(new InvalidCastException("'/state/x'"), "/state"));
    }

    [Theory]
    [InlineData(2, "--scale is 1 or more", "usage", "--scale", "abc")]
    [InlineData(2, "--scale is 1 or more", "usage", "--scale", "0")]
    public async Task A_demo_says_what_it_takes(int exitCode, string what, string code, params string[] args)
    {
        Assert.Equal(exitCode, await _world.RunAsync(DemoCommand.Create(), ["demo", .. args]));
        Assert.Contains(what, _world.Stderr.ToString(), StringComparison.Ordinal);
        Assert.Contains($"code: {code}", _world.Stderr.ToString(), StringComparison.Ordinal);
    }

    private static Plan PlanWithState(string state) =>
        (
            (PlanReading.Good)
                PlanReader.Read(
                    $"{{ resurgam: 1, state: {state}, vault: {{ store: file:///v, secret: {{ env: S }} }} }}",
                    "p"
                )
        ).Plan;

    private void AssertSaid(int exitCode, string what, string code)
    {
        Assert.Equal(ExitCode.Fix, exitCode);
        var said = _world.Stderr.ToString();
        Assert.Contains(what, said, StringComparison.Ordinal);
        Assert.Contains($"code: {code}", said, StringComparison.Ordinal);
        Assert.DoesNotContain("bug", said, StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();
}
