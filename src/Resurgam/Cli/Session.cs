using System.CommandLine;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Plans;
using Resurgam.Adapters.Processes;
using Resurgam.Adapters.Secrets;
using Resurgam.Adapters.Traces;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Keys;

namespace Resurgam.Cli;

/// <summary>One run of one command: what every command needs from the command line and from outside.</summary>
internal sealed class Session : IDisposable
{
    public const string DefaultPlanFile = "resurgam.yaml";

    private readonly Surroundings _around;
    private readonly string? _planOption;
    private readonly Progress? _progress;

    /// <summary>Null until the command has asked for it.</summary>
    private string? _stateDirectory;

    public Session(Surroundings around, ParseResult line)
    {
        _around = around;
        _planOption = GlobalOptions.PlanOf(line);
        From = GlobalOptions.FromOf(line);
        AsOf = GlobalOptions.AsOfOf(line);
        IsVerbose = GlobalOptions.IsVerbose(line);
        FailureCode = (line.CommandResult.Command as FixedFailureCommand)?.FailureCode;
        var isQuiet = GlobalOptions.IsQuiet(line);
        Terminal = new Terminal(
            around.Stderr,
            around.IsTerminal,
            isColorful: around.IsTerminal
                && around.FindVariable("NO_COLOR") is null
                && around.FindVariable("TERM") is not (null or "dumb")
        );
        var format = GlobalOptions.IsJson(line) ? OutputFormat.Json : OutputFormat.Text;
        Output = new Output(around.Stdout, Terminal, format, isQuiet, IsVerbose);
        if ((around.IsTerminal && !isQuiet) || IsVerbose)
            _progress = new Progress(Terminal, around.Time);
        IWorkProgress shown = _progress is null ? NoProgress.Instance : _progress;
        Progress = around.Traces is null ? shown : new StagedSpans(shown);
    }

    public Output Output { get; }

    public Terminal Terminal { get; }

    /// <summary>For captures and restores: shown to a person who looks, else to nobody.</summary>
    public IWorkProgress Progress { get; }

    public TimeProvider Time => _around.Time;

    public IEntropy Entropy => _around.Entropy;

    public Surroundings Around => _around;

    public bool IsVerbose { get; }

    /// <inheritdoc cref="FixedFailureCommand.FailureCode"/>
    public int? FailureCode { get; }

    /// <summary>Of the vaults that this command has opened.</summary>
    public DerivedKeys Derived { get; } = new();

    /// <summary><c>--as-of</c>: the moment as of which stores are read; null for now.</summary>
    public DateTimeOffset? AsOf { get; }

    /// <summary><c>--from</c>: the replica that the command works in; null for the vault's own place.</summary>
    public string? From { get; }

    /// <summary>With <see cref="From"/>: when the vault's own place was found gone, by <see cref="Time"/>; null while it was not.</summary>
    public long? PrimaryMissedAt { get; set; }

    /// <summary><c>--plan</c>, else <c>RESURGAM_PLAN</c>, else <c>./resurgam.yaml</c>; absolute.</summary>
    public string PlanPath => AbsolutePath(_planOption ?? _around.FindVariable("RESURGAM_PLAN") ?? DefaultPlanFile);

    /// <summary>The session of the command that runs: for <c>SetAction</c>.</summary>
    public static Session Of(ParseResult line) => ((SessionConfiguration)line.InvocationConfiguration).Session;

    /// <summary>A path of the command line, from the working folder.</summary>
    public string AbsolutePath(string path) => Path.GetFullPath(path, _around.WorkingFolder);

    /// <exception cref="ResurgamException">The file cannot be read (<c>plan-file-*</c>).</exception>
    public Task<PlanReading> ReadPlanAsync(CancellationToken cancellationToken) =>
        ReadPlanAsync(PlanPath, cancellationToken);

    /// <exception cref="ResurgamException">The file cannot be read, or all that is wrong with it (<c>plan-*</c>).</exception>
    public Task<Plan> LoadPlanAsync(CancellationToken cancellationToken) => LoadPlanAsync(PlanPath, cancellationToken);

