using System.Text.Json;
using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Drills;

/// <summary>What the tests of drills have in common: a plan that grows, programs that play a service, and reports.</summary>
internal static class DrillWorld
{
    private const string Start = """
        #!/bin/sh
        cd "$(dirname "$0")"
        [ -e broken ] && exit 7
        [ -e weak ] && life=1.5 || life=3600
        nohup sleep $life >/dev/null 2>&1 &
        echo $! > pid

        """;

    private const string Probe = """
        #!/bin/sh
        cd "$(dirname "$0")"
        [ -e pid ] && read pid < pid && [ -r /proc/$pid/stat ] && ! grep -q ') Z ' /proc/$pid/stat

        """;

    private const string Stop = """
        #!/bin/sh
        cd "$(dirname "$0")"
        read pid < pid && kill $pid

        """;

    /// <summary>A service that is a process: with a file <c>broken</c> in its folder it does not start, with <c>weak</c> it dies soon.</summary>
    /// <returns>Its folder, and the keys of its drill binding.</returns>
    public static async Task<(string Folder, string Binding)> MakeServiceAsync(
        string parent,
        CancellationToken cancellationToken
    )
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, "service")).FullName;
        foreach (var (name, text) in new[] { ("start", Start), ("stop", Stop), ("probe", Probe) })
        {
            var path = Path.Combine(folder, name);
            await File.WriteAllTextAsync(path, text, cancellationToken);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        return (folder, $"{{ start: [{folder}/start], stop: [{folder}/stop], probe: [{folder}/probe] }}");
    }

    public static Task ExtendPlanAsync(string folder, string text, CancellationToken cancellationToken) =>
        File.AppendAllTextAsync(Path.Combine(folder, "plan.yaml"), text + "\n", cancellationToken);

    public static JsonElement ReportOf(ResurgamExit exit, int code)
    {
        Assert.True(exit.ExitCode == code, exit.ToString());
        using var report = JsonDocument.Parse(exit.Output);
        return report.RootElement.Clone();
    }

    /// <summary>Why it did not pass, and nothing else.</summary>
    public static string ReasonOf(JsonElement report) =>
        Assert.Single(report.GetProperty("reasons").EnumerateArray()).GetString() ?? "";
}
