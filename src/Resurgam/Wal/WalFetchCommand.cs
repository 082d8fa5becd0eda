using System.CommandLine;
using Resurgam.Adapters.Postgres.Recovery;
using Resurgam.Cli;
using Resurgam.Core.Problems;

namespace Resurgam.Wal;

/// <summary>PostgreSQL's <c>restore_command</c>.</summary>
internal static class WalFetchCommand
{
    /// <summary>The vault has no such file, and nothing that would come after it: PostgreSQL ends recovery there.</summary>
    internal const int Absent = 1;

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
        FixedFailureCommand command = new(
            "fetch",
            "Bring one WAL file from the vault: PostgreSQL's restore_command.",
            ExitCode.FetchFailed
        )
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

    private static async Task<int> RunAsync(
        Session session,
        string? socket,
        string[] words,
        CancellationToken cancellationToken
    )
    {
        var (name, target) = (words[^2], session.AbsolutePath(words[^1]));
        if (socket is null && words.Length < 3)
            throw WalFetchProblems.NoAsset();
        var outcome = socket is not null
            ? WalFeedClient.Fetch(socket, name, target)
            : await FetchAsync(session, words[0], name, target, cancellationToken);
        if (outcome == WalFetchOutcome.NobodyServes)
            throw WalFetchProblems.NoFeed(socket ?? words[0]);
        var isThere = outcome == WalFetchOutcome.Fetched;
        session.Output.Write(
            new WalFetchDocument(name, target, isThere),
            WalDocuments.Json.WalFetchDocument,
            static _ => { } // PostgreSQL reads the exit code
        );
        return isThere ? ExitCode.Success : Absent;
    }

    /// <summary>Asks the asset's feeder; one that does not answer is started first.</summary>
    private static async Task<WalFetchOutcome> FetchAsync(
        Session session,
        string asset,
        string name,
        string target,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        plan.GetAsset(asset);
        var socket = WalFeeder.SocketOf(session, plan, asset);
        // A server waits for every one of these: the way that is taken each time asks no questions first.
        var outcome = WalFeedClient.Fetch(socket, name, target);
        if (outcome != WalFetchOutcome.NobodyServes)
            return outcome;
        await WalFeeder.StartAsync(session, asset, socket, target, cancellationToken);
        return WalFeedClient.Fetch(socket, name, target);
    }
}

internal static class WalFetchProblems
{
    public static ResurgamException NoFeed(string where) =>
        new(
            new Problem(
                "wal-feed-absent",
                Remedy.Retry,
                $"nobody serves WAL at {where}",
                "The restore that started this server has ended; start the server again with 'resurgam restore --start --delta'."
            )
        );

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
