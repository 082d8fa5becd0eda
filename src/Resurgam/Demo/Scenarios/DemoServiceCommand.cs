using System.CommandLine;
using System.Net;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Cli;
using Resurgam.Core.Problems;

namespace Resurgam.Demo.Scenarios;

/// <summary>Hidden: a service of the demo's platform, a process that needs the database.</summary>
internal static class DemoServiceCommand
{
    public static Command Create()
    {
        Option<int> port = new("--port") { Required = true };
        Option<string[]> conninfo = new("--conninfo") { Required = true };
        Command command = new("service", "Answer /health by a question to the database.") { port, conninfo };
        command.Hidden = true;
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(port),
                    line.GetRequiredValue(conninfo),
                    cancellationToken
                )
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        int port,
        IReadOnlyList<string> places,
        CancellationToken cancellationToken
    )
    {
        await using var listener = DemoListener.Start(
            port,
            session.Time,
            _ => AnswerAsync(session, places, cancellationToken)
        );
        session.Output.Note($"listening on port {port}");
        await Task.Delay(Timeout.InfiniteTimeSpan, session.Time, cancellationToken);
        return ExitCode.Success;
    }

    /// <summary>200 when a patient can be found, in the first of the places that lets it in.</summary>
    private static async Task<HttpStatusCode> AnswerAsync(
        Session session,
        IReadOnlyList<string> places,
        CancellationToken cancellationToken
    )
    {
        foreach (var conninfo in places)
            try
            {
                await using var database = await PostgresConnection.OpenAsync(
                    // Each time anew: credentials are handed out while it runs.
                    ConnectionSettings.Parse(await File.ReadAllTextAsync(conninfo, cancellationToken), _ => null),
                    SessionKind.Sql,
                    session.Time,
                    cancellationToken
                );
                var found = await database.ScalarAsync("select count(*) from patients where id = 1", cancellationToken);
                return found == "1" ? HttpStatusCode.OK : HttpStatusCode.NotFound;
            }
            catch (ResurgamException e)
            {
                session.Output.Note($"{e.Problem.What} ({e.Problem.Code})");
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break; // it ends
            }
        return HttpStatusCode.ServiceUnavailable;
    }
}
