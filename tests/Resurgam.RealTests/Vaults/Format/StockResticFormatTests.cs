using System.Buffers;
using System.Text.Json;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Support;

namespace Resurgam.RealTests.Vaults.Format;

/// <summary>What the document types write, stock restic accepts, and what stock restic writes, they read.</summary>
public sealed class StockResticFormatTests
{
    private static readonly SeededEntropy Entropy = new(20261123);

    /// <summary>As root any owner, else one's own.</summary>
    private static readonly (uint User, uint Group) Owner = Environment.IsPrivilegedProcess
        ? (4711, 4712)
        : (UserId(), GroupId());

    [Fact(Timeout = 60_000)]
    public async Task Restic_checks_lists_and_restores_what_the_documents_alone_make_up()
    {
        using var restic = StockRestic.Create(TestContext.Current.CancellationToken);
        var files = RepositoryFiles.Create(restic.Repository, StockRestic.Password, Entropy);
        var (content, nodes, snapshot) = Write(files);

        Assert.Contains(
            "no errors were found",
            await restic.RunAsync("check", "--read-data"),
            StringComparison.Ordinal
        );

        using var listed = JsonDocument.Parse(await restic.RunAsync("snapshots", "--json"));
        var shown = Assert.Single(listed.RootElement.EnumerateArray());
        Assert.Equal("2026-11-23T14:31:04.000000001Z", shown.GetProperty("time").GetString());
        Assert.Equal("<höst>", shown.GetProperty("hostname").GetString());
        Assert.Equal("resurgam", shown.GetProperty("tags")[0].GetString());
        Assert.Contains("/odd/empty\n", await restic.RunAsync("ls", snapshot.Hex), StringComparison.Ordinal);

        var target = Path.Combine(restic.Folder, "restored");
        await restic.RunAsync("restore", snapshot.Hex, "--target", target);
        var restored = await ListedFile.OfAsync(Path.Combine(target, "odd"));

        Assert.Equal(nodes.Select(n => n.Name).Order(), restored.Keys.Order());
        foreach (var node in nodes)
            AssertSame(node, restored[node.Name], content);
        Assert.Equal(new byte[] { 0, 255 }, ListedFile.FindAttribute($"{target}/odd/empty", "user.one"));
        Assert.Equal(Array.Empty<byte>(), ListedFile.FindAttribute($"{target}/odd/empty", "user.nothing"));
    }

