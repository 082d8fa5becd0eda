using System.Globalization;

namespace Resurgam.Adapters.LogicalPostgres.Servers;

/// <summary>What <c>pg_restore</c> said, without the one error that means nothing.</summary>
/// <remarks>
/// From version 17 on it begins with <c>SET transaction_timeout = 0</c>, whatever the server: an older one does not know that parameter, and nothing is
/// lost by it. So for older servers it goes on after errors, and any other error fails the load all the same.
/// </remarks>
internal sealed class LoadErrors
{
    private const string Parameter = "transaction_timeout";
    private const string Command = "Command was: SET transaction_timeout = 0;";
    private const string Ignored = "errors ignored on restore: ";

    private LoadErrors(string rest, bool isHarmless) => (Rest, IsHarmless) = (rest, isHarmless);

    /// <summary>Without that error.</summary>
    public string Rest { get; }

    /// <summary>There was no other one.</summary>
    public bool IsHarmless { get; }

    /// <summary>Whether a load has to go on after errors.</summary>
    /// <param name="toolMajor">Version of <c>pg_restore</c>.</param>
    /// <param name="serverMajor">Of the server that is loaded.</param>
    public static bool MustGoOn(int toolMajor, int serverMajor) => toolMajor >= 17 && serverMajor < 17;

    /// <param name="error">All that it wrote to its standard error; cut off it is not harmless.</param>
    public static LoadErrors Read(string error)
    {
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var known = lines.Count(line => line == Command);
        var ignored = lines.LastOrDefault(line => line.Contains(Ignored, StringComparison.Ordinal)) ?? "";
        var count = ignored[(ignored.LastIndexOf(' ') + 1)..];
        // The words of the server may be in any language, the name of the parameter is in them all.
        string[] rest =
        [
            .. lines.Where(line =>
                !line.Contains(Parameter, StringComparison.Ordinal) && !line.Contains(Ignored, StringComparison.Ordinal)
            ),
        ];
        return new LoadErrors(
            string.Join('\n', rest),
            known > 0
                && count == known.ToString(CultureInfo.InvariantCulture)
                && !rest.Any(line => line.StartsWith("pg_restore: error:", StringComparison.Ordinal))
        );
    }
}
