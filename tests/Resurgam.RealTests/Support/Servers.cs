using System.Globalization;

namespace Resurgam.RealTests.Support;

/// <summary>Which PostgreSQL servers are on this machine. One that is absent skips a test at a desk and fails it in CI.</summary>
public static class Servers
{
    private const string Debian = "/usr/lib/postgresql";

    /// <summary>The major versions that theories run on; RESURGAM_TEST_MAJORS=14,16 chooses others.</summary>
    public static TheoryData<int> Majors =>
        [
            .. (Environment.GetEnvironmentVariable("RESURGAM_TEST_MAJORS") ?? "15,17,18")
                .Split(',')
                .Select(major => int.Parse(major, CultureInfo.InvariantCulture)),
        ];

    /// <summary>Those of <see cref="Majors"/> with incremental backups.</summary>
    public static TheoryData<int> IncrementalMajors => [.. Majors.Select(row => row.Data).Where(major => major >= 17)];

    /// <summary>Folder with initdb, pg_ctl and postgres of one major version.</summary>
    public static string Require(int major)
    {
        var folders = new[] { $"{Debian}/{major}/bin", $"{Cache}/postgresql-{major}/bin" };
        if (folders.FirstOrDefault(folder => File.Exists($"{folder}/postgres")) is { } found)
            return found;
        return Absent($"PostgreSQL {major} is not here; run 'scripts/install tests'");
    }

    /// <summary>A tool of Debian's client packages, such as psql or pg_verifybackup.</summary>
    public static string RequireTool(string name, int major = 15)
    {
        var path = $"{Debian}/{major}/bin/{name}";
        if (File.Exists(path))
            return path;
        return Absent($"{path} is not here; run 'scripts/install tests'");
    }

    /// <summary>Folder with pg_dump, pg_dumpall and pg_restore of one major version.</summary>
    public static string RequireClients(int major)
    {
        var folders = new[] { $"{Debian}/{major}/bin", $"{Cache}/postgresql-client-{major}" };
        if (folders.FirstOrDefault(folder => File.Exists($"{folder}/pg_dump")) is { } found)
            return found;
        return Absent($"pg_dump {major} is not here; run 'scripts/install tests'");
    }

    /// <summary>A program that any folder of <c>PATH</c> may hold.</summary>
    public static void RequireInPath(string name)
    {
        if (!Adapters.Processes.ProgramPath.TryFind(name, out _))
            Absent($"{name} is not in PATH; run 'scripts/install tests'");
    }

    /// <summary>Skips the test at a desk, and fails it in CI.</summary>
    /// <returns>Never.</returns>
    internal static string Absent(string message)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(message);
        Assert.Skip(message);
        return "";
    }

    /// <summary>Where scripts/install puts what is no package of the distribution.</summary>
    internal static string Cache =>
        Environment.GetEnvironmentVariable("RESURGAM_DEV_CACHE")
        ?? (
            Environment.IsPrivilegedProcess
                ? "/var/cache/resurgam-dev"
                : Path.Combine(
                    Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
                    ".cache",
                    "resurgam-dev"
                )
        );
}
