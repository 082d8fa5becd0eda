using System.Text;

namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>Brings a password into the form that both sides hash.</summary>
/// <remarks>
/// RFC 4013. Differs in one way: where the runtime has no Unicode tables (invariant globalization) letters are not
/// normalised, so a password with accents must be typed as one code point each, as keyboards do.
/// </remarks>
internal static class SaslPrep
{
    public static string Prepare(string password)
    {
        if (Ascii.IsValid(password))
            return password;
        var prepared = new StringBuilder(password.Length);
        foreach (var letter in password)
        {
            if (IsSpace(letter))
                prepared.Append(' ');
            else if (!IsNothing(letter))
                prepared.Append(letter);
        }
        var text = prepared.ToString();
        // PostgreSQL takes a password that is not valid as the bytes that it is.
        return text.Length == 0 || text.Any(char.IsControl) ? password : text.Normalize(NormalizationForm.FormKC);
    }

    /// <summary>RFC 3454, table C.1.2.</summary>
    private static bool IsSpace(char letter) =>
        letter is '\u00A0' or '\u1680' or (>= '\u2000' and <= '\u200B') or '\u202F' or '\u205F' or '\u3000';

    /// <summary>RFC 3454, table B.1.</summary>
    private static bool IsNothing(char letter) =>
        letter
            is '\u00AD'
                or '\u034F'
                or '\u1806'
                or (>= '\u180B' and <= '\u180D')
                or '\u200C'
                or '\u200D'
                or '\u2060'
                or (>= '\uFE00' and <= '\uFE0F')
                or '\uFEFF';
}
