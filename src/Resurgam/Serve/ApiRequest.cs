using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;

namespace Resurgam.Serve;

/// <summary>A request of somebody who is known.</summary>
/// <param name="Person">Who asks; nobody for what anybody may ask.</param>
/// <param name="Names">What stands in the path for the names in braces, in their order.</param>
internal sealed record ApiRequest(HttpContext Context, Person Person, IReadOnlyList<string> Names)
{
    public const int MostKeyLength = 200;

    /// <summary>The header of draft-ietf-httpapi-idempotency-key-header.</summary>
    private const string KeyHeader = "Idempotency-Key";

    /// <exception cref="ResurgamException"><c>api-key</c></exception>
    public string GetKey() =>
        Context.Request.Headers[KeyHeader] is [{ Length: > 0 and <= MostKeyLength } key]
        && !key.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? key
            : throw ApiProblems.NoKey();

    /// <exception cref="ResurgamException"><c>api-body</c></exception>
    public async Task<T> ReadAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (
            Context.Request.ContentType is not { } kind
            || kind.Split(';')[0].Trim() is var media
                && !media.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        )
            throw ApiProblems.BadBody("its Content-Type is not application/json");
        try
        {
            return await JsonSerializer.DeserializeAsync(Context.Request.Body, type, cancellationToken)
                ?? throw ApiProblems.BadBody("it is null");
        }
        catch (JsonException e)
        {
            throw ApiProblems.BadBody(e.Message);
        }
        catch (BadHttpRequestException e)
        {
            throw ApiProblems.BadBody(e.Message);
        }
    }
}

/// <param name="Location">Where to look for more; null: nowhere.</param>
internal sealed record HttpAnswer(int Status, string Type, string Body, string? Location = null);

/// <param name="Path">With names in braces.</param>
/// <param name="Right">Who asks has to have it; null: anybody may ask.</param>
internal sealed record HttpRoute(
    string Method,
    string Path,
    PersonRight? Right,
    Func<HttpFace, ApiRequest, Task<HttpAnswer>> Answer
)
{
    /// <returns>What stands for the names in braces; null when the path is another.</returns>
    public IReadOnlyList<string>? TryMatch(string path)
    {
        var (wanted, written) = (Path.Split('/'), path.Split('/'));
        if (wanted.Length != written.Length)
            return null;
        List<string> names = [];
        foreach (var (part, word) in wanted.Zip(written))
            if (part.StartsWith('{') && word.Length > 0)
                names.Add(Uri.UnescapeDataString(word));
            else if (part != word)
                return null;
        return names;
    }
}
