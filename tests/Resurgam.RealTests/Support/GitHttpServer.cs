using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Resurgam.Tests.Support;

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

    /// <summary>Answers what is asked below <c>/api/v3</c>.</summary>
    public GitHubDouble? GitHub { get; set; }

    /// <summary>Keeps large files of LFS in this folder, by their names; null: it knows no LFS.</summary>
    public string? LargeFiles { get; init; }

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
            if (
                GitHub is { } gitHub
                && context.Request.Url!.AbsolutePath.StartsWith("/api/v3/", StringComparison.Ordinal)
            )
                await AnswerAsync(gitHub, context);
            else if (_authorization is not null && context.Request.Headers["Authorization"] != _authorization)
            {
                context.Response.StatusCode = 401;
                context.Response.Headers["WWW-Authenticate"] = "Basic realm=\"git\"";
            }
            else
            {
                if (HoldsBack && context.Request.HttpMethod == "POST")
                    await _released.Task;
                if (!await TryAnswerLargeFileAsync(context))
                    await RunBackendAsync(context);
            }
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            context.Response.Abort(); // the client is gone
        }
    }

    private static async Task AnswerAsync(GitHubDouble gitHub, HttpListenerContext context)
    {
        using var answer = gitHub.Answer(context.Request.Url!, name => context.Request.Headers[name]);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers)
            context.Response.Headers[name] = string.Join(',', values);
        await answer.Content.CopyToAsync(context.Response.OutputStream, Token);
    }

    /// <summary>Git LFS's batch API with its basic transfer, as far as git-lfs uses it.</summary>
    private async Task<bool> TryAnswerLargeFileAsync(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        if (LargeFiles is not { } folder)
            return false;
        if (path.EndsWith("/info/lfs/objects/batch", StringComparison.Ordinal))
        {
            using var asked = await JsonDocument.ParseAsync(context.Request.InputStream, cancellationToken: Token);
            var operation = asked.RootElement.GetProperty("operation").GetString();
            var objects = asked
                .RootElement.GetProperty("objects")
                .EnumerateArray()
                .Select(each => Offer(each, operation));
            context.Response.ContentType = "application/vnd.git-lfs+json";
            var json = $"{{\"transfer\":\"basic\",\"objects\":[{string.Join(',', objects)}]}}";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(json), Token);
            return true;
        }
        if (!path.StartsWith("/lfs/", StringComparison.Ordinal))
            return false;
        var file = Path.Combine(folder, path["/lfs/".Length..]);
        if (context.Request.HttpMethod == "PUT")
        {
            await using var content = File.Create(file);
            await context.Request.InputStream.CopyToAsync(content, Token);
        }
        else
            await context.Response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(file, Token), Token);
        return true;

        string Offer(JsonElement wanted, string? operation)
        {
            var id = wanted.GetProperty("oid").GetString();
            var size = wanted.GetProperty("size").GetInt64();
            var isThere = File.Exists(Path.Combine(folder, id ?? ""));
            var what = (operation, isThere) switch
            {
                ("download", false) => "\"error\":{\"code\":404,\"message\":\"it is not here\"}",
                ("upload", true) => "\"authenticated\":true",
                _ => $"\"actions\":{{\"{operation}\":{{\"href\":\"{Address}/lfs/{id}\"}}}}",
            };
            return string.Create(CultureInfo.InvariantCulture, $"{{\"oid\":\"{id}\",\"size\":{size},{what}}}");
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
