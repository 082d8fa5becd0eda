using System.Diagnostics;
using Resurgam.Adapters.Postgres.Recovery;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;
using Resurgam.Vaults;

namespace Resurgam.Wal;

/// <summary>
/// A process beside a recovering server that keeps the vault open and reads ahead, so that a <c>wal fetch</c> costs
/// milliseconds. The first one starts it; it ends when nobody has asked for a while.
/// </summary>
internal static class WalFeeder
{
    public const string CommandName = "feed";

    private static readonly TimeSpan MostIdle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Starts the asset's feeder, and waits until it serves.</summary>
    /// <param name="target">Where the server wants the first file: what is read ahead waits beside it.</param>
    public static async Task StartAsync(
        Session session,
        string asset,
        string socket,
        string target,
        CancellationToken cancellationToken
    )
    {
        using var feeder = Start(session, asset, Path.GetDirectoryName(target) ?? "/");
        var began = session.Time.GetTimestamp();
        while (!WalFeedClient.IsServed(socket))
        {
            if (feeder.HasExited && !WalFeedClient.IsServed(socket))
                throw FeederProblems.NotStarted(asset, await feeder.StandardError.ReadToEndAsync(cancellationToken));
            if (session.Time.GetElapsedTime(began) > StartLimit)
                throw FeederProblems.NotStarted(asset, "it does not answer");
            await Task.Delay(Poll, session.Time, cancellationToken);
        }
    }

    /// <summary>What the feeder's process does.</summary>
    /// <param name="walDirectory">A server's <c>pg_wal</c>; anything else is left alone.</param>
    public static async Task<int> RunAsync(
        Session session,
        string asset,
        string? walDirectory,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var archive = await WalAccess.OpenArchiveAsync(vault, asset, cancellationToken);
        var identity = await archive.FindIdentityAsync(cancellationToken);
        var socket = SocketOf(session, plan, asset);
        Directory.CreateDirectory(Path.GetDirectoryName(socket) ?? "/");
        if (!WalFeedClient.IsServed(socket))
            File.Delete(socket); // of a feeder that was killed
        var ahead =
            walDirectory is not null && Path.GetFileName(walDirectory) == "pg_wal"
                ? new AheadFolder(walDirectory, owner: null)
                : null;
        var segmentBytes = identity?.SegmentSizeBytes ?? WalSegment.DefaultSizeBytes;
        WalFeed feed = new(archive, segmentBytes, ahead, session.Time);
        await using var server = WalFeedServer.Start(feed, socket, session.Time);
        ahead?.Announce(new FeedNotice(session.PlanPath, asset, socket));
        while (server.Idle < MostIdle)
            await Task.Delay(MostIdle - server.Idle, session.Time, cancellationToken);
        return ExitCode.Success;
    }

    private static Process Start(Session session, string asset, string walDirectory)
    {
        ProcessStartInfo start = new(Environment.ProcessPath ?? "resurgam")
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        foreach (
            var word in (ReadOnlySpan<string>)["--plan", session.PlanPath, "wal", CommandName, asset, walDirectory]
        )
            start.ArgumentList.Add(word);
        return Process.Start(start) ?? throw FeederProblems.NotStarted(asset, "no process");
    }

    /// <summary>Below the state folder: who may not go there may not open the vault either.</summary>
    public static string SocketOf(Session session, Plan plan, string asset) =>
        Path.Combine(session.StateDirectoryOf(plan), "wal-feed", asset);
}

internal static class FeederProblems
{
    public static ResurgamException NotStarted(string asset, string why) =>
        new(
            new Problem(
                "wal-feed-absent",
                Remedy.Retry,
                $"the process that reads ahead for {asset} did not start: {why.Trim()}",
                $"Run 'resurgam wal feed {asset}' by hand as the server's user to see why; it needs the plan, the secret and the vault."
            )
        );
}
