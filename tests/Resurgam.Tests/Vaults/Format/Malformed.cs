using System.Text.Json.Nodes;
using CsCheck;
using Resurgam.Core.Problems;

namespace Resurgam.Tests.Vaults.Format;

/// <summary>Input of every kind for readers that may refuse it, and may do nothing else.</summary>
internal static class Malformed
{
    private static readonly Gen<string> Values = Gen.OneOf(
        "null",
        "true",
        "0",
        "-1",
        "1e99",
        "1.5",
        "4294967296",
        "18446744073709551615",
        "99999999999999999999999",
        "\"\"",
        "\"x\"",
        "\"..\"",
        "\"a/b\"",
        "\"\\\\\"",
        "\"\\\\xff\\\\777\\\\UFFFFFFFF\"",
        "\"\\ud800\"",
        "\"\\u0000\"",
        "\"0000-01-01T00:00:00Z\"",
        "\"2026-02-29T24:00:00Z\"",
        "\"2026-11-23T14:31:04.9999999999999999999999+23:59\"",
        "[]",
        "[null]",
        "[1]",
        "[\"x\"]",
        "[[[[]]]]",
        "{}",
        "[{}]",
        "{\"name\":null}"
    );

    public static void OrFine(Action read)
    {
        try
        {
            read();
        }
        catch (ResurgamException)
        {
            // A refusal is one of the two right answers.
        }
    }

    /// <summary>The document with bytes changed, left out and put in.</summary>
    public static Gen<byte[]> BytesOf(string document) =>
        Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[0, 2], Gen.Byte)
            .Array[1, 5]
            .Select(changes =>
            {
                List<byte> bytes = [.. GoldenDocuments.Utf8(document)];
                foreach (var (place, kind, value) in changes)
                {
                    var index = place % bytes.Count;
                    if (kind == 0)
                        bytes[index] = value;
                    else if (kind == 1)
                        bytes.Insert(index, value);
                    else
                        bytes.RemoveAt(index);
                }
                return bytes.ToArray();
            });

    /// <summary>The document cut off anywhere.</summary>
    public static Gen<byte[]> PrefixOf(string document)
    {
        var bytes = GoldenDocuments.Utf8(document);
        return Gen.Int[0, bytes.Length - 1].Select(length => bytes[..length]);
    }

    /// <summary>The document, still JSON, with one value anywhere exchanged for another.</summary>
    public static Gen<byte[]> ValuesOf(string document) =>
        Gen.Select(Gen.Int[0, 1 << 20], Values)
            .Select(
                (place, value) =>
                {
                    var root = JsonNode.Parse(document)!;
                    List<Action<JsonNode?>> places = [];
                    Collect(root, places);
                    const string Mark = "\u0001mark";
                    places[place % places.Count](JsonValue.Create(Mark));
                    var json = root.ToJsonString().Replace("\"\\u0001mark\"", value, StringComparison.Ordinal);
                    return GoldenDocuments.Utf8(json);
                }
            );

    private static void Collect(JsonNode? node, List<Action<JsonNode?>> places)
    {
        if (node is JsonObject fields)
            foreach (var (name, value) in fields.ToList())
            {
                places.Add(other => fields[name] = other);
                Collect(value, places);
            }
        if (node is JsonArray items)
            for (var i = 0; i < items.Count; i++)
            {
                var index = i;
                places.Add(other => items[index] = other);
                Collect(items[i], places);
            }
    }
}
