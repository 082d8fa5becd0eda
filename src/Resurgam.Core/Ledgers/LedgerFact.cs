using System.Buffers;
using System.Text.Json;

namespace Resurgam.Core.Ledgers;

/// <summary>What an entry shall say.</summary>
/// <param name="Kind">One of <see cref="EntryKind"/>.</param>
/// <param name="Body">Canonical JSON, see <see cref="LedgerBody"/>. Never a secret.</param>
public sealed record LedgerFact(string Kind, ReadOnlyMemory<byte> Body)
{
    /// <summary>In a body: when it happened, where it was told later.</summary>
    public const string OccurredAt = "occurredAt";

    /// <param name="json">One JSON object in any layout.</param>
    public static LedgerFact Of(string kind, ReadOnlyMemory<byte> json) =>
        new(kind, LedgerBody.TryCanonical(json) ?? throw new ArgumentException("no JSON object", nameof(json)));

    /// <param name="write">Writes the members of the body's object.</param>
    internal static LedgerFact Of(string kind, Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return new LedgerFact(kind, bytes.ToArray());
    }
}

/// <summary>What entries tell of. Other kinds are lower-case words with <c>-</c> and <c>.</c>.</summary>
public static class EntryKind
{
    /// <summary>First entry of a ledger: the vault's id and its own key.</summary>
    public const string LedgerBegun = "ledger-begun";

    public const string KeyIntroduced = "key-introduced";
    public const string KeyWithdrawn = "key-withdrawn";

    /// <summary>The heads of all streams but the vault's.</summary>
    public const string Anchor = "anchor";

    /// <summary>An entry of another place that did not stay where the ledgers of the two were forked: its line.</summary>
    public const string SetAside = "entry-set-aside";

    public const string VaultCreated = "vault-created";
    public const string VaultKeyAdded = "vault-key-added";
    public const string VaultKeyRotated = "vault-key-rotated";
    public const string VaultKeyWithdrawn = "vault-key-withdrawn";
    public const string SharesCreated = "shares-created";
    public const string SharesTested = "shares-tested";
    public const string Backup = "backup";
    public const string Verification = "verification";
    public const string Restore = "restore";

    /// <summary>Several assets as one recovery point: <see cref="RecoverySets.RecoverySetEntry"/>.</summary>
    public const string RecoverySet = "recovery-set";

    /// <summary>No restore of this asset to a point before a moment: <see cref="Revocation"/>.</summary>
    public const string SessionsRevoked = "sessions-revoked";

    /// <summary>An asset's stream could not go on where it was: a time of which only the end can be restored.</summary>
    public const string StreamGap = "stream-gap";

    public const string HoldAdded = "hold-added";
    public const string HoldReleased = "hold-released";

    /// <summary>A generation is to be no more: what was in it, and why it goes.</summary>
    public const string GenerationExpired = "generation-expired";

    /// <summary>A generation that expired was deleted, as far as the store let it go.</summary>
    public const string GenerationDeleted = "generation-deleted";

    /// <summary>A share of a place was read back and checked.</summary>
    public const string Scrub = "scrub";

    /// <summary>A copy to a place of the vault that changed something there.</summary>
    public const string Copy = "copy";

    /// <summary>Damaged or missing objects of a place were replaced by another place's.</summary>
    public const string Heal = "heal";

    /// <summary>Volumes of offline media were written: <see cref="Vaults.Media.MediaWritten"/>.</summary>
    public const string MediaWritten = "media-written";

    /// <summary>Volumes were taken, confirmed or destroyed by somebody: <see cref="Vaults.Media.MediaCustody"/>.</summary>
    public const string MediaCustody = "media-custody";

    /// <summary>Ends the kind of what was tried and failed: <c>backup-failed</c>.</summary>
    public const string FailedEnding = "-failed";

    private static readonly SearchValues<byte> Allowed = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz0123456789.-"u8
    );

    internal static bool IsValid(ReadOnlySpan<byte> kind) =>
        kind.Length is > 0 and <= 64 && !kind.ContainsAnyExcept(Allowed);
}

/// <summary>The canonical form of a body: what <see cref="Utf8JsonWriter"/> writes by itself, which is ASCII without white space.</summary>
internal static class LedgerBody
{
    private const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Strict = new()
    {
        AllowDuplicateProperties = false,
        MaxDepth = MaxDepth,
    };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_bytes;

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    /// <returns>Null unless it is one JSON object without a name twice.</returns>
    public static byte[]? TryCanonical(ReadOnlyMemory<byte> json) =>
        TryWrite(json, out var canonical) ? canonical.ToArray() : null;

    public static bool IsCanonical(ReadOnlyMemory<byte> json) =>
        TryWrite(json, out var canonical) && canonical.SequenceEqual(json.Span);

    /// <param name="canonical">Valid until the next call on this thread: a million of them are verified in seconds.</param>
    private static bool TryWrite(ReadOnlyMemory<byte> json, out ReadOnlySpan<byte> canonical)
    {
        canonical = default;
        var bytes = t_bytes ??= new ArrayBufferWriter<byte>();
        var writer = t_writer ??= new Utf8JsonWriter(bytes);
        bytes.ResetWrittenCount();
        writer.Reset();
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return false;
            document.RootElement.WriteTo(writer);
            writer.Flush();
            canonical = bytes.WrittenSpan;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