    [Fact(Timeout = 60_000)]
    public async Task Every_document_of_a_repository_that_restic_wrote_reads_and_is_written_byte_for_byte()
    {
        using var restic = StockRestic.Create(TestContext.Current.CancellationToken);
        var source = await MakeOddFolderAsync(restic);
        await restic.RunAsync("init");
        await restic.RunAsync("backup", "--tag", "a,b", "--exclude", "*.none", source);

        var files = RepositoryFiles.Open(restic.Repository, StockRestic.Password, Entropy);
        Assert.Equal(files.Config, RepositoryConfig.Read(files.Config).Write());
        Assert.All(files.Stored("keys").Values, key => Assert.Equal(key, KeyDocument.Read(key).Write()));
        var snapshotJson = Assert.Single(files.Json("snapshots"));
        var snapshot = SnapshotDocument.Read(snapshotJson);
        Assert.Equal(snapshotJson, snapshot.Write());
        Assert.Equal([source], snapshot.Paths);
        Assert.Equal(["a", "b"], snapshot.Tags);

        var blobs = files.Blobs();
        Dictionary<string, TreeNode> nodes = [];
        Walk(snapshot.Tree, "");
        var listed = await ListedFile.OfAsync(source);
        Assert.Equal(listed.Keys.Order(), nodes.Keys.Order());
        foreach (var (path, node) in nodes)
        {
            AssertSame(node, listed[path], blobs);
            Assert.Equal(node.Content.ToArray().Sum(id => blobs[id].Length), node.SizeBytes);
        }
        Assert.Equal([0, 255], Assert.Single(nodes["empty"].ExtendedAttributes).Value.ToArray());

        void Walk(BlobId tree, string path)
        {
            var read = TreeReader.Read(blobs[tree]);
            Assert.Equal(blobs[tree], Write(read));
            foreach (var node in read)
            {
                var nodePath = $"{path}/{node.Name}";
                if (nodePath.StartsWith($"{source}/", StringComparison.Ordinal))
                    nodes.Add(nodePath[(source.Length + 1)..], node);
                if (node.Subtree is { } subtree)
                    Walk(subtree, nodePath);
            }
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Times_with_a_local_offset_are_the_same_times()
    {
        using var restic = StockRestic.Create(TestContext.Current.CancellationToken);
        var source = await MakeOddFolderAsync(restic);
        await restic.RunAsync("init");
        await restic.RunAsync("TZ=Asia/Kathmandu", "backup", source);

        var files = RepositoryFiles.Open(restic.Repository, StockRestic.Password, Entropy);
        var trees = files.Blobs().Values.Where(b => b.AsSpan().StartsWith("{\"nodes\":"u8)).ToList();
        var nodes = trees.SelectMany(t => TreeReader.Read(t)).ToLookup(n => n.Name);

        Assert.Contains(trees, tree => tree.AsSpan().IndexOf("+05:45\""u8) > 0);
        var listed = await ListedFile.OfAsync(source);
        foreach (var (path, file) in listed.Where(f => !f.Key.Contains('/', StringComparison.Ordinal)))
            Assert.Equal(file.ModifiedAt, Assert.Single(nodes[path]).ModifiedAt);
    }

    [Fact(Timeout = 60_000)]
    public async Task Keys_of_either_side_open_the_same_repository()
    {
        using var restic = StockRestic.Create(TestContext.Current.CancellationToken);
        await restic.RunAsync("init");
        var files = RepositoryFiles.Open(restic.Repository, StockRestic.Password, Entropy);

        files.PutKey("our own pässwörd");
        await File.WriteAllTextAsync($"{restic.Folder}/password", "restic's", TestContext.Current.CancellationToken);
        await restic.RunAsync("key", "add", "--new-password-file", $"{restic.Folder}/password");

        await File.WriteAllTextAsync(
            $"{restic.Folder}/password",
            "our own pässwörd",
            TestContext.Current.CancellationToken
        );
        await restic.RunAsync("--password-file", $"{restic.Folder}/password", "check");
        var keys = files.Stored("keys").Values.Select(k => KeyDocument.Read(k)).ToList();
        Assert.Equal(3, keys.Count);
        foreach (var password in (string[])[StockRestic.Password, "our own pässwörd", "restic's"])
        {
            var masters = keys.Select(k => k.TryOpen(password, out var m) ? m : null)
                .OfType<Core.Vaults.Sealing.SealingKey>();
            Assert.Equal(files.Master.Encrypt, Assert.Single(masters).Encrypt);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Locks_of_either_side_are_seen_by_the_other()
    {
        using var restic = StockRestic.Create(TestContext.Current.CancellationToken);
        await restic.RunAsync("init");
        var files = RepositoryFiles.Open(restic.Repository, StockRestic.Password, Entropy);

        using (var backup = restic.Start("backup", "--stdin"))
        {
            while (files.Stored("locks").Count == 0)
                await Eventually.PauseAsync(TestContext.Current.CancellationToken);
            var json = Assert.Single(files.Json("locks"));
            var theirs = LockDocument.Read(json);
            Assert.Equal((backup.Id, false), (theirs.Pid, theirs.Exclusive));
            Assert.Equal(json, theirs.Write());
            await backup.StandardInput.WriteAsync("content");
            backup.StandardInput.Close();
            Assert.Equal(0, (await restic.FinishAsync(backup)).ExitCode);
        }

        LockDocument ours = new()
        {
            Time = UnixTime.From(TimeProvider.System.GetUtcNow()),
            Exclusive = true,
            Hostname = "another-host",
            Username = "u",
            Pid = 7,
        };
        files.PutJson("locks", ours.Write());
        var (exitCode, _, error) = await restic.TryRunAsync("backup", "--stdin");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("locked exclusively by PID 7 on another-host by u", error, StringComparison.Ordinal);
    }

    private static (Dictionary<BlobId, byte[]> Content, List<TreeNode> Nodes, BlobId Snapshot) Write(
        RepositoryFiles files
    )
    {
        List<PackEntry> data = [];
        List<PackEntry> trees = [];
        using MemoryStream dataPack = new();
        using MemoryStream treePack = new();
        Dictionary<BlobId, byte[]> content = [];
        var ids = new List<BlobId>();
        foreach (var blob in (byte[][])["hello"u8.ToArray(), new byte[100_000], [1]])
        {
            ids.Add(files.PutBlob(data, dataPack, BlobType.Data, blob));
            content[ids[^1]] = blob;
        }

        var empty = files.PutTree(trees, treePack, []);
        var nodes = OddNodes([.. ids], empty);
        var odd = files.PutTree(trees, treePack, nodes);
        var root = files.PutTree(trees, treePack, [Node("odd", NodeType.Directory, "0755") with { Subtree = odd }]);

        IndexedPack[] packs = [files.PutPack(data, dataPack), files.PutPack(trees, treePack)];
        ArrayBufferWriter<byte> index = new();
        IndexDocument.Write(packs, index);
        files.PutJson("index", index.WrittenSpan);
        SnapshotDocument snapshot = new()
        {
            Time = new UnixTime(1_795_444_264, 1),
            Tree = root,
            Paths = ["/odd"],
            Hostname = "<höst>",
            Username = "u",
            Tags = ["resurgam"],
            ProgramVersion = "resurgam",
        };
        return (content, nodes, files.PutJson("snapshots", snapshot.Write()));
    }

    private static List<TreeNode> OddNodes(BlobId[] content, BlobId emptyTree)
    {
        var file = Node("x", NodeType.File, "0644") with { SizeBytes = 5, Content = content.AsMemory(0, 1), Links = 1 };
        var linked = file with { Inode = 42, DeviceId = 7, Links = 2 };
        return
        [
            file with
            {
                Name = "a\nb\"c\\d\te",
                ModifiedAt = new UnixTime(1_000_000_000, 123_456_789),
            },
            file with
            {
                Name = "\uDCFF\uDCFElatin\uDCE9",
            },
            file with
            {
                Name = "😀é<&>\u2028\u0001",
            },
            file with
            {
                Name = "chunks",
                SizeBytes = 100_006,
                Content = content,
            },
            file with
            {
                Name = "empty",
                SizeBytes = 0,
                Content = default,
                ModifiedAt = new UnixTime(-2, 500_000_000),
                ExtendedAttributes =
                [
                    new ExtendedAttribute("user.one", new byte[] { 0, 255 }),
                    new ExtendedAttribute("user.nothing", default),
                ],
            },
            file with
            {
                Name = "setuid",
                Mode = 0xDED,
            }, // 06755
            linked with
            {
                Name = "twin 1",
            },
            linked with
            {
                Name = "twin 2",
            },
            Node("sticky", NodeType.Directory, "1777") with
            {
                Subtree = emptyTree,
                ModifiedAt = new UnixTime(5, 5),
            },
            Node("link", NodeType.SymbolicLink, "0777") with
            {
                LinkTarget = "täüx \"there\"/\\",
            },
            Node("fifo", NodeType.Fifo, "0640"),
        ];
    }

    private static TreeNode Node(string name, NodeType type, string mode) =>
        new()
        {
            Name = name,
            Type = type,
            Mode = Convert.ToUInt32(mode, 8),
            ModifiedAt = new UnixTime(1_700_000_000, 1),
            AccessedAt = new UnixTime(1_700_000_001, 1),
            ChangedAt = new UnixTime(1_700_000_002, 1),
            UserId = Owner.User,
            GroupId = Owner.Group,
        };

    private static async Task<string> MakeOddFolderAsync(StockRestic restic)
    {
        var source = Directory.CreateDirectory(Path.Combine(restic.Folder, "source")).FullName;
        await ListedFile.BashAsync(
            source,
            """
            printf hello >$'a\nb"c\\d\te'
            printf x >$'\xff\xfelatin\xe9'
            printf emoji >$'😀é<&>\u2028\u200b\x7f\x01'
            head -c 3000000 /dev/urandom >large
            touch -d '1969-12-31 23:59:58.5 UTC' empty
            printf s >setuid; chmod 6755 setuid; ln setuid twin
            mkdir -m 1777 sticky; mkdir -m 2750 setgid; printf deep >setgid/deep
            mkfifo -m 640 fifo
            ln -s 'täüx "there"' link
            """
        );
        ListedFile.PutAttribute($"{source}/empty", "user.one", [0, 255]);
        return source;
    }

    private static void AssertSame(TreeNode node, ListedFile file, Dictionary<BlobId, byte[]> blobs)
    {
        var type = node.Type switch
        {
            NodeType.File => 'f',
            NodeType.Directory => 'd',
            NodeType.SymbolicLink => 'l',
            NodeType.Device => 'b',
            NodeType.CharacterDevice => 'c',
            NodeType.Fifo => 'p',
            NodeType.Socket => 's',
        };
        var content = node.Content.ToArray().SelectMany(id => blobs[id]).ToArray();
        ListedFile expected = new(
            file.Path,
            type,
            node.Mode,
            node.UserId,
            node.GroupId,
            node.ModifiedAt,
            node.LinkTarget ?? "",
            node.Links == 2 && node.Type == NodeType.File ? 2 : 1,
            type == 'f' ? BlobId.Of(content).Hex : ""
        );
        Assert.Equal(expected, file);
    }

    private static byte[] Write(IEnumerable<TreeNode> nodes)
    {
        ArrayBufferWriter<byte> output = new();
        TreeWriter tree = new(output);
        foreach (var node in nodes)
            tree.Add(node);
        tree.Complete();
        return output.WrittenSpan.ToArray();
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "getuid")]
    private static extern uint UserId();

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "getgid")]
    private static extern uint GroupId();
}
