using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Wire;

/// <summary>One request to an API server.</summary>
/// <param name="Path">With its query.</param>
public sealed record ApiRequest(HttpMethod Method, string Path)
{
    public const string ApplyType = "application/apply-patch+yaml"; // JSON is YAML
    public const string MergeType = "application/merge-patch+json";

    /// <summary>Null: none.</summary>
    public byte[]? Body { get; init; }

    public string BodyType { get; init; } = "application/json";

    /// <summary>A 429 is the answer, not a wish that we come later: so it is for evictions.</summary>
    public bool IsImpatient { get; init; }

    public static ApiRequest Get(string path) => new(HttpMethod.Get, path);
}

/// <summary>What came back, whatever it says.</summary>
/// <param name="Status">Of HTTP.</param>
public sealed record ApiAnswer(int Status, byte[] Content)
{
    public const int NotFound = 404;
    public const int Conflict = 409;
    public const int Gone = 410;
    public const int UnknownBodyType = 415;
    public const int TooMany = 429;

    /// <summary>Reason of a cause: a field that another manager owns.</summary>
    public const string FieldConflict = "FieldManagerConflict";

    public bool IsGood => Status is >= 200 and < 300;

    /// <summary>Null when it is no group.</summary>
    public JsonObject? Json { get; } = TryParse(Content);

    public string Text => Encoding.UTF8.GetString(Content);

    /// <summary>Why not, in the server's words.</summary>
    public string Message =>
        Json.FindText("message") is { } message ? message
        : Text.Trim() is { Length: > 0 and < 500 } text ? $"status {Status}: {text}"
        : $"status {Status}";

    /// <summary>A program that the server has to ask before it writes does not answer. The server itself is well, and has waited for it already.</summary>
    public bool IsOfWebhook => Status >= 500 && Message.Contains("failed calling webhook", StringComparison.Ordinal);

    /// <summary>The word for it: <c>Conflict</c>, <c>AlreadyExists</c>; null when there is none.</summary>
    public string? Reason => Json.FindText("reason");

    private static JsonObject? TryParse(byte[] content)
    {
        try
        {
            return content is [(byte)'{', ..] ? JsonNode.Parse(content) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null; // who needs a group finds none
        }
    }
}
