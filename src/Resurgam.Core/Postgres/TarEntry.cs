using System.Globalization;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Postgres;

/// <summary>The header of one entry of the archives that a base backup consists of.</summary>
/// <remarks>Format: POSIX ustar, of which PostgreSQL writes files, folders and symbolic links; large numbers in base 256.</remarks>
/// <param name="Path">Relative, without a slash at its end.</param>
/// <param name="Type">A file, a folder or a symbolic link.</param>
/// <param name="Mode">The low 12 bits.</param>
/// <param name="LinkTarget">Null for all but links.</param>
public sealed record TarEntry(
    string Path,
    NodeType Type,
    long SizeBytes,
    uint Mode,
    uint UserId,
    uint GroupId,
    string User,
    string Group,
    UnixTime ModifiedAt,
    string? LinkTarget
)
{
    /// <summary>Headers, contents and the end are padded to this.</summary>
    public const int BlockBytes = 512;

    /// <summary>2^52 bytes: a header that says more is damaged.</summary>
    private const ulong MostNumber = 1UL << 52;

    /// <summary>Zero bytes that follow the content.</summary>
    public int PaddingBytes => (int)(-SizeBytes & (BlockBytes - 1));

    /// <summary>Two such blocks end an archive.</summary>
    public static bool IsEnd(ReadOnlySpan<byte> block) => !block.ContainsAnyExcept((byte)0);

    /// <exception cref="ResurgamException">It is no header, or of something that is in no base backup.</exception>
    public static TarEntry Read(ReadOnlySpan<byte> block)
    {
        if (ChecksumOf(block) != Number(block.Slice(148, 8)))
            throw PostgresFormatProblems.BadBackup("the checksum of a tar header is wrong");
        var path = WithoutStart(Text(block[..100])).TrimEnd('/');
        if (!IsRelative(path))
            throw PostgresFormatProblems.BadBackup($"a file is named '{path}'");
        var type = block[156] switch
        {
            (byte)'0' or 0 => NodeType.File,
            (byte)'5' => NodeType.Directory,
            (byte)'2' => NodeType.SymbolicLink,
            var other => throw PostgresFormatProblems.BadBackup(
                string.Create(CultureInfo.InvariantCulture, $"{path} is of tar type {other}")
            ),
        };
        return new TarEntry(
            path,
            type,
            type == NodeType.File ? (long)Number(block.Slice(124, 12)) : 0,
            (uint)Number(block.Slice(100, 8)) & 0xFFF,
            (uint)(Number(block.Slice(108, 8)) & uint.MaxValue),
            (uint)(Number(block.Slice(116, 8)) & uint.MaxValue),
            Text(block.Slice(265, 32)),
            Text(block.Slice(297, 32)),
            new UnixTime((long)Number(block.Slice(136, 12)), 0),
            type == NodeType.SymbolicLink ? Text(block.Slice(157, 100)) : null
        );
    }

    /// <summary>The node that a snapshot keeps: of all that a server's file system knows, this is what it sends.</summary>
    public TreeNode ToNode() =>
        new()
        {
            Name = Path[(Path.LastIndexOf('/') + 1)..],
            Type = Type,
            Mode = Mode,
            ModifiedAt = ModifiedAt,
            AccessedAt = ModifiedAt,
            ChangedAt = ModifiedAt,
            UserId = UserId,
            GroupId = GroupId,
            User = User.Length > 0 ? User : null,
            Group = Group.Length > 0 ? Group : null,
            LinkTarget = LinkTarget,
            SizeBytes = SizeBytes,
        };

    /// <summary>The sum of all bytes, with the field of the sum itself as blanks.</summary>
    private static ulong ChecksumOf(ReadOnlySpan<byte> block)
    {
        var sum = 8u * ' ';
        for (var at = 0; at < BlockBytes; at++)
            sum += at is >= 148 and < 156 ? 0u : block[at];
        return sum;
    }

    /// <summary>Servers write two folders of pg_wal from the data directory on, as <c>./pg_wal/…</c>.</summary>
    private static string WithoutStart(string path) =>
        path.StartsWith("./", StringComparison.Ordinal) ? path["./".Length..] : path;

    /// <summary>A path that stays below the folder it is put into.</summary>
    private static bool IsRelative(string path) =>
        path.Length > 0 && !path.Split('/').Any(part => part is "" or "." or "..");

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return FileNames.Decode(end < 0 ? field : field[..end]);
    }

    /// <summary>Octal digits between blanks and zero bytes, or base 256 when the first bit is set.</summary>
    private static ulong Number(ReadOnlySpan<byte> field)
    {
        var number = 0UL;
        if (field[0] >= 0x80)
        {
            if (field[0] != 0x80 || field[1..^7].ContainsAnyExcept((byte)0))
                throw BadNumber();
            foreach (var value in field[^7..])
                number = (number << 8) | value;
        }
        else
        {
            foreach (var digit in field.Trim(" \0"u8))
                number =
                    digit is >= (byte)'0' and <= (byte)'7' && number < MostNumber
                        ? (number << 3) | (uint)(digit - '0')
                        : throw BadNumber();
        }
        return number < MostNumber ? number : throw BadNumber();
    }

    private static ResurgamException BadNumber() =>
        PostgresFormatProblems.BadBackup("a number in a tar header cannot be read");
}
