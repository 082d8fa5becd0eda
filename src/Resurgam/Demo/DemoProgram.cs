using System.Diagnostics;
using System.Text.Json;
using Resurgam.Adapters.Processes;
using Resurgam.Cli;

namespace Resurgam.Demo;

/// <summary>Runs this very program, as a person would: what the demo shows is what the commands do.</summary>
internal sealed class DemoProgram(string plan, string logFolder, TimeProvider time)
{
    public static string Program => Environment.ProcessPath ?? "resurgam";

    /// <summary>As it is shown to people.</summary>
    public static string Shown(params ReadOnlySpan<string> words) => $"resurgam {string.Join(' ', words)}";

    /// <returns>The command's JSON document.</returns>
    /// <exception cref="Core.Problems.ResurgamException">It ended with another code than 0.</exception>
    public Task<JsonElement> RunAsync(IReadOnlyList<string> words, CancellationToken cancellationToken) =>
        RunAsync(words, [], cancellationToken);

    /// <param name="words">The command.</param>
    /// <param name="codes">Other codes than 0 that tell a result.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <inheritdoc cref="RunAsync(IReadOnlyList{string}, CancellationToken)"/>
    public async Task<JsonElement> RunAsync(
        IReadOnlyList<string> words,
        IReadOnlyList<int> codes,
        CancellationToken cancellationToken
    )
    {
        var result = await new ProcessRunner(time).RunAsync(
            new ProcessRequest
            {
                Program = Program,
                Arguments = ["--plan", plan, "--output", "json", .. words],
                Timeout = TimeSpan.FromHours(1),
            },
            cancellationToken
        );
        if (result.ExitCode != ExitCode.Success && !codes.Contains(result.ExitCode))
            throw DemoProblems.CommandFailed(Shown([.. words]), result.ExitCode, result.Error);
        using var document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }

    /// <summary>Starts a command that goes on; what it says is in <c>NAME.log</c>.</summary>
    public Process Start(string name, IReadOnlyList<string> words)
    {
        ProcessStartInfo start = new(Program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var word in (IEnumerable<string>)["--plan", plan, .. words])
            start.ArgumentList.Add(word);
        var process = Process.Start(start) ?? throw DemoProblems.CommandFailed(Shown([.. words]), 0, "no process");
        StreamWriter file = new(Path.Combine(logFolder, $"{name}.log")) { AutoFlush = true };
        var log = TextWriter.Synchronized(file);
        void Keep(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is not null)
                log.WriteLine(line.Data);
        }
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
