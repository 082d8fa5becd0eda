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
