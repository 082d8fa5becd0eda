using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Resurgam.Adapters.Stores.Requests;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores.Azure;

/// <summary>A store in a container, or a part of one, of Azure Blob Storage, by its REST interface.</summary>
/// <remarks>
/// An object goes up in one request with <c>If-None-Match: *</c>: the service takes it whole or not at all, and only when the name is
/// free. As on S3, each create carries a number drawn for it: a name that is taken by this number is ours, whatever became of the answer.
/// docs/adr/0012-azure-by-its-rest-interface.md says why there is no package behind this.
/// </remarks>
public sealed class AzureStore : IStore, IDisposable
{
    /// <summary>Version of the service's interface that is spoken.</summary>
    private const string ServiceVersion = "2021-12-02";

    /// <summary>Metadata of a blob: which create made it. Azure's names are those of C# identifiers.</summary>
    private const string CreatedBy = "x-ms-meta-resurgamcreate";

    private const int UploadBufferBytes = 128 << 10;

    private readonly AzureOptions _options;
    private readonly HttpClient _client;
    private readonly RequestRetry _retry;
    private readonly TimeProvider _time;
    private readonly IEntropy _entropy;
    private readonly string _container;
    private readonly string _root;

    public AzureStore(AzureOptions options, TimeProvider time, IEntropy entropy)
    {
        (_options, _time, _entropy) = (options, time, entropy);
        _root = options.Prefix.Length == 0 ? "" : options.Prefix + "/";
        _container = $"{options.Endpoint}/{options.Container}";
        _client = StoreHttp.Create(options.Limits.Connect);
        _retry = new RequestRetry(options.Limits, new AzureJudge(Name), time, entropy, options.Waits);
    }

    public string Name => $"azure://{_options.Container}/{_options.Prefix}".TrimEnd('/') + $" at {_options.Endpoint}";

