using System.Text.Json;
using Resurgam.Core.Vaults;
using Resurgam.Restores;
using Resurgam.Verifications;

namespace Resurgam.Tests.Verifications;

public sealed class VerifyDocumentTests
{
    /// <summary>As a restore prints it: who reads one reads the other.</summary>
    [Theory]
    [InlineData(null, null)]
    [InlineData("0/3000060", "2026-11-26T12:00:00Z")]
    public void How_far_it_was_recovered_has_the_form_of_a_restore(string? lsn, string? time)
    {
        RecoveredTo point = new(lsn, time is null ? null : DateTimeOffset.Parse(time, null));
        VerifyDocument verification = new(
            "db",
            BlobId.Of("a"u8),
            Passed: true,
            [],
            [],
            point,
            LastCommitAt: null,
            TimeSpan.Zero
        );
        RestoreOutcome outcome = new(BlobId.Of("a"u8), point, 0, TimeSpan.Zero, []);

        using var verified = JsonDocument.Parse(
            JsonSerializer.Serialize(verification, VerifyDocuments.Json.VerifyDocument)
        );
        using var restored = JsonDocument.Parse(
            JsonSerializer.Serialize(
                RestoreDocument.Of("db", "/target", outcome),
                RestoreDocuments.Json.RestoreDocument
            )
        );

        var written = verified.RootElement.GetProperty("recoveredTo");
        Assert.Equal(JsonValueKind.Object, written.ValueKind);
        Assert.Equal(restored.RootElement.GetProperty("recoveredTo").GetRawText(), written.GetRawText());
    }
}
