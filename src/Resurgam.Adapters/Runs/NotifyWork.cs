using System.Text.Json;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

internal sealed class NotifyWork(StepAction.Notify action, StepCall call, ActionTools tools) : ActionWork(call, tools)
{
    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        var target = Target<Target.Webhook>(action.To);
        var url = await Tools.Secrets.ReadAsync(target.Url, cancellationToken);
        if (
            !Uri.TryCreate(url.ToText(), UriKind.Absolute, out var address)
            || !address.Scheme.StartsWith("http", StringComparison.Ordinal)
        )
            throw ActionProblems.BadAddress(action.To);
        using HttpRequestMessage request = new(HttpMethod.Post, address);
        request.Content = new ByteArrayContent(Message());
        request.Content.Headers.ContentType = new("application/json", "utf-8");
        var status = await HttpWork.SendAsync(request, $"the address of {action.To}", Tools, cancellationToken);
        return status is >= 200 and < 300
            ? StepReport.Done($"{action.To} took the message")
            : throw ActionProblems.HttpStatus($"the message to {action.To}", status, 200);
    }

    /// <summary><c>text</c> is what Slack, Teams, Mattermost and their like show; the key tells a message that comes again.</summary>
    private byte[] Message()
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("text", action.Text);
            json.WriteString("run", Call.Run.Value);
            json.WriteString("step", Call.Step.Id.Value);
            json.WriteString("key", $"{Call.Run}/{Call.Step.Id}");
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }
}
