using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Resurgam.Core.Vaults.Format;

/// <summary>
/// Writes JSON byte for byte as Go's <c>encoding/json</c> does, so that a directory which restic has stored before
/// gives the same blob id.
/// </summary>
internal static class GoJson
{
    private static readonly SearchValues<char> Special = SearchValues.Create([
        .. Enumerable.Range(0, ' ').Select(c => (char)c),
        '"',
        '\\',
        '<',
        '>',
        '&',
        '\u2028',
        '\u2029',
    ]);

    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    public static Utf8JsonWriter CreateWriter(IBufferWriter<byte> output) => new(output, Options);

    /// <summary>The bytes of one small document.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        ArrayBufferWriter<byte> output = new(1024);
        using var json = CreateWriter(output);
        json.WriteStartObject();
        fields(json);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    extension(Utf8JsonWriter json)
    {
        /// <param name="field">Name of the field.</param>
        /// <param name="text">A surrogate without partner becomes <c>\ufffd</c>, as a byte that is not UTF-8 does in Go.</param>
        public void WriteText(ReadOnlySpan<byte> field, string text)
        {
            json.WritePropertyName(field);
            json.WriteText(text);
        }

        /// <summary>As <c>omitempty</c>: nothing when there is nothing.</summary>
        public void WriteTextUnlessEmpty(ReadOnlySpan<byte> field, string? text)
        {
            if (!string.IsNullOrEmpty(text))
                json.WriteText(field, text);
        }

        public void WriteText(string text)
        {
            if (!NeedsEscapes(text))
                json.WriteRawValue($"\"{text}\"", skipInputValidation: true);
            else
                json.WriteRawValue(Escape(text), skipInputValidation: true);
        }

        public void WriteTexts(ReadOnlySpan<byte> field, IReadOnlyList<string> texts)
        {
            json.WriteStartArray(field);
            foreach (var text in texts)
                json.WriteText(text);
            json.WriteEndArray();
        }

        /// <summary>As <c>omitempty</c>: nothing when zero.</summary>
        public void WriteNumberUnlessZero(ReadOnlySpan<byte> field, ulong number)
        {
            if (number != 0)
                json.WriteNumber(field, number);
        }

        public void WriteTime(ReadOnlySpan<byte> field, UnixTime time) => json.WriteText(field, time.ToString());

        public void WriteId(ReadOnlySpan<byte> field, BlobId id)
        {
            json.WritePropertyName(field);
            json.WriteId(id);
        }

        public void WriteId(BlobId id)
        {
            Span<byte> bytes = stackalloc byte[BlobId.LengthBytes];
            Span<byte> hex = stackalloc byte[2 * BlobId.LengthBytes + 2];
            id.CopyTo(bytes);
            Convert.TryToHexStringLower(bytes, hex[1..], out _);
            hex[0] = hex[^1] = (byte)'"';
            json.WriteRawValue(hex, skipInputValidation: true);
        }
    }

    private static bool NeedsEscapes(string text) =>
        text.AsSpan().ContainsAny(Special) || text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');

    private static string Escape(string text)
    {
        StringBuilder json = new("\"", text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsSurrogate(c))
            {
                if (i + 1 < text.Length && char.IsSurrogatePair(c, text[i + 1]))
                    json.Append(c).Append(text[++i]);
                else
                    json.Append(@"\ufffd");
            }
            else if (!Special.Contains(c))
                json.Append(c);
            else
                json.Append(
                    c switch
                    {
                        '"' => "\\\"",
                        '\\' => @"\\",
                        '\n' => @"\n",
                        '\r' => @"\r",
                        '\t' => @"\t",
                        _ => $@"\u{(int)c:x4}",
                    }
                );
        }
        return json.Append('"').ToString();
    }
}
