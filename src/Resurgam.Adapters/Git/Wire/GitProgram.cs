using Resurgam.Adapters.Processes;
using Resurgam.Core.Git;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Git.Wire;

/// <summary>Runs git: always to its end, within a time, without a question.</summary>
internal sealed class GitProgram(GitAccess access, TimeProvider time)
{
    /// <summary>Marks our git processes and their children, so that one that outlived us is known.</summary>
    public const string Mark = "RESURGAM_MIRROR";

    /// <summary>A list of refs has about 60 bytes for each: this is four million.</summary>
    private const int MostOutputBytes = 256 << 20;

    /// <summary>Asking for a list of refs; a server that takes longer answers nobody.</summary>
    private static readonly TimeSpan AskLimit = TimeSpan.FromMinutes(3);

    private readonly ProcessRunner _runner = new(time);

    public static bool HasLargeFileProgram => ProgramPath.TryFind("git-lfs", out _);

    /// <summary>The refs of a remote, and what its <c>HEAD</c> says (null: nothing).</summary>
    /// <exception cref="ResurgamException"><c>git-*</c></exception>
    public async Task<(GitRefs Refs, string? Head)> ListRemoteAsync(
        GitAddress address,
        CancellationToken cancellationToken
    )
    {
        var limit = access.Timeout < AskLimit ? access.Timeout : AskLimit;
        var result = await RunAsync(
            ["ls-remote", "--symref", "--", address.Text],
            new GitCall { Address = address, Timeout = limit },
            cancellationToken
        );
        var refs = GitRefs.TryReadRemote(result.Output.Span, out var head);
        return refs is null ? throw GitProblems.Garbled(address.Text) : (refs, head);
    }

    /// <summary>Runs to a good end.</summary>
    /// <exception cref="ResurgamException"><c>git-*</c></exception>
    public async Task<ProcessResult> RunAsync(
        IReadOnlyList<string> arguments,
        GitCall call,
        CancellationToken cancellationToken
    )
    {
        var result = await TryRunAsync(arguments, call, cancellationToken);
        return result.ExitCode == 0 && !result.IsCut
            ? result
            : throw GitProblems.From(call.Where(arguments[0]), result.Error);
    }

    /// <summary>Runs to the end, whatever the exit code.</summary>
    /// <exception cref="ResurgamException"><c>git-slow</c>, or git is not here.</exception>
    public async Task<ProcessResult> TryRunAsync(
        IReadOnlyList<string> arguments,
        GitCall call,
        CancellationToken cancellationToken
    )
    {
        var variables = access.EnvironmentFor(call.Address);
        if ((call.Marked ?? call.Mirror) is { } mirror)
            variables[Mark] = mirror;
        ProcessRequest request = new()
        {
            Program = "git",
            Arguments = call.Mirror is { } folder ? [$"--git-dir={folder}", .. arguments] : [.. arguments],
            Environment = variables,
            Input = call.Input,
            Timeout = call.Timeout ?? access.Timeout,
            MaxOutputBytes = MostOutputBytes,
        };
        try
        {
            return await _runner.RunAsync(request, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Code == "process-timeout")
        {
            throw GitProblems.Slow(call.Where(arguments[0]), e);
        }
    }
}

/// <summary>What a run of git works on.</summary>
internal sealed record GitCall
{
    /// <summary>The remote repository that is reached; null: none is.</summary>
    public GitAddress? Address { get; init; }

    /// <summary>The bare repository of ours that it works in; null: none.</summary>
    public string? Mirror { get; init; }

    /// <summary>Whose the process is, when it does not work in <see cref="Mirror"/> yet.</summary>
    public string? Marked { get; init; }

    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Null: as long as a repository may take.</summary>
    public TimeSpan? Timeout { get; init; }

    public string Where(string command) => Address?.Text ?? $"git {command} in {Mirror}";
}
