using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Network;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Wire;

/// <summary>A client of the Kubernetes API: JSON in, JSON out, for objects of any kind. Thread-safe.</summary>
/// <remarks>Every request that we send may be sent twice: reads, server-side apply, deletions.</remarks>
public sealed class ApiConnection : IDisposable
{
    /// <summary>For one request; lists come in pages.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(2);

    /// <summary>A server that is throttled says how long we shall wait; nobody is believed more than this.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);

    /// <summary>Of a request that fails.</summary>
    private const int MostAttempts = 4;

    /// <summary>Of a request that is asked to wait.</summary>
    private const int MostWaits = 20;

    private readonly HttpClient _client;
    private readonly ApiCredentials _credentials;
    private readonly KubeContext _context;
    private readonly TimeProvider _time;

    internal ApiConnection(
        KubeContext context,
        ApiCredentials credentials,
        HttpMessageHandler handler,
        TimeProvider time
    )
    {
        (_context, _credentials, _time) = (context, credentials, time);
        _client = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            BaseAddress = ApiHandler.ServerOf(context),
        };
    }

    /// <summary>Name of the context.</summary>
    public string Context => _context.Name;

    /// <summary>For messages: <c>cluster prod (https://10.0.0.1:6443)</c>.</summary>
    public string Server => $"{_context.Name} ({_context.Server})";

    public TimeProvider Time => _time;

    public static async Task<ApiConnection> OpenAsync(
        ConnectionSettings settings,
        TimeProvider time,
        CancellationToken cancellationToken
    ) => await OpenAsync(await ContextFile.ReadAsync(settings, cancellationToken), time, cancellationToken);

    public static async Task<ApiConnection> OpenAsync(
        KubeContext context,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        ApiCredentials credentials = new(context, time);
        try
        {
            // A plugin may give a certificate, which the connection itself needs.
            await credentials.FindHeaderAsync(isStale: false, cancellationToken);
            return new ApiConnection(context, credentials, ApiHandler.Create(context, credentials), time);
        }
        catch
        {
            credentials.Dispose();
            throw;
        }
    }

    /// <summary>Gets a group.</summary>
    /// <exception cref="Core.Problems.ResurgamException">It is not there, or we may not see it.</exception>
    public async Task<JsonObject> GetAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(ApiRequest.Get(path), cancellationToken);
        return answer.IsGood && answer.Json is { } json ? json : throw Refusal(path, answer);
    }

    /// <returns>Null when there is no such object or type.</returns>
    public async Task<JsonObject?> FindAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(ApiRequest.Get(path), cancellationToken);
        if (answer.Status == ApiAnswer.NotFound)
            return null;
        return answer.IsGood && answer.Json is { } json ? json : throw Refusal(path, answer);
    }

    /// <returns>Any answer but 401 and, after much patience, 429.</returns>
    /// <exception cref="Core.Problems.ResurgamException">There is none, or it is that we are nobody there.</exception>
    public async Task<ApiAnswer> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var (failures, waits, isStale) = (0, 0, false);
        while (true)
        {
            var (answer, askedToWait, failure) = await TryAsync(request, isStale, cancellationToken);
            if (answer is null && ++failures >= MostAttempts)
                throw failure ?? KubernetesProblems.Unreachable(Server, "no answer", null);
            if (answer is { Status: (int)HttpStatusCode.Unauthorized })
            {
                if (isStale)
                    throw KubernetesProblems.AuthFailed(Server, answer.Message);
                isStale = true;
                continue;
            }
            isStale = false;
            var isBusy = answer is { Status: ApiAnswer.TooMany } && !request.IsImpatient;
            if (isBusy && ++waits > MostWaits)
                throw KubernetesProblems.Busy(Server, waits);
            var isBroken = answer is { Status: >= 500, IsOfWebhook: false } && ++failures < MostAttempts;
            if (answer is not null && !isBusy && !isBroken)
                return answer;
            await Task.Delay(
                askedToWait ?? FirstWait * Math.Pow(2, Math.Max(failures, waits)),
                _time,
                cancellationToken
            );
        }
    }

    public Core.Problems.ResurgamException Refusal(string path, ApiAnswer answer) =>
        answer.Status switch
        {
            (int)HttpStatusCode.Forbidden => KubernetesProblems.Denied(Server, answer.Message),
            ApiAnswer.NotFound => KubernetesProblems.Absent(Server, path, answer.Message),
            >= 500 => KubernetesProblems.ServerError(Server, path, answer.Message),
            _ => KubernetesProblems.Unexpected(Server, path, answer.Message),
        };

    public void Dispose()
    {
        _client.Dispose();
        _credentials.Dispose();
    }

    private async Task<(ApiAnswer? Answer, TimeSpan? Wait, Exception? Failure)> TryAsync(
        ApiRequest request,
        bool isStale,
        CancellationToken cancellationToken
    )
    {
        using var limit = new CancellationTokenSource(AnswerLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using HttpRequestMessage message = new(request.Method, request.Path);
            message.Headers.Authorization = await _credentials.FindHeaderAsync(isStale, cancellationToken);
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            message.Headers.UserAgent.Add(new ProductInfoHeaderValue("resurgam", null));
            message.Headers.Host = _context.TlsServerName; // decides which name the certificate must bear
            if (request.Body is { } body)
                message.Content = new ByteArrayContent(body)
                {
                    Headers = { ContentType = new MediaTypeHeaderValue(request.BodyType) },
                };
            using var response = await _client.SendAsync(message, either.Token);
            var content = await response.Content.ReadAsByteArrayAsync(either.Token);
            return (new ApiAnswer((int)response.StatusCode, content), WaitOf(response), null);
        }
        catch (HttpRequestException e) when (FindTlsFailure(e) is { } tls)
        {
            throw KubernetesProblems.TlsFailed(Server, TlsFiles.ReasonOf(tls), e);
        }
        catch (HttpRequestException e)
        {
            return (null, null, KubernetesProblems.Unreachable(Server, TlsFiles.ReasonOf(e), e));
        }
        catch (IOException e)
        {
            return (null, null, KubernetesProblems.Unreachable(Server, e.Message, e)); // cut in the middle of its answer
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            // Ours; or the handler's, when there is no connection in time.
            var limitHit = limit.IsCancellationRequested ? AnswerLimit : ApiHandler.ConnectLimit;
            return (null, null, KubernetesProblems.Silent(Server, limitHit, e));
        }
    }

    private static AuthenticationException? FindTlsFailure(Exception e) =>
        e as AuthenticationException ?? (e.InnerException is { } inner ? FindTlsFailure(inner) : null);

    private TimeSpan? WaitOf(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait is { } given ? TimeSpan.FromTicks(Math.Clamp(given.Ticks, 0, LongestWait.Ticks)) : null;
    }
}
