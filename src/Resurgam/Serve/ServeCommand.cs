using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Duties;
using Resurgam.Core.Values;

namespace Resurgam.Serve;

internal static class ServeCommand
{
    public const string Name = "serve";

    /// <summary>A claim is renewed at half of it, and clocks may differ by a fifth.</summary>
    private static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        Option<string[]> listen = new("--listen")
        {
            Description =
                "Where the HTTP interface is: an address with a port, unix:PATH, or 'none'; may be given again.",
            HelpName = "ADDRESS:PORT",
            DefaultValueFactory = _ => [ListenAddress.Default],
        };
        Option<TimeSpan> lease = new("--lease")
        {
            Description =
                "How long work of a daemon that died waits for another daemon; 10m unless said otherwise, at least 10s.",
            HelpName = "DURATION",
            DefaultValueFactory = _ => DutyTerms.DefaultLease,
            CustomParser = result =>
            {
                if (Duration.TryParse(result.Tokens[0].Value, out var duration) && duration >= ShortestLease)
                    return duration;
                result.AddError($"'{result.Tokens[0].Value}' is no duration of 10s or more; write for example 10m");
                return DutyTerms.DefaultLease;
            },
        };
        Command command = new(
            Name,
            "Keep the plan's promises: streams, schedules, verifications, predictions, until stopped."
        )
        {
            listen,
            lease,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(Session.Of(line), line, line.GetRequiredValue(listen), line.GetValue(lease), cancellationToken)
        );
        return command;
    }

    /// <returns>Exit code: 0 after a stop that was asked for.</returns>
    private static async Task<int> RunAsync(
        Session caller,
        ParseResult line,
        string[] listen,
        TimeSpan lease,
        CancellationToken cancellationToken
    )
    {
        var addresses = ListenAddress.ParseAll(listen);
        DaemonLog log = new(caller.Around.Stderr, caller.Around.IsTerminal, caller.Time);
        await using var words = log.AsWriter(Name);
        caller.Around.Traces?.TellTo(told => log.Write(LogLevel.Warning, "traces", told));
        using Session session = new(caller.Around with { Stderr = words, IsTerminal = false }, line);
        using OrderDesk desk = new(session, log, cancellationToken);
        using Daemon daemon = new(session, log, lease, desk);
        await using var face =
            addresses.Count == 0
                ? null
                : await HttpFace.StartAsync(
                    addresses,
                    new HttpSurroundings(session, daemon, desk, log, cancellationToken),
                    cancellationToken
                );
        await daemon.RunAsync(cancellationToken);
        log.Write(LogLevel.Note, Name, "stopped");
        return ExitCode.Success;
    }
}
