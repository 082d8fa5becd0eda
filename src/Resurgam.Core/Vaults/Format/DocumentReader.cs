using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Resurgam.Core.Vaults.Format;

/// <summary>
/// Reads one JSON document field by field, as Go's <c>encoding/json</c> would: null is the zero value, the last of two
/// equal fields counts, unknown fields are skipped. Whatever else does not fit is a problem that names the document.
/// </summary>
internal ref struct DocumentReader
{
    private readonly string _document;
    private Utf8JsonReader _json;

    /// <summary>Reads up to and into the object that the document is.</summary>
    public DocumentReader(string document, ReadOnlySpan<byte> json)
    {
        _document = document;
        _json = new Utf8JsonReader(json);
        Advance();
        if (_json.TokenType != JsonTokenType.StartObject)
            throw Malformed("it is not a JSON object");
    }

    /// <summary>Name of the field that <see cref="NextField"/> has come to.</summary>
    public ReadOnlySpan<byte> Field { get; private set; }

    public readonly bool IsNull => _json.TokenType == JsonTokenType.Null;

    public readonly Exception Malformed(string wrong, Exception? cause = null) =>
        FormatProblems.Malformed(_document, wrong, cause);

    /// <summary>Goes to the value of the next field of the object.</summary>
    /// <returns>False at the end of the object.</returns>
    public bool NextField()
    {
        Advance();
        if (_json.TokenType == JsonTokenType.EndObject)
            return false;
        Field = _json.ValueIsEscaped ? Unescaped() : _json.ValueSpan;
        Advance();
        return true;
    }

    /// <summary>Goes into an object; null is one without fields.</summary>
    public readonly bool BeginObject() => Begin(JsonTokenType.StartObject, "an object");

    /// <summary>Goes into an array; null is an empty one.</summary>
    public readonly bool BeginArray() => Begin(JsonTokenType.StartArray, "an array");

    /// <summary>Goes to the next value of the array.</summary>
    /// <returns>False at the end of the array.</returns>
    public bool NextItem()
    {
        Advance();
        return _json.TokenType != JsonTokenType.EndArray;
    }

    public void SkipValue()
    {
        try
        {
            _json.Skip();
        }
        catch (JsonException e)
        {
            throw Malformed(e.Message, e);
        }
    }

    /// <summary>After the last field: nothing may follow.</summary>
    public void EndDocument()
    {
        try
        {
            if (_json.Read())
                throw Malformed("something follows its end");
        }
        catch (JsonException e)
        {
            throw Malformed(e.Message, e);
        }
    }

    public readonly string Text() => Encoding.UTF8.GetString(TextBytes());

    /// <returns>Null for null and for the empty string, which Go leaves out as well.</returns>
    public readonly string? TextOrNull() => Text() is { Length: > 0 } text ? text : null;

    /// <summary>The unescaped string, valid UTF-8.</summary>
    public readonly ReadOnlySpan<byte> TextBytes()
    {
        if (IsNull)
            return [];
        Expect(JsonTokenType.String, "a string");
        if (_json.ValueIsEscaped)
            return Unescaped();
        return Utf8.IsValid(_json.ValueSpan) ? _json.ValueSpan : throw Malformed($"{Name} is not UTF-8");
    }

    public List<string> Texts()
    {
        List<string> texts = [];
        if (BeginArray())
            while (NextItem())
                texts.Add(Text());
        return texts;
    }

    public readonly byte[] Base64()
    {
        if (IsNull)
            return [];
        Expect(JsonTokenType.String, "base64");
        try
        {
            return _json.TryGetBytesFromBase64(out var bytes) ? bytes : throw Malformed($"{Name} is not base64");
        }
        catch (InvalidOperationException e)
        {
            throw Malformed($"{Name} is not UTF-8", e);
        }
    }

    public readonly bool Boolean()
    {
        if (IsNull)
            return false;
        return _json.TokenType is JsonTokenType.True or JsonTokenType.False
            ? _json.GetBoolean()
            : throw Malformed($"{Name} is not true or false");
    }

    public readonly uint UInt32() =>
        IsNull ? 0
        : IsNumber && _json.TryGetUInt32(out var value) ? value
        : throw Malformed($"{Name} is not a number from 0 to {uint.MaxValue}");

    public readonly int Int32() =>
        IsNull ? 0
        : IsNumber && _json.TryGetInt32(out var value) ? value
        : throw Malformed($"{Name} is not a number from {int.MinValue} to {int.MaxValue}");

    public readonly ulong UInt64() =>
        IsNull ? 0
        : IsNumber && _json.TryGetUInt64(out var value) ? value
        : throw Malformed($"{Name} is not a number from 0 to {ulong.MaxValue}");

    public readonly UnixTime Time() =>
        IsNull ? default
        : UnixTime.TryParse(TextBytes(), out var time) ? time
        : throw Malformed($"{Name} is '{Text()}', which is not a time");

    public readonly BlobId? IdOrNull() => IsNull ? null : Id();

    public readonly BlobId Id()
    {
        Expect(JsonTokenType.String, "an id");
        Span<byte> bytes = stackalloc byte[BlobId.LengthBytes];
        var hex = TextBytes();
        return
            hex.Length == 2 * BlobId.LengthBytes
            && Convert.FromHexString(hex, bytes, out _, out _) == OperationStatus.Done
            ? BlobId.From(bytes)
            : throw Malformed($"{Name} is '{Text()}', which is not an id of 64 hexadecimal digits");
    }

    private readonly string Name => $"'{Encoding.UTF8.GetString(Field)}'";

    private readonly bool IsNumber => _json.TokenType == JsonTokenType.Number;

    private readonly bool Begin(JsonTokenType token, string what)
    {
        if (IsNull)
            return false;
        Expect(token, what);
        return true;
    }

    private readonly void Expect(JsonTokenType token, string what)
    {
        if (_json.TokenType != token)
            throw Malformed($"{Name} is not {what}");
    }

    private readonly byte[] Unescaped()
    {
        var bytes = new byte[_json.ValueSpan.Length];
        try
        {
            return bytes[.._json.CopyString(bytes)];
        }
        catch (InvalidOperationException e)
        {
            throw Malformed("a string in it is not UTF-8", e);
        }
    }

    private void Advance()
    {
        try
        {
            if (!_json.Read())
                throw Malformed("it is cut off");
        }
        catch (JsonException e)
        {
            throw Malformed(e.Message, e);
        }
    }
}
