using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Resurgam.Adapters.Stores.Requests;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores.S3;

/// <summary>A store in a bucket, or a part of one, of a server that speaks S3.</summary>
/// <remarks>
/// <para>
/// An object goes up in one request with <c>If-None-Match: *</c>: the server takes it whole or not at all, and only when the
/// key is free. Large ones go up in parts (<see cref="S3Parts"/>) where the server keeps the same promise then; no object of ours comes near the 5 GiB that one
/// request may carry.
/// </para>
/// <para>
/// An answer that was lost may belong to a request that took effect, and the HTTP client repeats a request by itself, telling
/// nobody, when a connection closes before the answer. So each create carries a number drawn for it, which the server keeps beside
/// the object: a key that is taken by this number is ours.
/// </para>
/// </remarks>
public sealed class S3Store : IStore, IPacedStore, IPromisingStore, IVersionedStore, IDisposable
{
    private readonly S3Options _options;
    private readonly AmazonS3Client _client;
    private readonly RequestRetry _retry;
    private readonly S3Creates _creates;
    private readonly S3Parts _parts;
    private readonly string _root;

    public S3Store(S3Options options, TimeProvider time, IEntropy entropy)
    {
        (_options, _root) = (options, options.Root);
        _client = S3Client.Create(options);
        _retry = new RequestRetry(options.Limits, new S3Judge(Name, [.. options.Asked]), time, entropy, options.Waits);
        _creates = new S3Creates(options, _client, time, entropy);
        _parts = new S3Parts(options, _client, _retry, _creates, time);
    }

    public string Name => _options.Name;

    public Task<bool> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        PutAsync(key, bytes, (_, _) => Task.CompletedTask, cancellationToken);

    public async Task<bool> PutAsync(
        string key,
        ReadOnlyMemory<byte> bytes,
        Func<int, CancellationToken, Task> turn,
        CancellationToken cancellationToken
    )
    {
        StoreKey.Check(key);
        if (bytes.Length > _options.PartsAboveBytes && await _parts.AreFitAsync(cancellationToken))
            return await _parts.PutAsync(key, bytes, turn, cancellationToken);
        await turn(bytes.Length, cancellationToken);
        var number = _creates.DrawNumber();
        return await AskAsync(
            "write",
            key,
            async (_, watch) =>
                await CreateOnceAsync(key, bytes, number, watch) || await _creates.IsMadeByAsync(key, number, watch),
            cancellationToken
        );
    }

    public Task<byte[]?> FindAsync(string key, CancellationToken cancellationToken) =>
        FindAsync(key, version: null, cancellationToken);

    /// <param name="version">Null: the current one.</param>
    internal Task<byte[]?> FindAsync(string key, string? version, CancellationToken cancellationToken) =>
        AskAsync("read", key, (_, watch) => FindOnceAsync(key, version, watch), cancellationToken);

    public async ValueTask<int> ReadAsync(
        string key,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        if (buffer.IsEmpty)
            return await HeadAsync(key, cancellationToken) is null ? -1 : 0;
        return await ReadAsync(key, version: null, offset, buffer, cancellationToken);
    }

    /// <param name="version">Null: the current one.</param>
    /// <param name="buffer">Not empty.</param>
    internal Task<int> ReadAsync(
        string key,
        string? version,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    ) => AskAsync("read", key, (_, watch) => ReadOnceAsync(key, version, offset, buffer, watch), cancellationToken);

