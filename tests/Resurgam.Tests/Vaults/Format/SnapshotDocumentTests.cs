using System.Text;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Tests.Vaults.Format;

public sealed class SnapshotDocumentTests
{
    [Fact]
    public void A_snapshot_of_restic_reads()
    {
        var snapshot = SnapshotDocument.Read(GoldenDocuments.Utf8(GoldenDocuments.Snapshot));

        Assert.Equal("2026-11-23T14:31:04.497827796Z", snapshot.Time.ToString());
        Assert.Equal("79823ef25491b5b2f32dc652c4e0a601a2d31b80537d6cb628e299cd8e96d2a6", snapshot.Tree.Hex);
        Assert.Equal(["/tmp/src"], snapshot.Paths);
        Assert.Equal(["*.no"], snapshot.Excludes);
        Assert.Equal(["t1"], snapshot.Tags);
        Assert.Equal(("vm", "root", 0u), (snapshot.Hostname, snapshot.Username, snapshot.Uid));
        Assert.Null(snapshot.Parent);
    }

    [Fact]
    public void A_snapshot_of_restic_is_written_byte_for_byte() =>
        Assert.Equal(
            GoldenDocuments.Snapshot,
            Encoding.UTF8.GetString(SnapshotDocument.Read(GoldenDocuments.Utf8(GoldenDocuments.Snapshot)).Write())
        );

    [Fact]
    public void Every_field_reads_back()
    {
        SnapshotDocument snapshot = new()
        {
            Time = new UnixTime(1_800_000_000, 1),
            Tree = BlobId.Of("tree"u8),
            Paths = ["/a\n\"<ü\u2028", "/b"],
            Hostname = "höst",
            Username = "u",
            Uid = 1,
            Gid = uint.MaxValue,
            Excludes = ["x"],
            Tags = ["resurgam", "asset=db"],
            Parent = BlobId.Of("parent"u8),
            Original = BlobId.Of("original"u8),
            ProgramVersion = "resurgam 1.0",
        };

        var read = SnapshotDocument.Read(snapshot.Write());

        Assert.Equal(snapshot.Paths, read.Paths);
        Assert.Equal(snapshot.Excludes, read.Excludes);
        Assert.Equal(snapshot.Tags, read.Tags);
        var (paths, excludes, tags) = (read.Paths, read.Excludes, read.Tags);
        Assert.Equal(snapshot with { Paths = paths, Excludes = excludes, Tags = tags }, read);
    }

    [Fact]
    public void A_snapshot_without_time_or_tree_is_none()
    {
        Assert.Throws<ResurgamException>(() => SnapshotDocument.Read("""{"time":"2026-11-23T14:31:04Z"}"""u8));
        Assert.Throws<ResurgamException>(() =>
            SnapshotDocument.Read(
                GoldenDocuments.Utf8(GoldenDocuments.Snapshot.Replace("time", "tim", StringComparison.Ordinal))
            )
        );
    }
}
