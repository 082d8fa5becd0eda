using System.Text.Json;
using Resurgam.Core.Vaults;
using Resurgam.Restores;

namespace Resurgam.Tests.Restores;

public sealed class RestoreDocumentTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    /// <summary>One form whatever was restored: who reads it need not know the kind.</summary>
    [Theory]
    [InlineData(null, false, """{"lsn":null,"time":null}""", null)]
    [InlineData(null, true, """{"lsn":null,"time":"2026-11-26T12:00:00Z"}""", "2026-11-26T12:00:00.000000Z")]
    [InlineData("0/3000060", false, """{"lsn":"0/3000060","time":null}""", "0/3000060")]
    [InlineData(
        "0/3000060",
        true,
        """{"lsn":"0/3000060","time":"2026-11-26T12:00:00Z"}""",
        "2026-11-26T12:00:00.000000Z, 0/3000060"
    )]
    public void How_far_it_was_recovered_has_one_form(string? lsn, bool isTimed, string json, string? words)
    {
        RecoveredTo point = new(lsn, isTimed ? Noon : null);
        RestoreOutcome outcome = new(BlobId.Of("a"u8), point, 0, TimeSpan.Zero, []);

        using var document = JsonDocument.Parse(
            JsonSerializer.Serialize(
                RestoreDocument.Of("db", "/target", outcome),
                RestoreDocuments.Json.RestoreDocument
            )
        );

        var written = JsonSerializer.Serialize(document.RootElement.GetProperty("recoveredTo"));
        Assert.Equal(json, written);
        Assert.Equal(words, point.InWords);
    }
}
