using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Core.Problems;

namespace Resurgam.Wal;

/// <summary>
/// Runs the watchdog of synchronous commits in a process of its own, <c>wal guard</c>: it goes on when the stream's process is
/// killed or stopped, for that is when commits hang.
/// </summary>
/// <remarks>What it shall watch comes by its standard input, since the plan may be another one by then; the end of that is the end of the stream.</remarks>
internal sealed class GuardProcess(WatchOrder order, TimeProvider time, Action<string> told)
{
    public const string CommandName = "guard";

    /// <summary>The line by which it is told to leave the set and to end.</summary>
    public const string Leave = "leave";

    /// <summary>To leave the set takes one look and one change, of five seconds at most.</summary>
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(15);

    private string? _lastTold;

    /// <exception cref="ResurgamException">It did not start, or ended without being told to.</exception>
    public async Task RunAsync(CancellationToken leave, CancellationToken cancellationToken)
    {
        using var process = Start();
        var reading = ReadAsync(process);
        await WriteAsync(process, JsonSerializer.Serialize(order, WatchJson.Default.WatchOrder));
        var exit = process.WaitForExitAsync(CancellationToken.None);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leave, cancellationToken);
        await Task.WhenAny(exit, Task.Delay(Timeout.InfiniteTimeSpan, time, either.Token));
        if (cancellationToken.IsCancellationRequested)
        {
            // The stream that comes next is seen by it, now that it is an orphan: until then it watches.
            Orphan(process);
            return;
        }
        if (leave.IsCancellationRequested)
        {
            await WriteAsync(process, Leave);
            if (await Task.WhenAny(exit, Task.Delay(LeaveLimit, time, CancellationToken.None)) != exit)
                process.Kill(); // stopped, perhaps
        }
        await exit;
        var error = await reading;
        if (process.ExitCode != 0 && !leave.IsCancellationRequested)
            throw Failed($"exit code {process.ExitCode.ToString(CultureInfo.InvariantCulture)} {error.Trim()}");
    }

    private Process Start()
    {
        ProcessStartInfo start = new(Environment.ProcessPath ?? "resurgam", ["wal", CommandName])
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        try
        {
            return Process.Start(start) ?? throw Failed("no process");
        }
        catch (Win32Exception e)
        {
            throw Failed(e.Message);
        }
    }

    private static async Task WriteAsync(Process process, string line)
    {
        try
        {
            await process.StandardInput.WriteLineAsync(line);
            await process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It has ended: its exit code tells.
        }
    }

    /// <summary>The end of its standard input: that of a process which is disposed stays open until somebody collects it.</summary>
    private static void Orphan(Process process)
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    /// <summary>Also when the process is disposed before it ends.</summary>
    /// <returns>What it said to standard error.</returns>
    private async Task<string> ReadAsync(Process process)
    {
        var (output, errors) = (process.StandardOutput, process.StandardError.ReadToEndAsync(CancellationToken.None));
        while (await output.ReadLineAsync(CancellationToken.None) is { } line)
            told(line);
        return await errors;
    }

    private ResurgamException Failed(string why)
    {
        var failed = GuardProblems.Failed(why);
        if (_lastTold != why)
            told(failed.Problem.What);
        _lastTold = why;
        return failed;
    }
}

/// <summary>What a watchdog in a process of its own is told.</summary>
/// <param name="Connection">As the plan has it; passwords come by the environment.</param>
/// <param name="StreamBeganAt">Of the stream that asks for it: another one is its successor.</param>
internal sealed record WatchOrder(
    string Asset,
    string Folder,
    string Slot,
    TimeSpan Wait,
    string Connection,
    DateTimeOffset StreamBeganAt
);

[JsonSerializable(typeof(WatchOrder))]
internal sealed partial class WatchJson : JsonSerializerContext;

internal static class GuardProblems
{
    public static ResurgamException NoOrder() =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                "'wal guard' is for streams, which tell it by standard input what it shall watch",
                "Run 'resurgam wal stream ASSET': it starts its watchdog by itself."
            )
        );

    public static ResurgamException Failed(string why) =>
        new(
            new Problem(
                "wal-watchdog-failed",
                Remedy.Retry,
                $"the watchdog of commits that wait for the stream did not run: {why.Trim()}",
                "It is started again; until it runs, the stream watches by itself, and commits wait for ever when its process is killed or stopped. Look for limits of processes and memory (ulimit -a, dmesg)."
            )
        );
}
