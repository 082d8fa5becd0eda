using System.CommandLine;
using Microsoft.Extensions.Time.Testing;
using Resurgam.Cli;
using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Cli;

/// <summary>A command line without a process: its surroundings are ours, and what it said can be read.</summary>
internal sealed class CliWorld : IDisposable
{
    public CliWorld() => Folder = Directory.CreateTempSubdirectory("resurgam-cli-").FullName;

    public string Folder { get; }

    public StringWriter Stdout { get; } = new() { NewLine = "\n" };

    public StringWriter Stderr { get; } = new() { NewLine = "\n" };

    public Dictionary<string, string?> Variables { get; } = [];

    public bool IsTerminal { get; set; }

    public bool IsRoot { get; set; }

    public IEntropy Entropy { get; init; } = new NoEntropy();

    public FakeTimeProvider Time { get; } = new();

    public StopSignals Stop { get; } = new();

    public Surroundings Surroundings =>
        new()
        {
            Stdout = Stdout,
            OpenStdout = () => throw new NotSupportedException("no test writes bytes here"),
            Stderr = Stderr,
            IsTerminal = IsTerminal,
            IsRoot = IsRoot,
            Time = Time,
            Entropy = Entropy,
            Variable = name => Variables.GetValueOrDefault(name),
            WorkingFolder = Folder,
        };

    /// <param name="action">What the command <c>work</c> does.</param>
    public async Task<int> RunAsync(Func<Session, CancellationToken, Task<int>> action, params string[] args)
    {
        Command work = new("work", "For tests.");
        work.SetAction((line, cancellationToken) => action(Session.Of(line), cancellationToken));
        return await Root.RunAsync(Root.Create(work), args, Surroundings, Stop);
    }

    public async Task<int> RunAsync(Command command, params string[] args) =>
        await Root.RunAsync(Root.Create(command), args, Surroundings, Stop);

    public void WritePlan(string yaml) => File.WriteAllText(Path.Combine(Folder, "resurgam.yaml"), yaml);

    /// <summary>Both streams, with the folder's name taken out, for golden files.</summary>
    public string Said(int exitCode) =>
        $"exit {exitCode}\n--- stdout\n{Stdout}--- stderr\n{Stderr}".Replace(
            Folder,
            "/folder",
            StringComparison.Ordinal
        );

    public void Dispose()
    {
        Stop.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private sealed class NoEntropy : IEntropy
    {
        public void Fill(Span<byte> bytes) => throw new NotSupportedException("no test needs chance here");
    }
}