    public Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var number = DrawNumber();
        return AskAsync(
            "write",
            key,
            async (_, watch) =>
                await CreateOnceAsync(key, bytes, number, watch) || await IsMadeByAsync(key, number, watch),
            cancellationToken
        );
    }

    public Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken) =>
        AskAsync("read", key, (_, watch) => FindOnceAsync(key, watch), cancellationToken);

    public async ValueTask<int> ReadAsync(
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        if (buffer.IsEmpty)
            return await HeadAsync(key, cancellationToken) is null ? -1 : 0;
        return await AskAsync("read", key, (_, watch) => ReadOnceAsync(key, offset, buffer, watch), cancellationToken);
    }

    public Task<StoreObject?> HeadAsync(string key, CancellationToken cancellationToken) =>
        AskAsync("look at", key, (_, watch) => HeadOnceAsync(key, watch), cancellationToken);

    public async IAsyncEnumerable<StoreObject> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var last = "";
        string? next = null;
        do
        {
            var marker = next;
            var page = await _retry.RunAsync(
                $"list {prefix}",
                (_, watch) => ListOnceAsync(prefix, marker, watch),
                cancellationToken
            );
            foreach (var item in page.Blobs)
            {
                // Also keeps a server that repeats a page from holding us for ever.
                if (
                    string.CompareOrdinal(item.Key, last) <= 0
                    || !item.Key.StartsWith(_root + prefix, StringComparison.Ordinal)
                )
                    throw AzureProblems.WrongAnswer(Name, $"list {prefix}", $"'{item.Key}' came after '{last}'");
                last = item.Key;
                yield return item with
                {
                    Key = item.Key[_root.Length..],
                };
            }
            next = page.Next;
            if (next is not null && next == marker) // pages may be empty, but they go on
                throw AzureProblems.WrongAnswer(Name, $"list {prefix}", "a part of the listing leads to no next one");
        } while (next is not null);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        AskAsync("delete", key, (_, watch) => DeleteOnceAsync(key, watch), cancellationToken);

    public void Dispose() => _client.Dispose();

    private async Task<T> AskAsync<T>(
        string verb,
        string key,
        Func<int, StallWatch, Task<T>> attempt,
        CancellationToken cancellationToken
    )
    {
        StoreKey.Check(key);
        return await _retry.RunAsync($"{verb} {key}", attempt, cancellationToken);
    }

    /// <returns>False when the name is taken.</returns>
    private async Task<bool> CreateOnceAsync(string key, ReadOnlyMemory<byte> bytes, string number, StallWatch watch)
    {
        await using UploadStream body = new(bytes, watch);
        using var request = NewRequest(HttpMethod.Put, AddressOf(key));
        request.Headers.TryAddWithoutValidation("x-ms-blob-type", "BlockBlob");
        request.Headers.TryAddWithoutValidation(CreatedBy, number);
        request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        request.Content = new StreamContent(body, UploadBufferBytes);
        request.Content.Headers.ContentLength = bytes.Length;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        try
        {
            using var response = await SendAsync(request, watch);
            return true;
        }
        catch (AzureException e) when (IsTaken(e.Answer))
        {
            return false;
        }
    }

    /// <summary>Which of these it is depends on the version, on an immutability policy, and on what a signature allows.</summary>
    private static bool IsTaken(AzureAnswer answer) =>
        answer.Status == HttpStatusCode.PreconditionFailed
        || answer.Code is "BlobAlreadyExists" or "BlobImmutableDueToPolicy" or "UnauthorizedBlobOverwrite";

    private async Task<bool> IsMadeByAsync(string key, string number, StallWatch watch)
    {
        using var request = NewRequest(HttpMethod.Head, AddressOf(key));
        using var response = await TrySendAsync(request, watch);
        return response is not null
            && response.Headers.TryGetValues(CreatedBy, out var numbers)
            && numbers.First() == number;
    }

    private string DrawNumber()
    {
        Span<byte> number = stackalloc byte[16];
        _entropy.Fill(number);
        return Convert.ToHexStringLower(number);
    }

    private async Task<byte[]?> FindOnceAsync(string key, StallWatch watch)
    {
        using var request = NewRequest(HttpMethod.Get, AddressOf(key));
        using var response = await TrySendAsync(request, watch);
        if (response is null)
            return null;
        var bytes = new byte[LengthOf(response, $"read {key}")];
        if (await FillAsync(response, bytes, watch) < bytes.Length)
            throw new EndOfStreamException($"{key} ended before its length");
        return bytes;
    }

    private async Task<int> ReadOnceAsync(string key, long offset, Memory<byte> buffer, StallWatch watch)
    {
        using var request = NewRequest(HttpMethod.Get, AddressOf(key));
        request.Headers.TryAddWithoutValidation(
            "x-ms-range",
            string.Create(CultureInfo.InvariantCulture, $"bytes={offset}-{offset + buffer.Length - 1}")
        );
        try
        {
            using var response = await TrySendAsync(request, watch);
            if (response is null)
                return -1;
            if (response.Content.Headers.ContentLength == 0)
                return 0; // Azurite's way to say that the range begins at the end
            var isPart = response.StatusCode == HttpStatusCode.PartialContent;
            if (isPart ? response.Content.Headers.ContentRange?.From != offset : offset > 0)
                throw AzureProblems.WrongAnswer(
                    Name,
                    $"read {key}",
                    $"it gave '{response.Content.Headers.ContentRange}' for a range from {offset}"
                );
            var length = (int)Math.Min(LengthOf(response, $"read {key}"), buffer.Length);
            if (await FillAsync(response, buffer[..length], watch) < length)
                throw new EndOfStreamException($"{key} ended before its length");
            return length;
        }
        catch (AzureException e) when (e.Answer.Status == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return 0;
        }
    }

    private async Task<StoreObject?> HeadOnceAsync(string key, StallWatch watch)
    {
        using var request = NewRequest(HttpMethod.Head, AddressOf(key));
        using var response = await TrySendAsync(request, watch);
        return response is null
            ? null
            : new StoreObject(
                key,
                LengthOf(response, $"look at {key}"),
                response.Content.Headers.LastModified ?? DateTimeOffset.UnixEpoch
            );
    }

    private async Task<AzureListing> ListOnceAsync(string prefix, string? marker, StallWatch watch)
    {
        var query =
            $"restype=container&comp=list&prefix={Uri.EscapeDataString(_root + prefix)}"
            + (marker is null ? "" : $"&marker={Uri.EscapeDataString(marker)}");
        using var request = NewRequest(HttpMethod.Get, WithQuery(_container, query));
        using var response = await SendAsync(request, watch);
        using MemoryStream body = new();
        await using var stream = await response.Content.ReadAsStreamAsync(watch.Token);
        var buffer = new byte[UploadBufferBytes];
        for (int read; (read = await stream.ReadAsync(buffer, watch.Token)) > 0; watch.Moved())
            await body.WriteAsync(buffer.AsMemory(0, read), watch.Token);
        return AzureListing.Read(body.ToArray());
    }

    private async Task<bool> DeleteOnceAsync(string key, StallWatch watch)
    {
        using var request = NewRequest(HttpMethod.Delete, AddressOf(key));
        request.Headers.TryAddWithoutValidation("x-ms-delete-snapshots", "include");
        using var response = await TrySendAsync(request, watch);
        return response is not null;
    }

    private Uri AddressOf(string key) =>
        WithQuery($"{_container}/{string.Join('/', (_root + key).Split('/').Select(Uri.EscapeDataString))}", "");

    private Uri WithQuery(string address, string query)
    {
        var all = string.Join(
            '&',
            new[] { query, _options.Credentials.Sas }.Where(part => !string.IsNullOrEmpty(part))
        );
        return new Uri(all.Length == 0 ? address : $"{address}?{all}");
    }

    private HttpRequestMessage NewRequest(HttpMethod method, Uri address)
    {
        HttpRequestMessage request = new(method, address);
        request.Headers.TryAddWithoutValidation(
            "x-ms-date",
            _time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture)
        );
        request.Headers.TryAddWithoutValidation("x-ms-version", ServiceVersion);
        return request;
    }

    /// <returns>Null when there is no such blob.</returns>
    private async Task<HttpResponseMessage?> TrySendAsync(HttpRequestMessage request, StallWatch watch)
    {
        try
        {
            return await SendAsync(request, watch);
        }
        catch (AzureException e) when (e.Answer is { Status: HttpStatusCode.NotFound, Code: "BlobNotFound" })
        {
            return null;
        }
    }

    /// <exception cref="AzureException">Any answer but one of success.</exception>
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, StallWatch watch)
    {
        if (_options.Credentials.Key is { } key)
            AzureSigning.Sign(request, _options.Account, key);
        var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw new AzureException(await AzureAnswer.ReadAsync(response, watch.Token));
    }

    private long LengthOf(HttpResponseMessage response, string what) =>
        response.Content.Headers.ContentLength
        ?? throw AzureProblems.WrongAnswer(Name, what, "it did not say how long the object is");

    private static async Task<int> FillAsync(HttpResponseMessage response, Memory<byte> buffer, StallWatch watch)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(watch.Token);
        var total = 0;
        for (int read; total < buffer.Length; total += read)
        {
            read = await stream.ReadAsync(buffer[total..], watch.Token);
            if (read == 0)
                break;
            watch.Moved();
        }
        return total;
    }
}
