using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.LogicalPostgres.Servers;

internal static class DumpProblems
{
    public static ResurgamException NoPrograms(int major, string of, string? configured) =>
        Of(
            "postgres-no-dump",
            configured is null
                ? Text($"pg_dump and pg_restore are not installed here, and {of} is of version {major}")
                : $"{configured} has no pg_dump and pg_restore",
            Text(
                $"Install them ('apt-get install postgresql-client-{major}'), or name their folder as 'binaries' of the asset in the plan."
            )
        );

    /// <param name="of">What is newer: <c>the server</c>, <c>the dump</c>.</param>
    public static ResurgamException TooOld(string folder, int found, int needed, string of) =>
        Of(
            "postgres-dump-version",
            Text(
                $"pg_dump and pg_restore in {folder} are version {found}, and {of} is {needed}: an older one cannot read it"
            ),
            Text(
                $"Install 'postgresql-client-{needed}' or newer, or name its folder as 'binaries' of the asset in the plan."
            )
        );

    public static ResurgamException NoVersion(string program, string said) =>
        Of(
            "postgres-dump-version",
            $"{program} does not say its version, but '{said}'",
            $"Run '{program} --version'; name another folder as 'binaries' of the asset in the plan."
        );

    public static ResurgamException Failed(string program, string database, string error) =>
        Of("postgres-dump-failed", $"{program} failed on {database}: {Shorten(error)}", HintFor(error));

    private static string HintFor(string error) =>
        error.Contains("row-level security", StringComparison.Ordinal)
            ? "The role sees not every row: give it BYPASSRLS, or own the tables with it."
        : error.Contains("permission denied for large object", StringComparison.Ordinal)
            ? "pg_read_all_data does not reach large objects: let their owners, or an administrator, 'grant select on large object NUMBER to ROLE' (again for new ones), or dump as a role that owns them."
        : error.Contains("permission denied", StringComparison.Ordinal)
            ? "Let the role read everything: 'grant pg_read_all_data to ROLE' as an administrator of the server."
        : error.Contains("extension control file", StringComparison.Ordinal)
            ? "Install the extension's package on the machine of that server, and run the same command again."
        : error.Contains("must be", StringComparison.Ordinal) || error.Contains("must have", StringComparison.Ordinal)
            ? "Connect as a role that has the rights of the owners: 'grant OWNER to ROLE', or an administrator."
        : "Its own words say what it lacks; mend that and run the same command again.";

    private static string Shorten(string error)
    {
        const int most = 600;
        var text = error.Trim().ReplaceLineEndings("; ");
        return text.Length > most ? text[..most] + " …" : text;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static ResurgamException Of(string code, string what, string hint) =>
        new(new Problem(code, Remedy.Fix, what, hint));
}
