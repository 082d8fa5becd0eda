using System.CommandLine;
using Resurgam.Adapters.Postgres.Servers;
using Resurgam.Cli;

namespace Resurgam.Demo;

internal static class DemoCommand
{
    private const int OldestVersion = 14;
    private const int NewestVersion = 18;

    public static Command Create()
    {
        Option<int> scale = new("--scale")
        {
            Description = "How large the database is; 1 is about 60 MiB.",
            DefaultValueFactory = _ => 1,
        };
        Option<bool> keep = new("--keep") { Description = "Leave plan, vault and recovered cluster to look at." };
        Option<string?> folder = new("--folder") { Description = "Where it happens; a folder that is not there yet." };
        Option<bool> all = new("--all")
        {
            Description = "With sessions in Redis and policies in Git beside the database.",
        };
        Command command = new("demo", "Protect a real database, destroy it, and bring it back to the last transaction.")
        {
            scale,
            keep,
            folder,
            all,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    Math.Max(1, line.GetValue(scale)),
                    line.GetValue(keep),
                    line.GetValue(folder),
                    line.GetValue(all),
                    cancellationToken
                )
        );
        return command;
    }

    /// <returns>Exit code: 0 when nothing that was acknowledged is lost, 21 otherwise (docs/exit-codes.md).</returns>
    internal static async Task<int> RunAsync(
        Session session,
        int scale,
        bool isKept,
        string? named,
        bool isAll,
        CancellationToken cancellationToken
    )
    {
        var folder = named is null ? TemporaryFolder(session) : session.AbsolutePath(named);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw DemoProblems.FolderTaken(folder);
        var binaries =
            PostgresBinaries.FindNewest(OldestVersion, NewestVersion) ?? PostgresBinaries.Get(NewestVersion, null);
        DemoCluster cluster = new(folder, binaries, session.Time);
        try
        {
            var document = await new DemoRun(session, cluster, folder, scale, isAll).RunAsync(cancellationToken);
            if (!isKept)
                document = document with { Folder = null };
            session.Output.Write(document, DemoDocuments.Json.DemoDocument, text => DemoStory.Table(text, document));
            return document.IsWhole ? ExitCode.Success : ExitCode.VerificationFailed;
        }
        finally
        {
            if (File.Exists(Path.Combine(cluster.DataDirectory, "postmaster.pid")))
                await cluster.StopAsync(CancellationToken.None);
            if (!isKept && Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Below /tmp, where the server's user may go; short, since a socket's path has 107 bytes.</summary>
    private static string TemporaryFolder(Session session)
    {
        Span<byte> unique = stackalloc byte[4];
        session.Entropy.Fill(unique);
        return Path.Combine(Path.GetTempPath(), $"resurgam-demo-{Convert.ToHexStringLower(unique)}");
    }
}