    public async IAsyncEnumerable<StoreVersion> ListVersionsAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!await HasVersionsAsync(cancellationToken))
            yield break;
        await foreach (var item in ListAllVersionsAsync(prefix, cancellationToken))
            yield return new StoreVersion(KeyOf(item.Key), item.VersionId, item.IsDeleteMarker == true);
    }

    public Task DeleteVersionAsync(StoreVersion version, CancellationToken cancellationToken) =>
        AskAsync(
            "delete a version of",
            version.Key,
            (_, watch) => DeleteOnceAsync(version.Key, version.Id, watch),
            cancellationToken
        );

    public Task<byte[]?> FindVersionAsync(StoreVersion version, CancellationToken cancellationToken) =>
        version.IsMark ? Task.FromResult<byte[]?>(null) : FindAsync(version.Key, version.Id, cancellationToken);

    public Task<DateTimeOffset?> FindLockedUntilAsync(StoreVersion version, CancellationToken cancellationToken) =>
        version.IsMark
            ? Task.FromResult<DateTimeOffset?>(null)
            : AskAsync(
                "look at the lock of",
                version.Key,
                (_, watch) => FindLockedUntilOnceAsync(version, watch),
                cancellationToken
            );

    /// <summary>Every version of every object below the prefix: by key ascending, the newest first.</summary>
    internal async IAsyncEnumerable<S3ObjectVersion> ListAllVersionsAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (key, version) = ((string?)null, (string?)null);
        do
        {
            ListVersionsRequest request = new()
            {
                BucketName = _options.Bucket,
                Prefix = _root + prefix,
                KeyMarker = key,
                VersionIdMarker = version,
            };
            var page = await _retry.RunAsync(
                "list versions",
                (_, watch) => _client.ListVersionsAsync(request, watch.Token),
                cancellationToken
            );
            foreach (var item in page.Versions ?? [])
                yield return item;
            var isMore = page.IsTruncated == true;
            if (
                isMore
                && (page.NextKeyMarker is null || (page.NextKeyMarker, page.NextVersionIdMarker) == (key, version))
            )
                throw S3Problems.WrongAnswer(Name, "list versions", "a part of the listing leads to no next one");
            (key, version) = isMore ? (page.NextKeyMarker, page.NextVersionIdMarker) : (null, null);
        } while (key is not null);
    }

    /// <summary>Whether the bucket keeps, or once kept, what is overwritten and deleted.</summary>
    internal async Task<bool> HasVersionsAsync(CancellationToken cancellationToken)
    {
        var answer = await _retry.RunAsync(
            "look at the bucket's versioning",
            (_, watch) =>
                _client.GetBucketVersioningAsync(
                    new GetBucketVersioningRequest { BucketName = _options.Bucket },
                    watch.Token
                ),
            cancellationToken
        );
        var status = answer.VersioningConfig?.Status;
        return status == VersionStatus.Enabled || status == VersionStatus.Suspended;
    }

    public Task<string?> FindBrokenPromiseAsync(string key, CancellationToken cancellationToken) =>
        AskAsync("look at", key, (_, watch) => FindBrokenPromiseOnceAsync(key, watch), cancellationToken);

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
            var token = next;
            var page = await _retry.RunAsync(
                $"list {prefix}",
                (_, watch) => ListOnceAsync(prefix, token, watch),
                cancellationToken
            );
            foreach (var item in page.S3Objects ?? [])
            {
                // Also keeps a server that repeats a page from holding us for ever.
                if (
                    string.CompareOrdinal(item.Key, last) <= 0
                    || !item.Key.StartsWith(_root + prefix, StringComparison.Ordinal)
                )
                    throw S3Problems.WrongAnswer(Name, $"list {prefix}", $"'{item.Key}' came after '{last}'");
                last = item.Key;
                // Consoles make empty objects with such names to show a folder.
                if (!item.Key.EndsWith('/'))
                    yield return new StoreObject(item.Key[_root.Length..], item.Size ?? 0, AtOf(item.LastModified));
            }
            next = page.IsTruncated == true ? page.NextContinuationToken : null;
            if (page.IsTruncated == true && (next is null || next == token || page.S3Objects is not { Count: > 0 }))
                throw S3Problems.WrongAnswer(Name, $"list {prefix}", "a part of the listing leads to no next one");
        } while (next is not null);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        AskAsync("delete", key, (_, watch) => DeleteOnceAsync(key, version: null, watch), cancellationToken);

    public void Dispose()
    {
        _parts.Dispose();
        _client.Dispose();
    }

    /// <summary>From a name in the bucket to ours.</summary>
    internal string KeyOf(string name) => name[_root.Length..];

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

    /// <returns>False when the key is taken.</returns>
    private async Task<bool> CreateOnceAsync(string key, ReadOnlyMemory<byte> bytes, string number, StallWatch watch)
    {
        await using UploadStream body = new(bytes, watch);
        PutObjectRequest request = new()
        {
            BucketName = _options.Bucket,
            Key = _root + key,
            InputStream = body,
            AutoCloseStream = false,
            UseChunkEncoding = false,
            IfNoneMatch = "*",
        };
        // The signature covers the SHA-256 of the body. Of most objects it is the name, and need not be computed again: the server does, and refuses others.
        if (BlobId.TryParse(key[(key.LastIndexOf('/') + 1)..], out var hash))
            request.Headers["x-amz-content-sha256"] = hash.Hex;
        _creates.Fill(request, key, number, bytes.Span);
        try
        {
            await _client.PutObjectAsync(request, watch.Token);
            return true;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            return false;
        }
    }

    private async Task<string?> FindBrokenPromiseOnceAsync(string key, StallWatch watch)
    {
        var head = await _client.GetObjectMetadataAsync(_options.Bucket, _root + key, watch.Token);
        if (_creates.FindBrokenPromise(head) is { } broken)
            return broken;
        if (_options.ObjectLock is null)
            return null;
        try
        {
            DeleteObjectRequest request = new()
            {
                BucketName = _options.Bucket,
                Key = _root + key,
                VersionId = head.VersionId,
            };
            await _client.DeleteObjectAsync(request, watch.Token);
            return "an object under lock was deleted all the same";
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    private async Task<byte[]?> FindOnceAsync(string key, string? version, StallWatch watch)
    {
        using var answer = await GetAsync(key, version, range: null, watch);
        if (answer is null)
            return null;
        var bytes = new byte[answer.ContentLength];
        if (await FillAsync(answer, bytes, watch) < bytes.Length)
            throw new EndOfStreamException($"{key} ended before its length");
        return bytes;
    }

    private async Task<int> ReadOnceAsync(
        string key,
        string? version,
        long offset,
        Memory<byte> buffer,
        StallWatch watch
    )
    {
        try
        {
            using var answer = await GetAsync(key, version, new ByteRange(offset, offset + buffer.Length - 1), watch);
            if (answer is null)
                return -1;
            var isPart = answer.HttpStatusCode == HttpStatusCode.PartialContent;
            if (isPart ? !StartsAt(answer.ContentRange, offset) : offset > 0)
                throw S3Problems.WrongAnswer(
                    Name,
                    $"read {key}",
                    $"it gave '{answer.ContentRange}' for a range from {offset}"
                );
            var length = (int)Math.Min(answer.ContentLength, buffer.Length);
            if (await FillAsync(answer, buffer[..length], watch) < length)
                throw new EndOfStreamException($"{key} ended before its length");
            return length;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return 0;
        }
    }

    private async Task<StoreObject?> HeadOnceAsync(string key, StallWatch watch)
    {
        try
        {
            var head = await _client.GetObjectMetadataAsync(_options.Bucket, _root + key, watch.Token);
            return new StoreObject(key, head.ContentLength, AtOf(head.LastModified));
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // An answer to HEAD has no words: whether the object is absent or the whole bucket only a GET tells.
            await ReadOnceAsync(key, version: null, 0, new byte[1], watch);
            return null;
        }
    }

    private async Task<DateTimeOffset?> FindLockedUntilOnceAsync(StoreVersion version, StallWatch watch)
    {
        try
        {
            GetObjectMetadataRequest request = new()
            {
                BucketName = _options.Bucket,
                Key = _root + version.Key,
                VersionId = version.Id,
            };
            var head = await _client.GetObjectMetadataAsync(request, watch.Token);
            return head.ObjectLockRetainUntilDate is { } until && head.ObjectLockMode is not null ? AtOf(until) : null;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private Task<ListObjectsV2Response> ListOnceAsync(string prefix, string? token, StallWatch watch) =>
        _client.ListObjectsV2Async(
            new ListObjectsV2Request
            {
                BucketName = _options.Bucket,
                Prefix = _root + prefix,
                ContinuationToken = token,
            },
            watch.Token
        );

    private async Task<bool> DeleteOnceAsync(string key, string? version, StallWatch watch)
    {
        try
        {
            DeleteObjectRequest request = new()
            {
                BucketName = _options.Bucket,
                Key = _root + key,
                VersionId = version,
            };
            await _client.DeleteObjectAsync(request, watch.Token);
            return true;
        }
        catch (AmazonS3Exception e) when (IsNoObject(e))
        {
            return false;
        }
    }

    /// <returns>Null when there is no such object.</returns>
    private async Task<GetObjectResponse?> GetAsync(string key, string? version, ByteRange? range, StallWatch watch)
    {
        try
        {
            GetObjectRequest request = new()
            {
                BucketName = _options.Bucket,
                Key = _root + key,
                VersionId = version,
                ByteRange = range,
            };
            return await _client.GetObjectAsync(request, watch.Token);
        }
        catch (AmazonS3Exception e) when (IsNoObject(e))
        {
            return null;
        }
    }

    private static bool IsNoObject(AmazonS3Exception e) =>
        e is { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" };

    private static bool StartsAt(string? contentRange, long offset) =>
        contentRange?.StartsWith($"bytes {offset}-", StringComparison.Ordinal) == true;

    private static async Task<int> FillAsync(GetObjectResponse answer, Memory<byte> buffer, StallWatch watch)
    {
        var total = 0;
        for (int read; total < buffer.Length; total += read)
        {
            read = await answer.ResponseStream.ReadAsync(buffer[total..], watch.Token);
            if (read == 0)
                break;
            watch.Moved();
        }
        return total;
    }

    private static DateTimeOffset AtOf(DateTime? at) =>
        at is { } time ? new DateTimeOffset(time.ToUniversalTime()) : DateTimeOffset.UnixEpoch;
}
