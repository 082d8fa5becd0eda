using System.Globalization;
using System.Text;

namespace Resurgam.Adapters.Mail;

/// <summary>A message of plain text, as it goes over the wire.</summary>
/// <remarks>RFC 5322; a subject that is no ASCII by RFC 2047, the text in base64 (RFC 2045): no line is too long, and none begins with a dot.</remarks>
internal sealed record MailMessage
{
    private const int LineLength = 76;

    /// <summary>Bytes of a subject in one encoded word, which may have 75 letters.</summary>
    private const int WordLengthBytes = 42;

    public required string From { get; init; }

    public required IReadOnlyList<string> To { get; init; }

    public required string Subject { get; init; }

    public required string Text { get; init; }

    /// <summary>Without angle brackets. The same for a message that is sent again.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset SentAt { get; init; }

    /// <summary>Whole, with the line that ends it.</summary>
    public byte[] ToBytes()
    {
        StringBuilder lines = new();
        foreach (
            var line in (string[])
                [
                    $"Message-ID: <{Id}>",
                    $"Date: {SentAt.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000",
                    $"From: {From}",
                    $"To: {string.Join(",\r\n ", To)}",
                    $"Subject: {Encoded(Subject)}",
                    "Auto-Submitted: auto-generated",
                    "MIME-Version: 1.0",
                    "Content-Type: text/plain; charset=utf-8",
                    "Content-Transfer-Encoding: base64",
                    "",
                ]
        )
            lines.Append(line).Append("\r\n");
        var body = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Text.ReplaceLineEndings("\r\n")}\r\n"));
        foreach (var line in body.Chunk(LineLength))
            lines.Append(line).Append("\r\n");
        return Encoding.ASCII.GetBytes(lines.Append(".\r\n").ToString());
    }

    private static string Encoded(string subject)
    {
        if (subject.Length <= LineLength && subject.All(letter => letter is >= ' ' and <= '~'))
            return subject;
        List<string> words = [];
        StringBuilder word = new();
        foreach (var rune in subject.EnumerateRunes().Select(rune => Rune.IsControl(rune) ? new Rune(' ') : rune))
        {
            if (Encoding.UTF8.GetByteCount(word.ToString()) + rune.Utf8SequenceLength > WordLengthBytes)
            {
                words.Add(word.ToString());
                word.Clear();
            }
            word.Append(rune);
        }
        words.Add(word.ToString());
        return string.Join(
            "\r\n ",
            words.Select(each => $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(each))}?=")
        );
    }
}
