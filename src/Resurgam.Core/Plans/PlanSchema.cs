using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Resurgam.Core.Plans.Kinds;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Runs;

namespace Resurgam.Core.Plans;

/// <summary>JSON Schema (2020-12) of the plan file, for editors, made from the keys that the reader uses.</summary>
/// <remarks>
/// It is wider than the reader: a value may be any text where a type has a form of its own, and what keys mean together only
/// <c>plan check</c> knows. What it refuses the reader refuses too.
/// </remarks>
public static class PlanSchema
{
    private const string StepPart = "step";
    private const string UndoPart = "undo";
    private const string ConditionPart = "condition";
    private const string InputsPart = "inputs";

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
            WriteParts(json);
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
            if (key == AssetKeys.Kind || key == TargetKeys.Kind)
                json.WriteString("const", kind);
            else
                WriteValue(json, key, path.Length == 0 ? key.Name : $"{path}.{key.Name}");
            json.WriteEndObject();
        }
        json.WriteEndObject();
        var required = section.Keys.Where(key => key.IsRequired).ToList();
        if (required.Count > 0)
            WriteRequired(json, required);
    }

    private static void WriteRequired(Utf8JsonWriter json, IReadOnlyList<PlanKey> keys)
    {
        json.WriteStartArray("required");
        foreach (var key in keys)
            json.WriteStringValue(key.Name);
        json.WriteEndArray();
    }

    /// <summary>Where no section describes what is inside, anything is right.</summary>
    private static void WriteValue(Utf8JsonWriter json, PlanKey key, string path)
    {
        if (path == "assets")
            WriteKinds(json, AssetKinds.All.Select(each => (each.Name, each.Sections[0])), "assets.NAME");
        else if (key == TargetKeys.Targets)
            WriteKinds(json, TargetForms.All.Select(each => (each.Kind, each.Section)), "targets.NAME");
        else if (TargetForms.DrillSectionBelow(key) is { } bound)
            WriteKeys(json, bound, bound.Path);
        else if (key == RunbookKeys.Steps || key == DrillKeys.Prepare || key == DrillKeys.Inject)
        {
            json.WriteString("type", "object");
            WriteReference(json, "additionalProperties", StepPart);
        }
        else if (key == RunbookKeys.Precondition || key == RunbookKeys.Postcondition)
            json.WriteString("$ref", ReferenceTo(ConditionPart));
        else if (key == RunbookKeys.SteadyState || key == DrillKeys.Holds || key == StepAction.Hold.ConditionsKey)
        {
            json.WriteString("type", "array");
            WriteReference(json, "items", ConditionPart);
        }
        else if (key == RunbookKeys.Undo)
            json.WriteString("$ref", ReferenceTo(UndoPart));
        else if (key == RunbookKeys.Action)
            WriteActions(json);
        else if (DrillKeys.SectionBelow(key) is { } newest)
            WriteKeys(json, newest, newest.Path);
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

    private static void WriteKinds(
        Utf8JsonWriter json,
        IEnumerable<(string Name, PlanSection Section)> kinds,
        string path
    )
    {
        json.WriteString("type", "object");
        json.WriteStartObject("additionalProperties");
        json.WriteStartArray("oneOf");
        foreach (var (name, section) in kinds)
        {
            json.WriteStartObject();
            json.WriteString("title", name);
            WriteKeys(json, section, path, name);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>What stands in several places.</summary>
    private static void WriteParts(Utf8JsonWriter json)
    {
        json.WriteStartObject("$defs");
        foreach (
            var (name, section) in new[]
            {
                (StepPart, RunbookKeys.StepSection),
                (UndoPart, RunbookKeys.UndoSection),
                (ConditionPart, RunbookKeys.ConditionSection),
            }
        )
        {
            json.WriteStartObject(name);
            WriteKeys(json, section, section.Path);
            if (section != RunbookKeys.ConditionSection)
            {
                json.WriteStartArray("allOf");
                json.WriteStartObject();
                json.WriteString("$ref", ReferenceTo(InputsPart));
                json.WriteEndObject();
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        json.WriteStartObject(InputsPart);
        WriteInputs(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteActions(Utf8JsonWriter json)
    {
        json.WriteStartArray("enum");
        foreach (var form in ActionForms.All)
            json.WriteStringValue(form.Name);
        json.WriteEndArray();
    }

    /// <summary>The action decides the keys of <c>with</c>.</summary>
    private static void WriteInputs(Utf8JsonWriter json)
    {
        json.WriteStartArray("allOf");
        foreach (var form in ActionForms.All)
        {
            json.WriteStartObject();
            json.WriteStartObject("if");
            json.WriteStartObject("properties");
            json.WriteStartObject(RunbookKeys.Action.Name);
            json.WriteString("const", form.Name);
            json.WriteEndObject();
            json.WriteEndObject();
            WriteRequired(json, [RunbookKeys.Action]);
            json.WriteEndObject();
            json.WriteStartObject("then");
            json.WriteStartObject("properties");
            json.WriteStartObject(RunbookKeys.With.Name);
            json.WriteString("description", form.About);
            WriteKeys(json, form.Section, form.Section.Path);
            json.WriteEndObject();
            json.WriteEndObject();
            if (form.Keys.Any(key => key.IsRequired))
                WriteRequired(json, [RunbookKeys.With]);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteReference(Utf8JsonWriter json, string name, string part)
    {
        json.WriteStartObject(name);
        json.WriteString("$ref", ReferenceTo(part));
        json.WriteEndObject();
    }

    private static string ReferenceTo(string part) => $"#/$defs/{part}";

    private static PlanSection? Find(string path) => PlanKeys.Sections.FirstOrDefault(section => section.Path == path);
}