    /// <summary>As the other, of a file that the command names.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<Plan> LoadPlanAsync(string path, CancellationToken cancellationToken) =>
        await ReadPlanAsync(path, cancellationToken) switch
        {
            PlanReading.Good(var plan) => plan,
            PlanReading.Bad(var problems) => throw new ResurgamException([.. problems.Select(p => p.Placed)]),
            var other => throw new System.Diagnostics.UnreachableException($"no way on is written for {other}"),
        };

    private static async Task<PlanReading> ReadPlanAsync(string path, CancellationToken cancellationToken) =>
        PlanReader.Read(await PlanFile.ReadTextAsync(path, cancellationToken), path);

    /// <summary>Reads the vault's secret from where the plan says.</summary>
    /// <exception cref="ResurgamException"><c>secret-*</c></exception>
    public Task<SecretBytes> ReadSecretAsync(Plan plan, CancellationToken cancellationToken) =>
        ReadSecretAsync(plan.Vault.Secret, cancellationToken);

    /// <summary>Reads any secret that the plan refers to.</summary>
    /// <exception cref="ResurgamException"><c>secret-*</c></exception>
    public Task<SecretBytes> ReadSecretAsync(SecretSource source, CancellationToken cancellationToken) =>
        Secrets.ReadAsync(source, cancellationToken);

    public SecretReader Secrets => new(new ProcessRunner(Time), _around.FindVariable);

    /// <summary>
    /// Cache and spool of this machine: the plan's <c>state</c>, else <c>RESURGAM_STATE</c>, else <c>/var/lib/resurgam</c>
    /// for root, else <c>$XDG_STATE_HOME/resurgam</c> or <c>~/.local/state/resurgam</c>. Need not exist yet.
    /// </summary>
    /// <exception cref="ResurgamException"><c>state-folder</c>: nothing names one, not even <c>HOME</c>.</exception>
    public string StateDirectoryOf(Plan plan) => _stateDirectory = FindStateDirectory(plan);

    /// <summary>A fault of a disk or of rights that nobody nearer has told of; null when it is none.</summary>
    public ResurgamException? FindFileFault(Exception e) => FileFaults.Find(e, _stateDirectory);

    private string FindStateDirectory(Plan plan)
    {
        if ((plan.StateDirectory ?? _around.FindVariable("RESURGAM_STATE")) is { } named)
            return AbsolutePath(named);
        if (_around.IsRoot)
            return "/var/lib/resurgam";
        // The XDG base directory specification, version 0.8: a relative path there is to be ignored.
        if (_around.FindVariable("XDG_STATE_HOME") is { } xdg && xdg.StartsWith('/'))
            return Path.Combine(xdg, "resurgam");
        return _around.FindVariable("HOME") is { } home
            ? Path.Combine(AbsolutePath(home), ".local/state/resurgam")
            : throw CliProblems.NoStateFolder();
    }

    /// <summary>The command broke off: takes its half-drawn progress away.</summary>
    public void Abandon() => _progress?.Abandon();

    public void Dispose() => _progress?.Dispose();
}

/// <summary>Carries the session through System.CommandLine to the command's action.</summary>
internal sealed class SessionConfiguration(Session session) : InvocationConfiguration
{
    public Session Session => session;
}

internal static class CliProblems
{
    public static ResurgamException StdoutFailed(IOException cause) =>
        new(
            new Problem(
                "stdout-failed",
                Remedy.Fix,
                $"the result could not be written to standard output: {cause.Message}",
                "What the command had to do is done, only its result was not told: make room where the output goes and ask again, with 'resurgam snapshots' or the command's own check."
            ),
            cause
        );

    /// <summary>Of a command whose only work is what it writes there.</summary>
    public static ResurgamException StdoutBroken(IOException cause) =>
        new(
            new Problem(
                "stdout-failed",
                Remedy.Fix,
                $"not everything could be written to standard output: {cause.Message}",
                "Make room where the output goes, then run the same command again: what is there now is a part."
            ),
            cause
        );

    public static ResurgamException NoStateFolder() =>
        new(
            new Problem(
                "state-folder",
                Remedy.Fix,
                "there is no folder for cache and spool: neither the plan nor RESURGAM_STATE nor HOME names one",
                "Add 'state: /var/lib/resurgam' to the plan, or set RESURGAM_STATE."
            )
        );
}
