namespace Resurgam.Core.Assets;

/// <summary>
/// A pattern of a plan's <c>exclude</c>. Without a slash it fits a name in any folder; with one it fits a path below the
/// asset's folder. <c>*</c> stands for any part of a name, <c>?</c> for one character, <c>**</c> for any number of folders.
/// </summary>
/// <remarks>A folder that fits stays out with everything below it. No input takes more than quadratic time.</remarks>
public sealed class ExcludePattern
{
    private const string AnyFolders = "**";

    private readonly string[] _names;

    private ExcludePattern(string text, string[] names) => (Text, _names) = (text, names);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <param name="text">A slash in front binds a name to the folder itself; a slash at the end changes nothing.</param>
    /// <returns>Null when it could never fit: it is empty, or has an empty name or <c>.</c> or <c>..</c> in it.</returns>
    public static ExcludePattern? TryParse(string text)
    {
        var isBound = text.TrimEnd('/').Contains('/', StringComparison.Ordinal);
        string[] names = text.Trim('/').Split('/');
        if (names.Any(name => name is "" or "." or ".."))
            return null;
        return new ExcludePattern(text, isBound ? names : [AnyFolders, .. names]);
    }

    /// <exception cref="ArgumentException">It could never fit.</exception>
    public static ExcludePattern Parse(string text) =>
        TryParse(text) ?? throw new ArgumentException($"'{text}' is no pattern", nameof(text));

    /// <param name="path">Below the asset's folder, without a slash in front.</param>
    public bool Fits(string path)
    {
        var names = path.Split('/');
        // Only the last ** ever has to take one name more: those before it fitted as early as they could.
        var (name, part, retryName, retryPart) = (0, 0, 0, -1);
        while (name < names.Length)
        {
            if (part < _names.Length && _names[part] == AnyFolders)
            {
                (retryPart, retryName) = (part, name);
                part++;
                if (part == _names.Length)
                    return true; // what is below, at any depth
            }
            else if (part < _names.Length && NameFits(_names[part], names[name]))
            {
                (name, part) = (name + 1, part + 1);
            }
            else if (retryPart >= 0)
            {
                retryName++;
                (name, part) = (retryName, retryPart + 1);
            }
            else
            {
                return false;
            }
        }
        return part == _names.Length;
    }

    private static bool NameFits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (at, part, retryAt, retryPart) = (0, 0, 0, -1);
        while (at < name.Length)
        {
            if (part < pattern.Length && pattern[part] == '*')
            {
                (retryPart, retryAt) = (part, at);
                part++;
            }
            else if (part < pattern.Length && pattern[part] == '?')
            {
                (at, part) = (at + CharacterLength(name[at..]), part + 1);
            }
            else if (part < pattern.Length && pattern[part] == name[at])
            {
                (at, part) = (at + 1, part + 1);
            }
            else if (retryPart >= 0)
            {
                retryAt++;
                (at, part) = (retryAt, retryPart + 1);
            }
            else
            {
                return false;
            }
        }
        return !pattern[part..].ContainsAnyExcept('*');
    }

    private static int CharacterLength(ReadOnlySpan<char> text) =>
        text.Length > 1 && char.IsSurrogatePair(text[0], text[1]) ? 2 : 1;
}
