using System.Runtime.CompilerServices;

namespace Resurgam.Tests.Support;

/// <summary>Text that is compared with a file. With RESURGAM_GOLDEN=write the file takes the new text, and git shows the difference.</summary>
public static class Golden
{
    private static readonly bool Rewrites = Environment.GetEnvironmentVariable("RESURGAM_GOLDEN") == "write";

    /// <summary>The file stands beside the test: <c>ClassTests.Test_name.golden</c>.</summary>
    public static void Match(string actual, [CallerFilePath] string file = "", [CallerMemberName] string test = "") =>
        MatchFile(
            Path.Combine(Path.GetDirectoryName(file) ?? "", $"{Path.GetFileNameWithoutExtension(file)}.{test}.golden"),
            actual
        );

    /// <param name="path">From the repository's root, for what people read too: <c>docs/exit-codes.md</c>.</param>
    /// <param name="actual">All of it.</param>
    public static void MatchInRepository(string path, string actual) =>
        MatchFile(Path.Combine(Repository.Root, path), actual);

    private static void MatchFile(string path, string actual)
    {
        if (Rewrites)
            File.WriteAllText(path, actual);
        Assert.True(File.Exists(path), $"{path} is missing: run './dev golden' and read what it writes");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}

/// <summary>Where the sources are.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Resurgam.slnx")))
                return folder;
        }
        throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
