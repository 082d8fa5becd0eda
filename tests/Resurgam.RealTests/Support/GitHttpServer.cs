using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Resurgam.RealTests.Support;

/// <summary>Repositories of a folder over HTTP on loopback, by git's own <c>http-backend</c>; with one user, if wanted.</summary>
internal sealed class GitHttpServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly string _folder;
    private readonly string? _authorization;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;

    /// <param name="folder">Of the repositories.</param>
    /// <param name="password">Of user <c>backup</c>; null: everybody may read.</param>
    public GitHttpServer(string folder, string? password)
    {
        _folder = folder;
        _authorization = password is null
            ? null
            : $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"backup:{password}"))}";
        for (var port = Random.Shared.Next(20_000, 30_000); ; port++)
        {
            try
            {
                _listener.Prefixes.Clear();
                _listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
                _listener.Start();
                Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
                break;
            }
            catch (HttpListenerException) when (port < 60_000)
            {
                continue; // taken
            }
        }
        _serving = ServeAsync();
    }

    public string Address { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Requests for objects wait until <see cref="Release"/>.</summary>
    public bool HoldsBack { get; init; }

    /// <summary>Told each path that is asked for.</summary>
    public Action<string> Asked { get; init; } = _ => { };

    public void Release() => _released.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        List<Task> answers = [];
        while (_listener.IsListening)
        {
            try
            {
                answers.Add(AnswerAsync(await _listener.GetContextAsync()));
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                break; // stopped
            }
        }
        await Task.WhenAll(answers);
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            Asked(context.Request.RawUrl ?? "");
            if (_authorization is not null && context.Request.Headers["Authorization"] != _authorization)
            {
                context.Response.StatusCode = 401;
                context.Response.Headers["WWW-Authenticate"] = "Basic realm=\"git\"";
            }
            else
            {
                if (HoldsBack && context.Request.HttpMethod == "POST")
                    await _released.Task;
                await RunBackendAsync(context);
            }
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            context.Response.Abort(); // the client is gone
        }
    }

    /// <summary>CGI, RFC 3875.</summary>
    private async Task RunBackendAsync(HttpListenerContext context)
    {
        var request = context.Request;
        ProcessStartInfo info = new("git", ["http-backend"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        info.Environment["GIT_PROJECT_ROOT"] = _folder;
        info.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        info.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        info.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        info.Environment["PATH_INFO"] = Uri.UnescapeDataString(request.Url!.AbsolutePath);
        info.Environment["QUERY_STRING"] = request.Url.Query.TrimStart('?');
        info.Environment["REQUEST_METHOD"] = request.HttpMethod;
        info.Environment["CONTENT_TYPE"] = request.ContentType ?? "";
        info.Environment["REMOTE_USER"] = "backup"; // who is known may push
        info.Environment["HTTP_CONTENT_ENCODING"] = request.Headers["Content-Encoding"] ?? "";
        info.Environment["GIT_PROTOCOL"] = request.Headers["Git-Protocol"] ?? "";
        using var body = new MemoryStream();
        await request.InputStream.CopyToAsync(body, Token);
        info.Environment["CONTENT_LENGTH"] = body.Length.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(info)!;
        await process.StandardInput.BaseStream.WriteAsync(body.ToArray(), Token);
        process.StandardInput.Close();
        using var answer = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(answer, Token);
        await process.WaitForExitAsync(Token);
        var bytes = answer.ToArray();
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var line in Encoding.ASCII.GetString(bytes, 0, Math.Max(end, 0)).Split("\r\n"))
            if (line.StartsWith("Status: ", StringComparison.Ordinal))
                context.Response.StatusCode = int.Parse(line.AsSpan(8, 3), CultureInfo.InvariantCulture);
            else if (line.Split(": ", 2) is [var name, var value])
                context.Response.Headers[name] = value;
        await context.Response.OutputStream.WriteAsync(bytes.AsMemory(end + 4), Token);
    }
}
