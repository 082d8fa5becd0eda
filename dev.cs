#:property PublishAot=false
#:property TreatWarningsAsErrors=true
#:property Nullable=enable

// What ./dev does. A recipe is a list of steps; each step is one process that must succeed.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

const string Usage = """
    ./dev check            format, build and fast tests: what every commit passes, under a minute
    ./dev fast [FILTER]    the fast tests; FILTER is a part of Namespace.Class.Method
    ./dev real [FILTER]    the tests with real servers and processes (scripts/install tests first)
    ./dev test [FILTER]    installs what is missing, then every test
    ./dev golden           rewrites *.golden files with what the code says now; read the diff
    ./dev format           formats everything
    ./dev publish          artifacts/publish/resurgam, one Native AOT file
    ./dev bench [...]      the benchmarks, see bench/README.md
    ./dev ci               all of it as CI runs it; the last line counts the tests
    """;

Environment.SetEnvironmentVariable("DOTNET_CLI_TELEMETRY_OPTOUT", "1");
Environment.SetEnvironmentVariable("TESTINGPLATFORM_TELEMETRY_OPTOUT", "1");
Environment.SetEnvironmentVariable("DOTNET_NOLOGO", "1");

var dev = new Dev();
return args switch
{
    ["check"] => dev.Finish(dev.CheckFormat() & (dev.Build() && dev.Fast("*"))),
    ["fast", .. var filter] => dev.Finish(dev.Build(Dev.FastTests) && dev.Fast(Pattern(filter))),
    ["real", .. var filter] => dev.Finish(dev.Build(Dev.RealTests) && dev.Real(Pattern(filter))),
    ["test", .. var filter] => dev.Finish(dev.Install("tests") && dev.Build() && dev.AllTests(Pattern(filter))),
    ["golden", .. var filter] => dev.Finish(dev.Build(Dev.FastTests) && dev.RewriteGolden(Pattern(filter))),
    ["format"] => dev.Finish(dev.Format()),
    ["publish"] => dev.Finish(dev.Publish()),
    ["bench", .. var rest] => dev.Finish(dev.Bench(rest)),
    ["ci"] => dev.Ci(),
    _ => Help(),
};

static string Pattern(string[] filter) => filter is [] ? "*" : $"*{string.Join(' ', filter)}*";

static int Help()
{
    Console.WriteLine(Usage);
    return 2;
}

/// <summary>The steps, and what they counted. A step prints its name, runs, and prints how long it took.</summary>
internal sealed class Dev
{
    public const string FastTests = "tests/Resurgam.Tests";
    public const string RealTests = "tests/Resurgam.RealTests";

    // A hanging test must not eat the hour that CI has; the platform then names the tests that still ran.
    private const string FastTimeLimit = "10m";
    private const string RealTimeLimit = "40m";

    private readonly List<string> _failures = [];
    private bool _tested;
    private int _passed;
    private int _failed;
    private int _skipped;

    /// <summary>A step that failed without naming a test counts as one failure: this line never looks better than the run.</summary>
    private string Counts =>
        $"{_passed} passed, {Math.Max(_failed, _failures.Count)} failed"
        + (_skipped > 0 ? $", {_skipped} skipped" : "");

    public bool Install(string set) => Step($"install {set}", "scripts/install", set);

    public bool CheckFormat() => RestoreTools() && Step("format", "dotnet", "csharpier", "check", ".");

    public bool Format() => RestoreTools() && Step("format", "dotnet", "csharpier", "format", ".");

    public bool Build(string target = "Resurgam.slnx") => Step("build", "dotnet", "build", target, "-v", "quiet");

    public bool Publish() => Step("publish", "scripts/publish", "--force");

    public bool Bench(string[] arguments) =>
        File.Exists("bench/run")
            ? Install("bench") && Step("bench", "bench/run", arguments)
            : Fail("bench: there is no bench/run in this version");

    public bool Fast(params string[] patterns) => Tests(FastTests, patterns, FastTimeLimit);

    public bool Real(string pattern) => Tests(RealTests, [pattern], RealTimeLimit);

    public bool AllTests(string pattern) => Fast(pattern) & Real(pattern);

    /// <param name="pattern">Needed for a class that has no golden file yet; else all classes that have one.</param>
    public bool RewriteGolden(string pattern)
    {
        Environment.SetEnvironmentVariable("RESURGAM_GOLDEN", "write");
        var known = Directory
            .EnumerateFiles(FastTests, "*.golden", SearchOption.AllDirectories)
            .Select(file => $"*.{Path.GetFileName(file).Split('.')[0]}.*")
            .Distinct();
        return Fast(pattern == "*" ? [.. known] : [pattern])
            & Step("what changed", "git", "--no-pager", "diff", "--stat", "--", "*.golden");
    }

