using System.CommandLine;
using Resurgam.Cli;

namespace Resurgam.Serve;

internal static class ServeCommand
{
    public static Command Create()
    {
        Option<string> listen = new("--listen")
        {
            Description = "Address and port of the HTTP interface, or 'none'. It has no secrets and can do nothing.",
            HelpName = "ADDRESS:PORT",
            DefaultValueFactory = _ => ListenAddress.Default,
        };
        Command command = new(
            "serve",
            "Keep the plan's promises: WAL streams, verifications, predictions, until stopped."
        )
        {
            listen,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(Session.Of(line), line, line.GetRequiredValue(listen), cancellationToken)
        );
        return command;
    }

    /// <returns>Exit code: 0 after a stop that was asked for.</returns>
    private static async Task<int> RunAsync(
        Session caller,
        ParseResult line,
        string listen,
        CancellationToken cancellationToken
    )
    {
        var address = ListenAddress.Parse(listen);
        DaemonLog log = new(caller.Around.Stderr, caller.Around.IsTerminal, caller.Time);
        await using var words = log.AsWriter("serve");
        using Session session = new(caller.Around with { Stderr = words, IsTerminal = false }, line);
        using Daemon daemon = new(session, log);
        using var face = address is null ? null : HttpFace.Start(address, daemon, log);
        await daemon.RunAsync(cancellationToken);
        log.Write(LogLevel.Note, "serve", "stopped");
        return ExitCode.Success;
    }
}
