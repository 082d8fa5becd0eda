using System.Text.Json;
using Resurgam.Adapters.Mail;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>
/// The run is the outbox: the intent is in the ledger before anything is sent, and an attempt that was cut off is repeated, each time
/// with the same id.
/// </summary>
internal sealed class NotifyWork(StepAction.Notify action, StepCall call, ActionTools tools) : ActionWork(call, tools)
{
    /// <summary>About a minute and a half: then the run goes on, or a person looks.</summary>
    private const int MostTries = 8;

    /// <summary>A server that says nothing for so long is out of reach.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using CancellationTokenSource limit = new(Patience, Tools.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                return await SendAsync(either.Token);
            }
            catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry && attempt < MostTries)
            {
                await Task.Delay(PauseAfter(attempt), Tools.Time, cancellationToken); // it may be back then
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                if (attempt == MostTries)
                    throw ActionProblems.Silent($"the server of {action.To}", Patience);
            }
        }
    }

    private Task<StepReport> SendAsync(CancellationToken cancellationToken) =>
        Target<Target>(action.To) switch
        {
            Target.Mail mail => MailAsync(mail, cancellationToken),
            var other => PostAsync((Target.Webhook)other, cancellationToken),
        };

    private async Task<StepReport> PostAsync(Target.Webhook target, CancellationToken cancellationToken)
    {
        var url = await Tools.Secrets.ReadAsync(target.Url, cancellationToken);
        if (
            !Uri.TryCreate(url.ToText(), UriKind.Absolute, out var address)
            || !address.Scheme.StartsWith("http", StringComparison.Ordinal)
        )
            throw ActionProblems.BadAddress(action.To);
        using HttpRequestMessage request = new(HttpMethod.Post, address);
        request.Headers.Add("Idempotency-Key", $"\"{Key}\"");
        request.Content = new ByteArrayContent(Message());
        request.Content.Headers.ContentType = new("application/json", "utf-8");
        var status = await HttpWork.SendAsync(request, $"the address of {action.To}", Tools, cancellationToken);
        return status switch
        {
            >= 200 and < 300 => StepReport.Done($"{action.To} took the message"),
            408 or 429 or >= 500 => throw ActionProblems.HttpBusy($"the message to {action.To}", status),
            _ => throw ActionProblems.HttpStatus($"the message to {action.To}", status, 200),
        };
    }

    private async Task<StepReport> MailAsync(Target.Mail target, CancellationToken cancellationToken)
    {
        var password = target.Password is { } source ? await Tools.Secrets.ReadAsync(source, cancellationToken) : null;
        await using var session = await SmtpSession.OpenAsync(target, password, cancellationToken);
        var refused = await session.SendAsync(
            new MailMessage
            {
                From = target.From,
                To = target.To,
                Subject = action.Subject ?? Call.Step.Title,
                Text = action.Text,
                Id = $"{Call.Run}.{Call.Step.Id}@{target.From[(target.From.IndexOf('@') + 1)..]}",
                SentAt = Tools.Time.GetUtcNow(),
            },
            cancellationToken
        );
        return refused.Count == 0
            ? StepReport.Done($"{action.To} took the message for {target.To.Count}")
            : StepReport.Failed($"{action.To} took the message, but not for {string.Join("; ", refused)}");
    }

    private string Key => $"{Call.Run}/{Call.Step.Id}";

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
            json.WriteString("key", Key);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static TimeSpan PauseAfter(int attempt)
    {
        var pause = TimeSpan.FromSeconds(Math.Pow(2, attempt - 1));
        return pause < LongestPause ? pause : LongestPause;
    }
}
