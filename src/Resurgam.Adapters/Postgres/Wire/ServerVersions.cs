using System.Globalization;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Versions as PostgreSQL numbers them: 150018 is 15.18.</summary>
internal static class ServerVersions
{
    public const int Oldest = 140000;
    public const int V15 = 150000;
    public const int V17 = 170000;

    /// <summary>Reads the parameter <c>server_version</c>: <c>15.18 (Debian …)</c>, <c>18beta1</c>, <c>19devel</c>.</summary>
    /// <returns>0 when it is no version.</returns>
    public static int Parse(string text)
    {
        var major = Digits(text, 0);
        if (!int.TryParse(major, CultureInfo.InvariantCulture, out var majorNumber) || majorNumber > 9999)
            return 0;
        var minor = text.Length > major.Length && text[major.Length] == '.' ? Digits(text, major.Length + 1) : "";
        return majorNumber * 10000 + (int.TryParse(minor, CultureInfo.InvariantCulture, out var number) ? number : 0);
    }

    private static string Digits(string text, int from) => string.Concat(text.Skip(from).TakeWhile(char.IsAsciiDigit));
}
