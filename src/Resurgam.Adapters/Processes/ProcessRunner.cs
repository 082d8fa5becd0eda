using System.ComponentModel;
using System.Diagnostics;
using Resurgam.Adapters.Traces;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Processes;

/// <summary>Runs programs to their end, with a bound on time, on output and on what is left behind.</summary>
public sealed class ProcessRunner(TimeProvider time)
{
    /// <summary>
    /// A program that starts a server (<c>pg_ctl start</c>) leaves its output open in the server's hands: after its own
    /// end we wait this long for the rest of its words, not for the server's end.
    /// </summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromMilliseconds(500);

    /// <summary>What is killed is gone in milliseconds, but for a process that hangs in the kernel (a dead NFS server).</summary>
    private static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(5);

    private const int NoSuchFile = 2; // ENOENT

    /// <summary>A shell beside the program, whose end of our pipe closes with us.</summary>
    private const string LifeLine =
        "exec 3<&0; setsid \"$@\" </dev/null 3<&- & child=$!; (exec >/dev/null 2>&1; cat <&3; kill -9 -$child) & watch=$!; exec 3<&-; wait $child; status=$?; kill $watch; exit $status";

    /// <summary>Runs to the end, whatever the exit code.</summary>
    /// <exception cref="ResurgamException">
    /// Not started (<c>process-missing</c>, <c>process-user</c>, <c>process-folder</c>, <c>process-start</c>) or killed
    /// at the end of its time (<c>process-timeout</c>).
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled: the program and its children were killed first.</exception>
    public async Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var process = new Process { StartInfo = StartInfoOf(request) };
        var began = time.GetTimestamp();
        Start(process, request);

        using var deadline = new CancellationTokenSource(request.Timeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var outputEnd = new CancellationTokenSource();
        var output = BoundedOutput.KeepHead(request.MaxOutputBytes);
        var error = BoundedOutput.KeepTail(request.MaxOutputBytes);
        Task[] streams =
        [
            request.EndsWithUs
                ? Task.CompletedTask
                : FeedAsync(process.StandardInput.BaseStream, request.Input, outputEnd.Token),
            output.ReadAsync(process.StandardOutput.BaseStream, outputEnd.Token),
            request.SharesError
                ? Task.CompletedTask
                : error.ReadAsync(process.StandardError.BaseStream, outputEnd.Token),
        ];
        try
        {
            await process.WaitForExitAsync(ending.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync(process);
            await EndStreamsAsync(streams, outputEnd);
            cancellationToken.ThrowIfCancellationRequested();
            throw ProcessProblems.Timeout(request.Program, request.Timeout, error.ToText());
        }
        var duration = time.GetElapsedTime(began);
        await EndStreamsAsync(streams, outputEnd);
        return new ProcessResult(
            process.ExitCode,
            output.ToBytes(),
            error.ToText(),
            output.IsCut || error.IsCut,
            duration
        );
    }

    /// <summary>Runs to the end, which has to be a good one.</summary>
    /// <exception cref="ResurgamException">As <see cref="RunAsync"/>; or <c>process-failed</c> with the end of its standard error.</exception>
    public async Task<ProcessResult> RunWellAsync(ProcessRequest request, CancellationToken cancellationToken)
    {
        var result = await RunAsync(request, cancellationToken);
        return result.ExitCode == 0
            ? result
            : throw ProcessProblems.Failed(request.Program, result.ExitCode, result.Error);
    }

    internal static ProcessStartInfo StartInfoOf(ProcessRequest request)
    {
        var program = ProgramPath.Find(request.Program);
        var info = new ProcessStartInfo(
            request.EndsWithUs ? "/bin/sh" : program,
            request.EndsWithUs ? ["-c", LifeLine, "sh", program, .. request.Arguments] : request.Arguments
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = !request.SharesError,
        };
        if (request.User is { } user && user != Environment.UserName)
            SwitchUser(info, request.Program, user);
        if (Spans.ParentOfPrograms is { } parent)
            info.Environment["TRACEPARENT"] = parent;
        foreach (var (name, value) in request.Environment)
            info.Environment[name] = value;
        if (request.WorkingFolder is { } folder)
            info.WorkingDirectory = Directory.Exists(folder)
                ? folder
                : throw ProcessProblems.NoFolder(request.Program, folder);
        return info;
    }

    /// <summary>The runtime sets user, group and supplementary groups between fork and exec; the rest is done here.</summary>
    private static void SwitchUser(ProcessStartInfo info, string program, string user)
    {
        if (!Environment.IsPrivilegedProcess)
            throw ProcessProblems.NotRoot(program, user, Environment.UserName);
        var account = Account.Find(user) ?? throw ProcessProblems.NoUser(program, user);
        info.UserName = user;
        info.WorkingDirectory = "/";
        info.Environment["HOME"] = account.Home;
        info.Environment["USER"] = user;
        info.Environment["LOGNAME"] = user;
        info.Environment.Remove("XDG_RUNTIME_DIR");
    }

    internal static void Start(Process process, ProcessRequest request)
    {
        try
        {
            process.Start();
        }
        catch (Win32Exception e) when (e.NativeErrorCode == NoSuchFile)
        {
            throw ProcessProblems.Missing(request.Program);
        }
        catch (Win32Exception e)
        {
            throw ProcessProblems.NotStarted(request.Program, e);
        }
    }

    /// <returns>False when the program closed its input before it had read all of it, which is its right.</returns>
    private static async Task<bool> FeedAsync(
        Stream input,
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using (input)
                await input.WriteAsync(bytes, cancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task KillAsync(Process process)
    {
        process.Kill(entireProcessTree: true);
        using var grace = new CancellationTokenSource(KillGrace, time);
        await process.WaitForExitAsync(grace.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Takes what is left in the pipes, and lets go of those that another process keeps open.</summary>
    private static async Task EndStreamsAsync(Task[] streams, CancellationTokenSource outputEnd)
    {
        outputEnd.CancelAfter(OutputGrace);
        await Task.WhenAll(streams).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var stream in streams.Where(stream => !stream.IsCanceled))
            await stream;
    }
}
