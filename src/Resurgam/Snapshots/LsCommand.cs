using System.CommandLine;
using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Vaults;

namespace Resurgam.Snapshots;

internal static class LsCommand
{
    public static Command Create()
    {
        Argument<string> snapshot = new("snapshot") { Description = SnapshotChoice.Help };
        Argument<string?> path = new("path")
        {
            Description = "A folder or file in it.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Command command = new("ls", "List what a snapshot holds.") { snapshot, path };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(snapshot),
                    line.GetValue(path) ?? "",
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
        List<ListingEntry> entries = [];
        SnapshotReader reader = new(snapshot.Repository, blobs);
        await foreach (var (entryPath, node) in reader.WalkAsync(snapshot, path.Trim('/'), cancellationToken))
            entries.Add(View(entryPath, node));
        session.Output.Write(
            new ListingDocument(snapshot.Id, entries),
            SnapshotDocuments.Json.ListingDocument,
            text =>
            {
                foreach (var entry in entries)
                    text.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{entry.Mode} {entry.User, -8} {entry.Group, -8} {entry.Size, 12} {entry.ModifiedAt:yyyy-MM-dd HH:mm:ss} /{FileNames.ToPrintable(entry.Path)}{(entry.LinkTarget is null ? "" : " -> " + FileNames.ToPrintable(entry.LinkTarget))}"
                        )
                    );
            }
        );
        return ExitCode.Success;
    }

    private static ListingEntry View(string path, TreeNode node) =>
        new(
            path,
            node.Type switch
            {
                NodeType.File => "file",
                NodeType.Directory => "directory",
                NodeType.SymbolicLink => "symlink",
                NodeType.Device => "device",
                NodeType.CharacterDevice => "chardev",
                NodeType.Fifo => "fifo",
                NodeType.Socket => "socket",
            },
            ModeText(node),
            node.User ?? node.UserId.ToString(CultureInfo.InvariantCulture),
            node.Group ?? node.GroupId.ToString(CultureInfo.InvariantCulture),
            node.SizeBytes,
            node.ModifiedAt.ToDateTimeOffset(),
            node.LinkTarget
        );

    private static string ModeText(TreeNode node)
    {
        var type = node.Type switch
        {
            NodeType.File => '-',
            NodeType.Directory => 'd',
            NodeType.SymbolicLink => 'l',
            NodeType.Device => 'b',
            NodeType.CharacterDevice => 'c',
            NodeType.Fifo => 'p',
            NodeType.Socket => 's',
        };
        Span<char> text = stackalloc char[10];
        text[0] = type;
        for (var bit = 0; bit < 9; bit++)
            text[1 + bit] = (node.Mode >> (8 - bit) & 1) != 0 ? "rwx"[bit % 3] : '-';
        if ((node.Mode & 0x800) != 0)
            text[3] = text[3] == 'x' ? 's' : 'S';
        if ((node.Mode & 0x400) != 0)
            text[6] = text[6] == 'x' ? 's' : 'S';
        if ((node.Mode & 0x200) != 0)
            text[9] = text[9] == 'x' ? 't' : 'T';
        return text.ToString();
    }
}
