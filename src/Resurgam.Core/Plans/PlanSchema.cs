using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Resurgam.Core.Plans.Kinds;

namespace Resurgam.Core.Plans;

/// <summary>JSON Schema (2020-12) of the plan file, for editors, made from the keys that the reader uses.</summary>
/// <remarks>
/// It is wider than the reader: a value may be any text where a type has a form of its own, and what keys mean together only
/// <c>plan check</c> knows. What it refuses the reader refuses too.
/// </remarks>
public static class PlanSchema
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Text()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("title", "Plan of resurgam");
            WriteKeys(json, PlanKeys.Root, "");
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <param name="kind">What <c>kind</c> must be; null where no kind decides.</param>
    private static void WriteKeys(Utf8JsonWriter json, PlanSection section, string path, string? kind = null)
    {
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        foreach (var key in section.Keys)
        {
            json.WriteStartObject(key.Name);
            json.WriteString("description", key.About);
            if (key == AssetKeys.Kind)
                json.WriteString("const", kind);
            else
                WriteValue(json, key, path.Length == 0 ? key.Name : $"{path}.{key.Name}");
            json.WriteEndObject();
        }
        json.WriteEndObject();
        var required = section.Keys.Where(key => key.IsRequired).ToList();
        if (required.Count == 0)
            return;
        json.WriteStartArray("required");
        foreach (var key in required)
            json.WriteStringValue(key.Name);
        json.WriteEndArray();
    }

    /// <summary>Where no section describes what is inside, anything is right.</summary>
    private static void WriteValue(Utf8JsonWriter json, PlanKey key, string path)
    {
        if (path == "assets")
            WriteAssets(json);
        else if (Find(path) is { } one)
            WriteKeys(json, one, path);
        else if (Find($"{path}.NAME") is { } named)
        {
            json.WriteString("type", "object");
            json.WriteStartObject("additionalProperties");
            WriteKeys(json, named, named.Path);
            json.WriteEndObject();
        }
        else if (Find($"{path}[]") is { } each)
        {
            json.WriteString("type", "array");
            json.WriteStartObject("items");
            WriteKeys(json, each, each.Path);
            json.WriteEndObject();
        }
        else if (key.Type.StartsWith("list", StringComparison.Ordinal))
            json.WriteString("type", "array");
        else if (key.Type.StartsWith("group", StringComparison.Ordinal))
            json.WriteString("type", "object");
        else
            WriteScalar(json, key);
    }

    /// <summary>Editors take `true`, `5` and `1.0` for no text; the reader takes them as written.</summary>
    private static void WriteScalar(Utf8JsonWriter json, PlanKey key)
    {
        json.WriteStartArray("type");
        foreach (var type in (string[])["string", "number", "boolean"])
            json.WriteStringValue(type);
        json.WriteEndArray();
        json.WriteStartArray("examples");
        json.WriteStringValue(key.Example.Trim('\''));
        json.WriteEndArray();
    }

    private static void WriteAssets(Utf8JsonWriter json)
    {
        json.WriteString("type", "object");
        json.WriteStartObject("additionalProperties");
        json.WriteStartArray("oneOf");
        foreach (var kind in AssetKinds.All)
        {
            json.WriteStartObject();
            json.WriteString("title", kind.Name);
            WriteKeys(json, kind.Sections[0], "assets.NAME", kind.Name);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static PlanSection? Find(string path) => PlanKeys.Sections.FirstOrDefault(section => section.Path == path);
}
