using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Yaml;

namespace Resurgam.Core.Kubernetes;

/// <summary>Reads the objects of a manifest: JSON, or documents of YAML as kubectl takes them, without aliases and tags.</summary>
public static class ManifestFile
{
    /// <summary>Words that are true or false in one version of YAML and texts in the next.</summary>
    private static readonly string[] Doubtful = ["y", "yes", "on", "n", "no", "off"];

    private static readonly string[] Endings = [".json", ".yaml", ".yml"];

    public static bool IsManifest(string path) =>
        Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <param name="file">For messages.</param>
    /// <returns>One object each; lists are taken apart.</returns>
    /// <exception cref="Problems.ResurgamException">It is none.</exception>
    public static IReadOnlyList<JsonObject> Read(string text, string file) =>
        [
            .. (text.AsSpan().TrimStart().StartsWith("{") ? [ReadJson(text, file)] : ReadYaml(text, file)).SelectMany(
                TakeApart
            ),
        ];

    /// <exception cref="Problems.ResurgamException">It does not say what it is.</exception>
    public static ObjectKey KeyOf(JsonObject json, string file)
    {
        var version = json.FindText("apiVersion") ?? "";
        var slash = version.IndexOf('/');
        return
            version.Length > 0
            && json.FindText("kind") is { Length: > 0 } kind
            && json.FindText("metadata", "name") is { Length: > 0 } name
            ? new ObjectKey(
                slash < 0 ? "" : version[..slash],
                version[(slash + 1)..],
                kind,
                json.FindText("metadata", "namespace"),
                name
            )
            : throw KubernetesFormatProblems.BadManifest(file, "an object lacks apiVersion, kind or metadata.name");
    }

    private static IEnumerable<JsonObject> TakeApart(JsonObject json) =>
        json.FindText("kind")?.EndsWith("List", StringComparison.Ordinal) == true && json["items"] is JsonArray
            ? json.Items("items").Select(item => (JsonObject)item.DeepClone())
            : [json];

    private static JsonObject ReadJson(string text, string file)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject
                ?? throw KubernetesFormatProblems.BadManifest(file, "it holds no group of keys");
        }
        catch (JsonException e)
        {
            throw KubernetesFormatProblems.BadManifest(file, e.Message);
        }
    }

    private static List<JsonObject> ReadYaml(string text, string file)
    {
        List<JsonObject> objects = [];
        List<string> document = [];
        var begin = 0;
        var lines = text.Split('\n');
        for (var i = 0; i <= lines.Length; i++)
        {
            if (i < lines.Length && lines[i].TrimEnd() is not "---")
            {
                document.Add(lines[i]);
                continue;
            }
            // An empty document, as between two marks, is nothing.
            if (document.Any(line => line.TrimStart() is { Length: > 0 } some && !some.StartsWith('#')))
                objects.Add(ReadDocument(string.Join('\n', document), begin, file));
            document.Clear();
            begin = i + 1;
        }
        return objects;
    }

    /// <param name="begin">Lines before it.</param>
    private static JsonObject ReadDocument(string yaml, int begin, string file)
    {
        PlanReport report = new(file);
        var root = YamlTree.Read(yaml, report);
        if (report.ToReading().Problems is [var first, ..])
            throw KubernetesFormatProblems.BadManifest(
                file,
                string.Create(CultureInfo.InvariantCulture, $"line {first.Line + begin}: {first.Problem.What}")
            );
        return root is not null && ToJson(root, file, begin) is JsonObject json
            ? json
            : throw KubernetesFormatProblems.BadManifest(
                file,
                string.Create(CultureInfo.InvariantCulture, $"line {begin + 1}: the document holds no group of keys")
            );
    }

    private static JsonNode? ToJson(YamlNode node, string file, int begin)
    {
        switch (node)
        {
            case YamlNode.Scalar { IsNothing: true }:
                return null;
            case YamlNode.Scalar { IsPlain: true } plain:
                if (Doubtful.Contains(plain.Text.ToLowerInvariant()))
                    throw KubernetesFormatProblems.BadManifest(
                        file,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"line {plain.At.Line + begin}: '{plain.Text}' is true or false to some programs and a text to others: write it in quotes, or true or false"
                        )
                    );
                return OfPlain(plain.Text);
            case YamlNode.Scalar scalar:
                return JsonValue.Create(scalar.Text);
            case YamlNode.Sequence list:
                return new JsonArray([.. list.Items.Select(item => ToJson(item, file, begin))]);
            case YamlNode.Mapping group:
                return new JsonObject(
                    group
                        .Entries.DistinctBy(entry => entry.Key.Text)
                        .Select(entry => KeyValuePair.Create(entry.Key.Text, ToJson(entry.Value, file, begin)))
                );
            default:
                throw new System.Diagnostics.UnreachableException($"no JSON is written for {node.Shape}");
        }
    }

    /// <summary>YAML 1.2, core schema: true, false, numbers; the rest is text.</summary>
    private static JsonValue OfPlain(string text)
    {
        if (text is "true" or "True" or "TRUE")
            return JsonValue.Create(true);
        if (text is "false" or "False" or "FALSE")
            return JsonValue.Create(false);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return text.TrimStart('-', '+') is ['0', _, ..] ? JsonValue.Create(text) : JsonValue.Create(whole);
        const NumberStyles number =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return
            text.Any(char.IsAsciiDigit)
            && double.TryParse(text, number, CultureInfo.InvariantCulture, out var real)
            && double.IsFinite(real)
            ? JsonValue.Create(real)
            : JsonValue.Create(text);
    }
}
