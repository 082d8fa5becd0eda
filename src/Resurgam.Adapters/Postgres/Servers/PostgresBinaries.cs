using System.Globalization;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Servers;

/// <summary>A folder with PostgreSQL's programs.</summary>
/// <param name="Folder">Holds at least <c>postgres</c> and <c>pg_ctl</c>.</param>
public sealed record PostgresBinaries(string Folder)
{
    public string Postgres => Path.Combine(Folder, "postgres");

    public string Control => Path.Combine(Folder, "pg_ctl");

    /// <returns>Path of another program of the same version; null when it is not installed.</returns>
    public string? FindTool(string name)
    {
        var path = Path.Combine(Folder, name);
        return File.Exists(path) ? path : null;
    }

    /// <summary>The newest version that is installed where packages put it; null when there is none.</summary>
    public static PostgresBinaries? FindNewest(int oldest, int newest)
    {
        for (var major = newest; major >= oldest; major--)
            if (Folders(major).FirstOrDefault(IsWhole) is { } folder)
                return new PostgresBinaries(folder);
        return null;
    }

    /// <summary>Finds the programs of a major version: the plan's folder, then where packages put them.</summary>
    /// <param name="configured">From the plan; used whatever its version, the server itself refuses a wrong one.</param>
    /// <exception cref="ResurgamException">They are not installed.</exception>
    public static PostgresBinaries Get(int major, string? configured)
    {
        IReadOnlyList<string> folders = configured is not null ? [configured] : Folders(major);
        return folders.FirstOrDefault(IsWhole) is { } folder
            ? new PostgresBinaries(folder)
            : throw ServerProblems.NoBinaries(major, folders);
    }

    private static bool IsWhole(string folder) =>
        File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "pg_ctl"));

    internal static IReadOnlyList<string> Folders(int major)
    {
        var version = major.ToString(CultureInfo.InvariantCulture);
        return
        [
            $"/usr/lib/postgresql/{version}/bin", // Debian, Ubuntu
            $"/usr/pgsql-{version}/bin", // Red Hat and its like
            $"/usr/local/pgsql-{version}/bin",
        ];
    }
}
