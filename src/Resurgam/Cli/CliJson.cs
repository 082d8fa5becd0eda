using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;

namespace Resurgam.Cli;

/// <summary>How documents on stdout are written. A feature's context takes its options from here.</summary>
/// <example>
/// <code>
/// [JsonSerializable(typeof(VaultInfo))]
/// internal sealed partial class VaultJson : JsonSerializerContext
/// {
///     public static readonly VaultJson Documents = new(CliJson.NewOptions());
/// }
/// </code>
/// </example>
internal static class CliJson
{
    /// <summary>
    /// camelCase; absent values are null; times RFC 3339 in UTC with Z; durations in seconds; sizes in bytes; ids and
    /// WAL positions as text. A new instance, because a context keeps its own.
    /// </summary>
    public static JsonSerializerOptions NewOptions() =>
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it goes to programs and terminals, never into HTML
            WriteIndented = true,
            NewLine = "\n",
            Converters =
            {
                new Written<DateTimeOffset>((json, at) => json.WriteStringValue(ToText(at))),
                new Written<TimeSpan>((json, span) => json.WriteNumberValue(span.TotalSeconds)),
                new Written<ByteSize>((json, size) => json.WriteNumberValue(size.Bytes)),
                new Written<Lsn>((json, lsn) => json.WriteStringValue(lsn.ToString())),
                new Written<BlobId>((json, id) => json.WriteStringValue(id.Hex)),
                new Written<AssetId>((json, id) => json.WriteStringValue(id.Value)),
            },
        };

    /// <summary>RFC 3339 in UTC with Z, as short as it is exact: <c>2026-11-23T14:16:05.25Z</c>.</summary>
    public static string ToText(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private sealed class Written<T>(Action<Utf8JsonWriter, T> write) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("documents of the command line are written, never read");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            write(writer, value);
    }
}
