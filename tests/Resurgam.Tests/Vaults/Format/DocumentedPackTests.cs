using System.Text;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Sealing;

namespace Resurgam.Tests.Vaults.Format;

/// <summary>The worked example of docs/formats/restic-v2.md.</summary>
public sealed class DocumentedPackTests
{
    private static readonly SealingKey Key = new(Count(0x00, 32), Count(0x20, 16), Count(0x30, 16));

    [Fact]
    public void The_pack_in_the_documentation_is_the_one_we_write()
    {
        var blob = Seal("hello"u8.ToArray(), iv: Count(0x40, 16));
        PackEntry entry = new(BlobId.Of("hello"u8), BlobType.Data, 0, (uint)blob.Length, 0);
        var plainHeader = PackHeader.Write([entry]);
        var header = Seal(plainHeader, iv: Count(0x50, 16));
        var length = new byte[4];
        PackHeader.WriteSealedLength(header.Length, length);

        var page = File.ReadAllText(Path.Combine(Root(), "docs", "formats", "restic-v2.md"));

        Assert.Contains($"```\n{Dump([.. blob, .. header, .. length])}\n```", page, StringComparison.Ordinal);
        Assert.Contains($"```\n{Dump(plainHeader)}\n```", page, StringComparison.Ordinal);
    }

    private static byte[] Count(byte from, int bytes) => [.. Enumerable.Range(from, bytes).Select(b => (byte)b)];

    private static byte[] Seal(byte[] plain, byte[] iv)
    {
        var sealedBytes = new byte[plain.Length + SealingKey.OverheadBytes];
        Key.Seal(plain, iv, sealedBytes);
        return sealedBytes;
    }

    private static string Dump(byte[] bytes) =>
        string.Join(
            '\n',
            bytes
                .Chunk(16)
                .Select(
                    (line, number) =>
                        new StringBuilder($"{number * 16:x4} ").AppendJoin("", line.Select(b => $" {b:x2}")).ToString()
                )
        );

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Resurgam.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
