using System.Text;
using Resurgam.Adapters;
using Resurgam.Adapters.Traces;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Completion;
using Resurgam.Core.Values;
using Resurgam.Demo;
using Resurgam.Drills;
using Resurgam.Ledgers;
using Resurgam.Plans;
using Resurgam.Restores;
using Resurgam.Runs;
using Resurgam.Serve;
using Resurgam.Snapshots;
using Resurgam.Status;
using Resurgam.Vaults;
using Resurgam.Verifications;
using Resurgam.Wal;

if (
    QuickFetch.TryRun(args, Environment.GetEnvironmentVariable("RESURGAM_PLAN"), Environment.CurrentDirectory) is
    { } done
)
    return done;

NativeHeap.GiveBackSoon();

// The commands, one line each. Here alone the real clock and the real chance come in.
var root = Root.Create(
    StatusCommand.Create(),
    ServeCommand.Create(),
    PlanCommand.Create(),
    VaultCommand.Create(),
    BackupCommand.Create(),
    SnapshotsCommand.Create(),
    LsCommand.Create(),
    CatCommand.Create(),
    RestoreCommand.Create(),
    VerifyCommand.Create(),
    RunCommand.Create(),
    RunsCommand.Create(),
    DrillCommand.Create(),
    DrillsCommand.Create(),
    LedgerCommand.Create(),
    WalCommand.Create(),
    DemoCommand.Create(),
    CompletionCommand.Create()
);

using var stop = StopSignals.Listen();
using var traces = TraceExport.TryStart(Environment.GetEnvironmentVariable, Root.Version);
await using var stdout = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { NewLine = "\n" };
return await Root.RunAsync(
    root,
    args,
    new Surroundings
    {
        Stdout = stdout,
        OpenStdout = Console.OpenStandardOutput,
        Stderr = Console.Error,
        IsTerminal = !Console.IsErrorRedirected,
        Time = TimeProvider.System,
        Entropy = new SystemEntropy(),
        Variable = Environment.GetEnvironmentVariable,
        WorkingFolder = Environment.CurrentDirectory,
        IsRoot = Environment.IsPrivilegedProcess,
        Traces = traces,
    },
    stop
);
