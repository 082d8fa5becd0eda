using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Dns.Route53;

/// <summary>Records in a hosted zone of Route 53.</summary>
internal sealed class HostedZone(
    Target.Route53 target,
    StepAction.DnsUpdate action,
    AmazonKey key,
    HttpMessageInvoker http,
    TimeProvider time
) : IRecordPlace
{
    /// <summary>The service allows five requests a second.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    private readonly RequestSignature _signature = new(key, target.Region, "route53");

    public async Task<RecordSet> ReadAsync(CancellationToken cancellationToken)
    {
        var name = Uri.EscapeDataString(Route53Xml.Whole(action.Name));
        var query = $"maxitems=1&name={name}&type={DnsWords.Of(action.Type)}";
        var body = await AskAsync(HttpMethod.Get, $"hostedzone/{target.ZoneId}/rrset?{query}", [], cancellationToken);
        return Read(() => Route53Xml.ReadSet(body, action.Name, action.Type))
            ?? throw DnsProblems.NotPlain($"{action.Name} {DnsWords.Of(action.Type)}");
    }

    /// <summary>Done when all servers of the service have it.</summary>
    public async Task<bool> TryReplaceAsync(RecordSet was, RecordSet now, CancellationToken cancellationToken)
    {
        var batch = Route53Xml.Change(action.Name, action.Type, was, now);
        byte[] body;
        try
        {
            body = await AskAsync(HttpMethod.Post, $"hostedzone/{target.ZoneId}/rrset/", batch, cancellationToken);
        }
        catch (BatchRefusedException)
        {
            return false; // what it takes away is not there any more, or not so
        }
        var (id, isEverywhere) = Read(() => Route53Xml.ReadChange(body));
        while (!isEverywhere)
        {
            await Task.Delay(BetweenLooks, time, cancellationToken);
            var answer = await AskAsync(HttpMethod.Get, $"change/{id}", [], cancellationToken);
            (_, isEverywhere) = Read(() => Route53Xml.ReadChange(answer));
        }
        return true;
    }

    private async Task<byte[]> AskAsync(
        HttpMethod method,
        string path,
        byte[] body,
        CancellationToken cancellationToken
    )
    {
        using HttpRequestMessage request = new(method, $"{target.Url}/{Route53Xml.Version}/{path}");
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new("application/xml");
        }
        _signature.Sign(request, body, time.GetUtcNow());
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            return answer.IsSuccessStatusCode ? bytes : throw Failure((int)answer.StatusCode, bytes);
        }
        catch (HttpRequestException e)
        {
            throw DnsProblems.Unreachable(target.Url, e.HttpRequestError.ToString(), e);
        }
    }

    private Exception Failure(int status, byte[] body)
    {
        var (code, message) = Route53Xml.ReadFailure(body);
        if (code == "InvalidChangeBatch")
            return new BatchRefusedException(message);
        return status >= 500 || code is "Throttling" or "ThrottlingException" or "PriorRequestNotComplete"
            ? DnsProblems.Unreachable(target.Url, $"it answers {status} {code}: {message}")
            : DnsProblems.Refused(
                target.Url,
                $"{code}: {message}",
                status,
                "The key needs route53:ListResourceRecordSets, ChangeResourceRecordSets and GetChange on the zone; and the clock of this machine has to be right."
            );
    }

    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw DnsProblems.Malformed(target.Url, e.Message);
        }
    }

    /// <summary>Stays inside of this class.</summary>
    private sealed class BatchRefusedException(string message) : Exception(message);
}
