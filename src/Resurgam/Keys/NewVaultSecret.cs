using System.Text;
using Resurgam.Cli;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Keys;

/// <summary>
/// What a new secret of a vault has to be: one line of text, so that it is the same in a variable, in a password file of stock restic, on paper, and as
/// the last line of <c>vault password</c>. Vaults that have another one open as before.
/// </summary>
internal static class NewVaultSecret
{
    private const int ShortSecret = 12;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <returns>The secret as a password; a short one is told of.</returns>
    /// <exception cref="ResurgamException"><c>secret-form</c></exception>
    public static string Read(Session session, SecretBytes secret)
    {
        var text = ReadText(secret);
        if (text.Length < ShortSecret)
            session.Output.Warn($"the secret has only {text.Length} characters; everything depends on it");
        return text;
    }

    internal static string ReadText(SecretBytes secret)
    {
        string text;
        try
        {
            text = Strict.GetString(secret.Bytes.Span);
        }
        catch (DecoderFallbackException)
        {
            throw NewSecretProblems.Form("is no text (UTF-8)");
        }
        if (text.AsSpan().ContainsAny('\n', '\r'))
            throw NewSecretProblems.Form("has more than one line");
        if (text.Any(char.IsControl))
            throw NewSecretProblems.Form("holds a control character");
        if (text.Trim().Length != text.Length)
            throw NewSecretProblems.Form("begins or ends with a blank, which stock restic cuts off");
        return text;
    }
}

internal static class NewSecretProblems
{
    public static ResurgamException Form(string how) =>
        new(
            new Problem(
                "secret-form",
                Remedy.Fix,
                $"the new secret {how}; it has to be one line of text",
                "Make another, for example: (umask 077; openssl rand -hex 32 > FILE). A key file of bytes will do as text: base64 -w0 KEY > FILE."
            )
        );
}