    /// <summary>Everything, on past a failure where the next step still tells something.</summary>
    public int Ci()
    {
        Environment.SetEnvironmentVariable("CI", "true"); // a missing server fails a test, lock files are law
        // No build server is left behind: it would hold CI's pipes open.
        Environment.SetEnvironmentVariable("MSBUILDDISABLENODEREUSE", "1");
        Environment.SetEnvironmentVariable("DOTNET_CLI_USE_MSBUILD_SERVER", "0");
        Environment.SetEnvironmentVariable("UseSharedCompilation", "false");
        if (Install("servers"))
        {
            // Minutes of work on a new machine: it takes what the next steps leave of it.
            using var kubernetes = Process.Start("scripts/kube-apiserver");
            CheckFormat();
            var published = Publish();
            if (published)
                Environment.SetEnvironmentVariable("RESURGAM_BIN", Path.GetFullPath("artifacts/publish/resurgam"));
            var goesOn = Build() && Fast("*") | published;
            Await("kube-apiserver", kubernetes);
            if (goesOn)
                Real("*");
        }
        if (_passed == 0 && _failures.Count == 0)
            Fail("no test ran");
        PrintFailures();
        Console.WriteLine(Counts);
        return _failures.Count == 0 ? 0 : 1;
    }

    /// <returns>The exit code of ./dev.</returns>
    public int Finish(bool good)
    {
        if (good && _passed + _failed + _skipped == 0 && _tested)
            good = Fail("no test has that in its name");
        PrintFailures();
        if (_tested)
            Console.WriteLine(Counts);
        return good ? 0 : 1;
    }

    private void PrintFailures()
    {
        foreach (var failure in _failures)
            Console.WriteLine($"failed: {failure}");
    }

    /// <summary>Runs the tests of one project whose full name matches, and adds up its report.</summary>
    private bool Tests(string folder, string[] patterns, string timeLimit)
    {
        var project = Path.GetFileName(folder);
        _tested = true;
        var report = Path.GetFullPath($"artifacts/tests/{project}.json");
        Directory.CreateDirectory(Path.GetDirectoryName(report)!);
        File.Delete(report);
        string[] options =
        [
            $"artifacts/bin/{project}/debug/{project}.dll",
            .. patterns is ["*"] ? Array.Empty<string>() : ["--filter-method", .. patterns],
            .. Console.IsOutputRedirected ? ["--progress", "off", "--no-ansi"] : Array.Empty<string>(),
            "--timeout",
            timeLimit,
            "--ignore-exit-code",
            "8", // no test matched: that may be so in one of two projects
            "--results-directory",
            Path.GetDirectoryName(report)!,
            "--report-xunit-ctrf",
            "--report-xunit-ctrf-filename",
            Path.GetFileName(report),
        ];
        var good = Step(project, "dotnet", ["exec", .. options]);
        return Count(report) && good;
    }

    /// <summary>Reads a Common Test Report Format file (https://ctrf.io).</summary>
    private bool Count(string report)
    {
        if (!File.Exists(report))
            return false; // the runner died: its step failed already
        using var json = JsonDocument.Parse(File.ReadAllBytes(report));
        var summary = json.RootElement.GetProperty("results").GetProperty("summary");
        _passed += summary.GetProperty("passed").GetInt32();
        _failed += summary.GetProperty("failed").GetInt32();
        _skipped += summary.GetProperty("skipped").GetInt32();
        return true;
    }

    private bool RestoreTools() => Run("dotnet", ["tool", "restore"], quiet: true) || Fail("dotnet tool restore");

    private bool Step(string name, string program, params string[] arguments)
    {
        Console.WriteLine($"--- {name}");
        var clock = Stopwatch.StartNew();
        var good = Run(program, arguments) || Fail(name);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"    {name}: {clock.Elapsed.TotalSeconds:0.0} s")
        );
        return good;
    }

    private void Await(string name, Process process)
    {
        Console.WriteLine($"--- {name}");
        var clock = Stopwatch.StartNew();
        process.WaitForExit();
        if (process.ExitCode != 0)
            Fail(name);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"    {name}: {clock.Elapsed.TotalSeconds:0.0} s more")
        );
    }

    /// <param name="quiet">What it prints is shown only when it fails.</param>
    private static bool Run(string program, string[] arguments, bool quiet = false)
    {
        Console.Out.Flush();
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = quiet })!;
        var output = quiet ? process.StandardOutput.ReadToEnd() : "";
        process.WaitForExit();
        if (process.ExitCode != 0)
            Console.Error.Write(output);
        return process.ExitCode == 0;
    }

    private bool Fail(string what)
    {
        _failures.Add(what);
        return false;
    }
}
