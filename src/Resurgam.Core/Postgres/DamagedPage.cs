using System.Buffers;
using System.Globalization;

namespace Resurgam.Core.Postgres;

/// <summary>A page whose checksum is wrong, as <c>path block</c>: <c>base/5/16384 block 7</c>.</summary>
/// <param name="Block">Counted from the file's start.</param>
public readonly record struct DamagedPage(string Path, uint Block)
{
    private const string Word = " block ";

    private static readonly SearchValues<char> PathCharacters = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_./"
    );

    /// <returns>Null when the text does not name a page.</returns>
    public static DamagedPage? Find(string text)
    {
        var at = text.LastIndexOf(Word, StringComparison.Ordinal);
        return at > 0 && uint.TryParse(text.AsSpan(at + Word.Length), CultureInfo.InvariantCulture, out var block)
            ? new DamagedPage(text[..at], block)
            : null;
    }

    /// <summary>Reads a server's warning, in whatever language: <c>…"./base/5/16384", block 7: calculated 4F2A but …</c>.</summary>
    /// <returns>Null when it is another warning.</returns>
    public static DamagedPage? FindInWarning(string warning)
    {
        foreach (var root in (ReadOnlySpan<string>)["pg_tblspc/", "base/", "global/"])
        {
            var start = warning.IndexOf(root, StringComparison.Ordinal);
            if (start < 0)
                continue;
            var rest = warning.AsSpan(start);
            var length = rest.IndexOfAnyExcept(PathCharacters);
            var number = length < 0 ? default : rest[length..];
            var digits = number.IndexOfAnyInRange('0', '9');
            var colon = number.IndexOf(':');
            if (
                digits >= 0
                && colon > digits
                && uint.TryParse(number[digits..colon], CultureInfo.InvariantCulture, out var block)
            )
                return new DamagedPage(rest[..length].ToString(), block);
        }
        return null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Path}{Word}{Block}");
}
