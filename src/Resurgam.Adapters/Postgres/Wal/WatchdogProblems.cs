using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>What can keep the watchdog from its work.</summary>
internal static class WatchdogProblems
{
    public static ResurgamException Rights() =>
        new(
            new Problem(
                "wal-watchdog-rights",
                Remedy.Fix,
                What: "the role of the connection may not take us out of synchronous_standby_names",
                Hint: "As a superuser: GRANT ALTER SYSTEM ON PARAMETER synchronous_standby_names TO role; "
                    + "GRANT EXECUTE ON FUNCTION pg_reload_conf() TO role; GRANT pg_monitor TO role. "
                    + "Or leave out synchronous-wait: commits then wait for the stream without limit."
            )
        );

    public static ResurgamException Powerless(string why) =>
        new(
            new Problem(
                "wal-watchdog-powerless",
                Remedy.Fix,
                What: $"synchronous_standby_names cannot be changed while the server runs: {why}",
                Hint: "Set it in postgresql.conf or with ALTER SYSTEM instead."
            )
        );

    public static ResurgamException Silent() =>
        new(
            new Problem(
                "wal-watchdog-silent",
                Remedy.Retry,
                What: "the watchdog of commits that wait for the stream says nothing, and may not take us out of synchronous_standby_names",
                Hint: "Look for its process ('wal guard', in watchdog.json beside the spool): it may be stopped. One that has ended is started again."
            )
        );

    /// <param name="isWatched">Its watchdog runs.</param>
    /// <param name="waiting">How many commits wait at this moment; null when that is not known.</param>
    public static Problem CommitsWait(string asset, string slot, bool isWatched, int? waiting = null) =>
        new(
            "wal-commits-wait",
            Remedy.Fix,
            What: $"commits wait for '{slot}' ({(waiting is null ? "named in" : $"{waiting} at this moment, by")} synchronous_standby_names), and its stream does not run"
                + (isWatched ? "; its watchdog ends that in time" : ", nor does its watchdog: they wait for ever"),
            Hint: $"Start 'resurgam serve' or 'resurgam wal stream {asset}', or take it out on the server: "
                + "ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf();"
        );

    public static ResurgamException Slow(TimeSpan limit) =>
        new(
            new Problem(
                "wal-watchdog-slow",
                Remedy.Retry,
                What: $"the server has not answered the watchdog in {limit.TotalSeconds:0} s",
                Hint: "Check the load of the server; the watchdog connects again by itself."
            )
        );
}
