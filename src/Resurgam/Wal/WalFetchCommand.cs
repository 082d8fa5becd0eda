using System.CommandLine;
using Resurgam.Adapters.Postgres.Recovery;
using Resurgam.Cli;
using Resurgam.Core.Problems;

namespace Resurgam.Wal;

/// <summary>PostgreSQL's <c>restore_command</c>.</summary>
internal static class WalFetchCommand
{
    /// <summary>PostgreSQL takes 1 to 125 for "there is no such file", and ends recovery there; more stops the server.</summary>
    private const int Absent = 1;
    private const int Failed = 200;

    public static Command Create()
    {
        Option<string?> socket = new("--socket")
        {
            Description = "Ask the restore that listens here, instead of opening the vault.",
            HelpName = "PATH",
        };
        Argument<string[]> words = new("words")
        {
            Description =
                "ASSET FILE TARGET, as in restore_command = 'resurgam wal fetch ASSET %f \"%p\"'; with --socket FILE TARGET.",
            Arity = new ArgumentArity(2, 3),
        };
        Command command = new("fetch", "Bring one WAL file from the vault: PostgreSQL's restore_command.")
        {
            socket,
            words,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(Session.Of(line), line.GetValue(socket), line.GetRequiredValue(words), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        string? socket,
        IReadOnlyList<string> words,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var (name, target) = (words[^2], session.AbsolutePath(words[^1]));
            if (socket is null && words.Count == 3)
                socket = await WalFeeder.EnsureAsync(session, words[0], target, cancellationToken);
            if (socket is null)
                throw WalFetchProblems.NoAsset();
            return WalFeedClient.Fetch(socket, name, target) ? ExitCode.Success : Absent;
        }
        catch (ResurgamException e)
        {
            ErrorOutput.Show(session, e.Problems);
            return Failed;
        }
    }
}

internal static class WalFetchProblems
{
    public static ResurgamException NoAsset() =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                "wal fetch needs the name of an asset",
                "Write restore_command = 'resurgam --plan /absolute/plan.yaml wal fetch ASSET %f \"%p\"'."
            )
        );
}
