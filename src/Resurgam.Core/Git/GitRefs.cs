using System.Security.Cryptography;
using System.Text;

namespace Resurgam.Core.Git;

/// <param name="Name">Full: <c>refs/heads/main</c>. One character a byte (Latin-1), since names need not be UTF-8.</param>
/// <param name="Id">Hexadecimal, 40 digits (SHA-1) or 64 (SHA-256).</param>
public readonly record struct GitRef(string Name, string Id)
{
    /// <summary>The name for people.</summary>
    public string Shown =>
        Vaults.Format.FileNames.ToPrintable(Vaults.Format.FileNames.Decode(Encoding.Latin1.GetBytes(Name)));
}

/// <summary>All refs of a repository, by the bytes of their names.</summary>
public sealed class GitRefs
{
    private readonly Dictionary<string, string> _ids;

    private GitRefs(List<GitRef> all)
    {
        all.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        All = all;
        _ids = all.ToDictionary(each => each.Name, each => each.Id, StringComparer.Ordinal);
    }

    public IReadOnlyList<GitRef> All { get; }

    /// <summary>SHA-256 of a line <c>ID NAME</c> for each ref, 64 hexadecimal digits: equal only when every ref is.</summary>
    public string Digest
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var each in All)
                hash.AppendData(Encoding.Latin1.GetBytes($"{each.Id} {each.Name}\n"));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>The file <c>packed-refs</c> of a repository that has no others.</summary>
    /// <returns>Null when the file has another form.</returns>
    public static GitRefs? TryReadPacked(ReadOnlySpan<byte> file)
    {
        List<GitRef> refs = [];
        foreach (var line in Lines(file))
        {
            if (line[0] is '#' or '^') // a header; what the tag before points to
                continue;
            if (!TryRead(line, ' ', refs))
                return null;
        }
        return TryMake(refs);
    }

    /// <summary>What <c>git ls-remote --symref</c> prints.</summary>
    /// <param name="output">Its output.</param>
    /// <param name="head">What the remote's <c>HEAD</c> says: <c>ref: refs/heads/main</c>, or an id; null when it says nothing.</param>
    /// <returns>Null when it is something else.</returns>
    public static GitRefs? TryReadRemote(ReadOnlySpan<byte> output, out string? head)
    {
        head = null;
        List<GitRef> refs = [];
        foreach (var line in Lines(output))
        {
            if (line is ['r', 'e', 'f', ':', ' ', ..])
            {
                if (line.EndsWith("\tHEAD", StringComparison.Ordinal))
                    head = line[..^"\tHEAD".Length];
            }
            else if (line.EndsWith("\tHEAD", StringComparison.Ordinal))
                head ??= line[..^"\tHEAD".Length];
            else if (!line.EndsWith("^{}", StringComparison.Ordinal) && !TryRead(line, '\t', refs))
                return null;
        }
        return TryMake(refs);
    }

    /// <returns>Null when there is no such ref.</returns>
    public string? Find(string name) => _ids.GetValueOrDefault(name);

    /// <summary>Refs of ours that the later ones lack, or have with another id.</summary>
    public IEnumerable<(GitRef Ref, string? NewId)> ChangedIn(GitRefs later) =>
        All.Where(each => later.Find(each.Name) != each.Id).Select(each => (each, later.Find(each.Name)));

    private static List<string> Lines(ReadOnlySpan<byte> bytes)
    {
        List<string> lines = [];
        foreach (var range in bytes.Split((byte)'\n'))
            if (bytes[range] is { IsEmpty: false } line)
                lines.Add(Encoding.Latin1.GetString(line));
        return lines;
    }

    private static bool TryRead(string line, char separator, List<GitRef> refs)
    {
        var at = line.IndexOf(separator);
        if (
            at is not (40 or 64)
            || !line[..at].All(char.IsAsciiHexDigitLower)
            || !line.AsSpan(at + 1).StartsWith("refs/")
        )
            return false;
        refs.Add(new GitRef(line[(at + 1)..], line[..at]));
        return true;
    }

    private static GitRefs? TryMake(List<GitRef> refs) =>
        refs.Select(each => each.Name).Distinct(StringComparer.Ordinal).Count() == refs.Count
            ? new GitRefs(refs)
            : null;
}
