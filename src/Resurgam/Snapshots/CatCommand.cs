using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Vaults;

namespace Resurgam.Snapshots;

internal static class CatCommand
{
    public static Command Create()
    {
        Argument<string> snapshot = new("snapshot") { Description = SnapshotChoice.Help };
        Argument<string> path = new("path") { Description = "A file in it." };
        Command command = new("cat", "Write one file of a snapshot to stdout.") { snapshot, path };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(snapshot),
                    line.GetRequiredValue(path),
                    cancellationToken
                )
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        string wanted,
        string path,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var snapshot = await SnapshotChoice.GetAsync(vault, plan, wanted, cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, session.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        var node = await reader.FindAsync(snapshot, path.Trim('/'), cancellationToken);
        if (node.Type != NodeType.File)
            throw VaultProblems.NoPath($"file {path}", snapshot.Id.Short);
        try
        {
            await using var stdout = session.Around.OpenStdout();
            await reader.CopyToAsync(node, stdout, cancellationToken);
            return ExitCode.Success;
        }
        catch (IOException e) // the vault's own are problems
        {
            throw CliProblems.StdoutBroken(e);
        }
    }
}
