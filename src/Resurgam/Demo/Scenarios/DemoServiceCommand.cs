using System.CommandLine;
using System.Net;
using Resurgam.Cli;

namespace Resurgam.Demo.Scenarios;

/// <summary>Hidden: a service of the demo's platform, a process that needs the database.</summary>
internal static class DemoServiceCommand
{
    /// <summary>Where it says whether the data that it itself reads is right.</summary>
    public const string DataPath = "/health/data";

    public static Command Create()
    {
        Option<int> port = new("--port") { Required = true };
        Option<string[]> conninfo = new("--conninfo") { Required = true };
        Command command = new("service", "Answer /health and /health/data by questions to the database.")
        {
            port,
            conninfo,
        };
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
        await using ServiceDatabase database = new(session, places);
        await using var listener = DemoListener.Start(
            port,
            session.Time,
            request => AnswerAsync(request.Url?.AbsolutePath, database, cancellationToken)
        );
        session.Output.Note($"listening on port {port}");
        await Task.Delay(Timeout.InfiniteTimeSpan, session.Time, cancellationToken);
        return ExitCode.Success;
    }

    /// <summary>200 when a patient can be found; of <see cref="DataPath"/>, when what it works with is undamaged, else 500.</summary>
    private static async Task<HttpStatusCode> AnswerAsync(
        string? path,
        ServiceDatabase database,
        CancellationToken cancellationToken
    )
    {
        var question = path == DataPath ? DemoPlatform.IsUndamaged : "select count(*) = 1 from patients where id = 1";
        try
        {
            return await database.AskAsync(question, cancellationToken) switch
            {
                "t" => HttpStatusCode.OK,
                null => HttpStatusCode.ServiceUnavailable,
                _ => HttpStatusCode.InternalServerError,
            };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return HttpStatusCode.ServiceUnavailable; // it ends
        }
    }
}
