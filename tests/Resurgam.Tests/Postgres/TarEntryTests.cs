using System.Formats.Tar;
using System.Text;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;
using TarEntry = Resurgam.Core.Postgres.TarEntry;

namespace Resurgam.Tests.Postgres;

public sealed class TarEntryTests
{
    [Fact]
    public void A_file_has_what_its_header_says()
    {
        UstarTarEntry written = new(TarEntryType.RegularFile, "base/5/16384")
        {
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
            Uid = 101,
            Gid = 103,
            UserName = "postgres",
            GroupName = "dba",
            ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1_795_000_000),
            DataStream = new MemoryStream(new byte[700]),
        };

        var entry = TarEntry.Read(Header(written));

        Assert.Equal(
            new TarEntry(
                "base/5/16384",
                NodeType.File,
                700,
                0x1A0, // 0640
                101,
                103,
                "postgres",
                "dba",
                new UnixTime(1_795_000_000, 0),
                LinkTarget: null
            ),
            entry
        );
        Assert.Equal(1024 - 700, entry.PaddingBytes);
        Assert.Equal(("16384", 0x1A0u, "postgres"), (entry.ToNode().Name, entry.ToNode().Mode, entry.ToNode().User));
    }

    [Fact]
    public void A_folder_has_no_slash_at_its_end_and_no_content()
    {
        var entry = TarEntry.Read(Header(new UstarTarEntry(TarEntryType.Directory, "base/5/")));

        Assert.Equal(("base/5", NodeType.Directory, 0L), (entry.Path, entry.Type, entry.SizeBytes));
        Assert.Equal(0, entry.PaddingBytes);
    }

    [Fact]
    public void A_link_has_its_target()
    {
        UstarTarEntry written = new(TarEntryType.SymbolicLink, "pg_tblspc/16385") { LinkName = "/srv/space" };

        var entry = TarEntry.Read(Header(written));

        Assert.Equal((NodeType.SymbolicLink, "/srv/space"), (entry.Type, entry.LinkTarget));
    }

    [Fact]
    public void A_path_from_the_data_directory_on_loses_its_dot()
    {
        var header = Patched(block => Encoding.UTF8.GetBytes("./pg_wal/archive_status\0").CopyTo(block, 0));

        Assert.Equal("pg_wal/archive_status", TarEntry.Read(header).Path);
    }

    [Fact]
    public void A_size_beyond_eight_gigabytes_is_in_base_256()
    {
        var header = Patched(block =>
        {
            block.AsSpan(124, 12).Clear();
            block[124] = 0x80;
            block[124 + 7] = 3; // 3 * 2^32
        });

        Assert.Equal(3L << 32, TarEntry.Read(header).SizeBytes);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../outside")]
    [InlineData("base/../../outside")]
    [InlineData("base//5")]
    [InlineData("././x")]
    [InlineData("./")]
    [InlineData("")]
    public void A_path_that_leads_out_is_refused(string path)
    {
        var header = Patched(block =>
        {
            block.AsSpan(0, 100).Clear();
            Encoding.UTF8.GetBytes(path).CopyTo(block, 0);
        });

        Assert.Equal("postgres-bad-backup", Code(header));
    }

    [Theory]
    [InlineData('1')] // a hard link
    [InlineData('3')] // a device
    [InlineData('x')] // an extended header
    public void What_no_base_backup_has_is_refused(char type) =>
        Assert.Equal("postgres-bad-backup", Code(Patched(block => block[156] = (byte)type)));

    [Fact]
    public void Every_changed_byte_is_noticed()
    {
        var good = Header(Usual());
        for (var at = 0; at < good.Length; at++)
        {
            var bad = (byte[])good.Clone();
            bad[at] ^= 0x01;
            Assert.Equal("postgres-bad-backup", Code(bad));
        }
    }

    [Theory]
    [InlineData("8")]
    [InlineData("-1")]
    [InlineData("777 7")]
    public void A_number_that_is_none_is_refused(string size) =>
        Assert.Equal(
            "postgres-bad-backup",
            Code(
                Patched(block =>
                {
                    block.AsSpan(124, 12).Clear();
                    Encoding.UTF8.GetBytes(size[..Math.Min(12, size.Length)]).CopyTo(block, 124);
                })
            )
        );

    [Fact]
    public void Zeros_are_the_end()
    {
        Assert.True(TarEntry.IsEnd(new byte[TarEntry.BlockBytes]));
        Assert.False(TarEntry.IsEnd(Header(Usual())));
    }

    private static UstarTarEntry Usual() =>
        new(TarEntryType.RegularFile, "PG_VERSION") { DataStream = new MemoryStream("15\n"u8.ToArray()) };

    private static string Code(byte[] header) =>
        Assert.Throws<ResurgamException>(() => TarEntry.Read(header)).Problem.Code;

    /// <summary>A header with something changed and its checksum made right again.</summary>
    private static byte[] Patched(Action<byte[]> change)
    {
        var block = Header(Usual());
        change(block);
        block.AsSpan(148, 8).Fill((byte)' ');
        var sum = block.Sum(value => value);
        Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(block, 148);
        return block;
    }

    private static byte[] Header(UstarTarEntry entry)
    {
        using MemoryStream tar = new();
        using (TarWriter writer = new(tar, TarEntryFormat.Ustar, leaveOpen: true))
            writer.WriteEntry(entry);
        return tar.ToArray()[..TarEntry.BlockBytes];
    }
}
