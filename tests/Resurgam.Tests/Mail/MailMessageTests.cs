using System.Text;
using Resurgam.Adapters.Mail;

namespace Resurgam.Tests.Mail;

public sealed class MailMessageTests
{
    [Fact]
    public void A_message_goes_over_the_wire_in_lines_of_ascii()
    {
        var lines = Lines("The database is down", "ä\n.\n");
        Assert.Equal(
            [
                "Message-ID: <r.s@example.net>",
                "Date: Wed, 25 Nov 2026 12:00:00 +0000",
                "From: resurgam@example.net",
                "To: a@example.net,",
                " b@example.net",
                "Subject: The database is down",
                "Auto-Submitted: auto-generated",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: base64",
                "",
                Convert.ToBase64String("ä\r\n.\r\n\r\n"u8),
                ".",
                "",
            ],
            lines
        );
    }

    [Theory]
    [InlineData("Die Datenbank läuft wieder, und zwar seit einer Stunde: wer sie braucht, kann wieder arbeiten ☃")]
    [InlineData("first\r\nBcc: somebody@example.net")]
    public void A_subject_can_say_anything_and_never_begins_another_line(string subject)
    {
        var lines = Lines(subject, "x");
        var words = lines
            .SkipWhile(line => !line.StartsWith("Subject:", StringComparison.Ordinal))
            .TakeWhile(line => !line.StartsWith("Auto", StringComparison.Ordinal))
            .ToList();
        Assert.All(
            words,
            word => Assert.True(word.Length <= 85 && word.EndsWith("?=", StringComparison.Ordinal), word)
        );
        var back = string.Concat(
            words.Select(word => Encoding.UTF8.GetString(Convert.FromBase64String(word.Split("?B?")[1][..^2])))
        );
        Assert.Equal(subject.Replace("\r\n", "  ", StringComparison.Ordinal), back);
    }

    private static string[] Lines(string subject, string text) =>
        Encoding
            .ASCII.GetString(
                new MailMessage
                {
                    From = "resurgam@example.net",
                    To = ["a@example.net", "b@example.net"],
                    Subject = subject,
                    Text = text,
                    Id = "r.s@example.net",
                    SentAt = new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero),
                }.ToBytes()
            )
            .Split("\r\n");
}
