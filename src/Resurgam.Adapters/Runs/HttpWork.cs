using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class HttpWork(StepAction.Http action, StepCall call, ActionTools tools) : ActionWork(call, tools)
{
    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        var target = Target<Target.Web>(action.To);
        using HttpRequestMessage request = new(new HttpMethod(action.Method), $"{target.Url}{action.Path}");
        // draft-ietf-httpapi-idempotency-key-header: a server that knows it does the same request once.
        request.Headers.Add("Idempotency-Key", $"\"{Call.Run}/{Call.Step.Id}/{Call.Attempt}\"");
        if (action.Body is { } body)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        var status = await SendAsync(request, target, Tools, cancellationToken);
        return status == action.Status
            ? StepReport.Done(
                $"{action.Method} {action.Path}: {status.ToString(CultureInfo.InvariantCulture)}",
                new StepNote("status", status.ToString(CultureInfo.InvariantCulture))
            )
            : throw ActionProblems.HttpStatus($"{action.Method} {target.Url}{action.Path}", status, action.Status);
    }

    /// <summary>Sends and reads to the end of the headers; bodies of answers are nobody's business here.</summary>
    internal static async Task<int> SendAsync(
        HttpRequestMessage request,
        Target.Web target,
        ActionTools tools,
        CancellationToken cancellationToken
    )
    {
        if (target.Token is { } source)
        {
            var token = await tools.Secrets.ReadAsync(source, cancellationToken);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.ToText());
        }
        return await SendAsync(request, $"{request.Method} {request.RequestUri}", tools, cancellationToken);
    }

    /// <param name="what">For messages: where the address is a secret it is not in here.</param>
    internal static async Task<int> SendAsync(
        HttpRequestMessage request,
        string what,
        ActionTools tools,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var answer = await tools.Http.SendAsync(request, cancellationToken);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException e)
        {
            throw ActionProblems.HttpUnreachable(what, e.HttpRequestError.ToString());
        }
    }
}
