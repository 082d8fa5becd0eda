using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Resurgam.Core.Kubernetes;

/// <summary>
/// One text for one value: keys in the order of their UTF-16 units, two blanks a level, numbers as they came, a line break
/// at the end. Equal objects give equal blobs, and a diff of two files shows what a person would call the difference. It is YAML,
/// too: an API server reads what it shall apply as that, and refuses the pairs of escapes that JSON has for one character.
/// </summary>
public static class CanonicalJson
{
    /// <summary>Of <c>\uD834</c>.</summary>
    private const int UnitBytes = 6;

    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is a file, not a part of a web page
    };

    public static byte[] Write(JsonNode node)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Options))
            Write(writer, node);
        buffer.Write("\n"u8);
        return JoinPairs(buffer.WrittenSpan);
    }

    /// <summary>Puts the character itself in place of <c>\uD834\uDD1E</c>.</summary>
    private static byte[] JoinPairs(ReadOnlySpan<byte> json)
    {
        ArrayBufferWriter<byte> joined = new(json.Length);
        while (json.IndexOf((byte)'\\') is >= 0 and var escape)
        {
            joined.Write(json[..escape]);
            json = json[escape..];
            if (UnitOf(json) is { } high && char.IsHighSurrogate(high) && UnitOf(json[UnitBytes..]) is { } low)
            {
                joined.Advance(Encoding.UTF8.GetBytes([high, low], joined.GetSpan(UnitBytes)));
                json = json[(2 * UnitBytes)..];
            }
            else
            {
                joined.Write(json[..2]); // the second byte may be a backslash that begins nothing
                json = json[2..];
            }
        }
        joined.Write(json);
        return joined.WrittenSpan.ToArray();
    }

    /// <returns>The UTF-16 unit that an escape at the beginning means; null when there is none of this form.</returns>
    private static char? UnitOf(ReadOnlySpan<byte> json) =>
        json.Length >= UnitBytes
        && json.StartsWith("\\u"u8)
        && Utf8Parser.TryParse(json[2..UnitBytes], out ushort unit, out _, 'X')
            ? (char)unit
            : null;

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject group:
                writer.WriteStartObject();
                foreach (var (name, value) in group.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, value);
                }
                writer.WriteEndObject();
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var item in list)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
