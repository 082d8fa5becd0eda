namespace Resurgam.Adapters.Postgres.Recovery;

/// <summary>Whether a server was told where its recovery ends. Such a server does not come up when its WAL ends before.</summary>
internal static class RecoveryGoal
{
    private static readonly string[] Settings =
    [
        "recovery_target",
        "recovery_target_lsn",
        "recovery_target_name",
        "recovery_target_time",
        "recovery_target_xid",
    ];

    /// <param name="dataDirectory">Of the server, whose <c>restore_command</c> runs there.</param>
    /// <returns>False, too, when the target stands elsewhere than in a restore's settings or on the command line.</returns>
    public static bool IsSet(string dataDirectory) =>
        Says(Path.Combine(dataDirectory, "postgresql.auto.conf"))
        || Says(Path.Combine(dataDirectory, "postmaster.opts"));

    /// <summary>One has a line for each setting, the other quotes every argument.</summary>
    private static bool Says(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Split('\n', '"').Any(IsTarget);
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsTarget(string setting) =>
        setting.Split('=', 2) is [var name, var value]
        && Settings.Contains(name.Trim())
        && value.Trim().Trim('\'').Length > 0;
}
