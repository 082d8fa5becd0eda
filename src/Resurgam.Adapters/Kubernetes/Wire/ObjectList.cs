using System.Text.Json.Nodes;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Wire;

/// <summary>What is listed.</summary>
internal sealed record ListRequest(ResourceType Type)
{
    /// <summary>Null: of all namespaces.</summary>
    public string? Namespace { get; init; }

    /// <summary>Label selector; null: all.</summary>
    public string? Selector { get; init; }

    /// <summary>The moment that the list shall show, while the server still has it. Null: now.</summary>
    public string? Moment { get; init; }
}

/// <param name="ResourceVersion">The moment that it shows; null when a program that keeps none answered.</param>
internal sealed record ListResult(IReadOnlyList<JsonObject> Items, string? ResourceVersion);

/// <summary>The list is denied: the server's words.</summary>
internal sealed record ListRefusal(string Message);

/// <summary>Lists objects in pages, all of one moment.</summary>
internal sealed class ObjectList(ApiConnection api)
{
    /// <summary>As kubectl has it.</summary>
    private const int PageItems = 500;

    /// <summary>A list whose moment the server gave up is begun again so often; the last time in one piece, which cannot expire.</summary>
    private const int MostRestarts = 3;

    /// <returns>Null with the refusal when we may not list it.</returns>
    /// <exception cref="Core.Problems.ResurgamException">The server fails.</exception>
    public async Task<(ListResult? Result, ListRefusal? Refusal)> ReadAsync(
        ListRequest request,
        CancellationToken cancellationToken
    )
    {
        var moment = request.Moment;
        for (var restarts = 0; ; restarts++)
        {
            var (result, answer) = await TryAsync(
                request,
                moment,
                isWhole: restarts >= MostRestarts,
                cancellationToken
            );
            if (result is not null)
                return (result, null);
            if (answer is { Status: 403 or 404 or 405 })
                return (null, new ListRefusal(answer.Message));
            // An expired moment; or one that the program behind the type does not know, which some tell by 400, some by 500 or 504.
            var isOfMoment = moment is not null && answer is { Status: 400 or >= 500 };
            if ((answer?.Status != ApiAnswer.Gone && !isOfMoment) || restarts >= MostRestarts)
                throw api.Refusal(request.Type.PathOf(request.Namespace), answer ?? new ApiAnswer(0, []));
            moment = null;
        }
    }

    private async Task<(ListResult? Result, ApiAnswer? Answer)> TryAsync(
        ListRequest request,
        string? moment,
        bool isWhole,
        CancellationToken cancellationToken
    )
    {
        List<JsonObject> items = [];
        string? next = null;
        do
        {
            var answer = await api.SendAsync(ApiRequest.Get(PathOf(request, moment, isWhole, next)), cancellationToken);
            if (!answer.IsGood || answer.Json is not { } json)
                return (null, answer);
            items.AddRange(json.Items("items"));
            next = json.FindText("metadata", "continue");
            if (next is not { Length: > 0 })
                return (new ListResult(items, json.FindText("metadata", "resourceVersion")), null);
        } while (true);
    }

    private static string PathOf(ListRequest request, string? moment, bool isWhole, string? next)
    {
        List<string> query = [];
        if (!isWhole)
            query.Add($"limit={PageItems}");
        if (request.Selector is { } selector)
            query.Add($"labelSelector={Uri.EscapeDataString(selector)}");
        if (next is not null)
            query.Add($"continue={Uri.EscapeDataString(next)}"); // knows its moment itself
        else if (moment is not null)
            query.Add($"resourceVersion={Uri.EscapeDataString(moment)}&resourceVersionMatch=Exact");
        var path = request.Type.PathOf(request.Namespace);
        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }
}
