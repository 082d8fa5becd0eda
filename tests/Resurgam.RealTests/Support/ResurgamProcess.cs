using System.Collections;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;

namespace Resurgam.RealTests.Support;

/// <summary>How a run of the program ended.</summary>
/// <param name="ExitCode">128 + the signal when it was killed: 137 after kill -9.</param>
/// <param name="OutputBytes">Standard output as it came.</param>
internal sealed record ResurgamExit(int ExitCode, byte[] OutputBytes, string Error)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    /// <summary>Everything, for the message of a failed assertion.</summary>
    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";
}

/// <summary>What surrounds a run.</summary>
internal sealed record ResurgamSurroundings
{
    /// <summary>Working folder; the test's own when null.</summary>
    public string? Folder { get; init; }

    /// <summary>On top of the test's own environment, from which all RESURGAM_… are taken away first.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public byte[] Input { get; init; } = [];

    /// <summary>Another program, for a test of this class itself.</summary>
    public string Program { get; init; } = ResurgamProcess.Program;
}

/// <summary>The real program in a process of its own: the file that RESURGAM_BIN names, or the one built with these tests.</summary>
internal sealed partial class ResurgamProcess : IAsyncDisposable
{
    // Generous: a wait ends as soon as the line is there, and CI's machines may be busy.
    private static readonly TimeSpan LineLimit = TimeSpan.FromSeconds(60);
    private static readonly string[] Kept = ["RESURGAM_DEV_CACHE"];

    private readonly Process _process;
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _error = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _reading;

    private ResurgamProcess(Process process, byte[] input)
    {
        _process = process;
        _reading = TransferAsync(input);
    }

    public static string Program { get; } = FindProgram();

    public int Id => _process.Id;

    /// <summary>Runs to the end.</summary>
    public static Task<ResurgamExit> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(arguments, new ResurgamSurroundings(), cancellationToken);

    /// <inheritdoc cref="RunAsync(IReadOnlyList{string}, CancellationToken)"/>
    public static async Task<ResurgamExit> RunAsync(
        IReadOnlyList<string> arguments,
        ResurgamSurroundings around,
        CancellationToken cancellationToken
    )
    {
        await using var process = Start(arguments, around);
        return await process.WaitForExitAsync(cancellationToken);
    }

    public static ResurgamProcess Start(IReadOnlyList<string> arguments, ResurgamSurroundings around)
    {
        ProcessStartInfo info = new(around.Program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = around.Folder ?? "",
        };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (name.StartsWith("RESURGAM_", StringComparison.Ordinal) && !Kept.Contains(name))
                info.Environment.Remove(name);
        }
        foreach (var (name, value) in around.Environment)
            info.Environment[name] = value;
        var process = Process.Start(info) ?? throw new InvalidOperationException($"{around.Program} was not started");
        return new ResurgamProcess(process, around.Input);
    }

    /// <summary>Waits for the next line, of either stream, that contains <paramref name="part"/>; earlier ones are passed over.</summary>
    /// <returns>The whole line.</returns>
    public async Task<string> WaitForLineAsync(string part, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LineLimit);
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(limit.Token))
            {
                if (line.Contains(part, StringComparison.Ordinal))
                    return line;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Kill();
            Assert.Fail(
                $"no line with '{part}' in {LineLimit.TotalSeconds} s: {await WaitForExitAsync(cancellationToken)}"
            );
        }
        Assert.Fail($"it ended without a line with '{part}': {await WaitForExitAsync(cancellationToken)}");
        throw new UnreachableException();
    }

    /// <summary>kill -9 of this process alone: what it started lives on, as after a crash of the program.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Kills it at a moment of its life, or lets it end when it is faster.</summary>
    /// <returns>True when it was killed.</returns>
    public async Task<bool> KillAfterAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var exit = WaitForExitAsync(cancellationToken);
        while (clock.Elapsed < age && !exit.IsCompleted)
            await Eventually.PauseAsync(cancellationToken);
        if (!exit.IsCompleted)
            Kill();
        return (await exit).ExitCode == 137;
    }

    /// <summary>A signal that it may handle: SIGTERM is 15, SIGINT is 2.</summary>
    public void Signal(int number) => Assert.Equal(0, SendSignal(_process.Id, number));

    public async Task<ResurgamExit> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _reading.WaitAsync(cancellationToken);
        return new ResurgamExit(_process.ExitCode, _output.ToArray(), Encoding.UTF8.GetString(_error.ToArray()));
    }

    /// <summary>No test leaves one behind.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private async Task TransferAsync(byte[] input)
    {
        try
        {
            await Task.WhenAll(
                WriteAsync(_process.StandardInput.BaseStream, input),
                ReadAsync(_process.StandardOutput.BaseStream, _output),
                ReadAsync(_process.StandardError.BaseStream, _error)
            );
        }
        finally
        {
            _lines.Writer.Complete();
        }
    }

    private static async Task WriteAsync(Stream stdin, byte[] input)
    {
        try
        {
            await using (stdin)
                await stdin.WriteAsync(input, CancellationToken.None);
        }
        catch (IOException)
        {
            // It ended without reading all: its exit code tells, not the broken pipe.
        }
    }

    private async Task ReadAsync(Stream from, MemoryStream all)
    {
        List<byte> line = [];
        var buffer = new byte[16 << 10];
        for (int count; (count = await from.ReadAsync(buffer, CancellationToken.None)) > 0; )
        {
            await all.WriteAsync(buffer.AsMemory(0, count), CancellationToken.None);
            foreach (var value in buffer.AsSpan(0, count))
            {
                if (value == '\n')
                    EndLine();
                else
                    line.Add(value);
            }
        }
        if (line.Count > 0)
            EndLine();

        void EndLine()
        {
            _lines.Writer.TryWrite(Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(line)));
            line.Clear();
        }
    }

    private static string FindProgram()
    {
        if (Environment.GetEnvironmentVariable("RESURGAM_BIN") is { Length: > 0 } named)
            return Path.GetFullPath(named);
        // artifacts/bin/Resurgam.RealTests/debug/ is this; the program is built beside it.
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../Resurgam", configuration, "resurgam"));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);
}
