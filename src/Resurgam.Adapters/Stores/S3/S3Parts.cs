using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Resurgam.Adapters.Stores.Requests;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Stores.S3;

/// <summary>Large objects go up in parts (S3's multipart upload): what fails is one part, and that alone is sent again.</summary>
/// <remarks>
/// <para>
/// Nobody sees anything of an object before its upload is completed, with <c>If-None-Match: *</c> as every create. Servers exist that honour this in one request and
/// pass over it here (Ceph before 20). So it is tried once, at <see cref="ProbeKey"/>, and where it does not hold large objects go up in one request.
/// </para>
/// <para>
/// A completion may be done though nobody heard it, and a server may have begun it anew: by the number of the create, which the object carries, each end is settled.
/// What ends otherwise is aborted, so that no part stays; a process that is killed leaves its parts to the next one (<see cref="StaleAfter"/>).
/// </para>
/// </remarks>
internal sealed class S3Parts(
    S3Options options,
    AmazonS3Client client,
    RequestRetry retry,
    S3Creates creates,
    TimeProvider time
) : IDisposable
{
    /// <summary>Stays in the bucket: the next process that asks finds the key taken, and leaves nothing more.</summary>
    internal const string ProbeKey = "probe-parts";

    private const int AtOnce = 4;

    /// <summary>A server may drop an upload, as Amazon's does when two were completed at once.</summary>
    private const int MostUploads = 3;

    /// <summary>No upload of ours takes so long.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromDays(7);

    /// <summary>Who gave up, or failed, waits so long for the end of what was sent.</summary>
    private static readonly TimeSpan AbortLimit = TimeSpan.FromSeconds(20);

    private readonly string _root = options.Root;
    private readonly SemaphoreSlim _gate = new(1);
    private bool? _areFit;

    private enum Outcome
    {
        Made,
        Taken,

        /// <summary>The server knows the upload no more, and nothing came of it.</summary>
        Gone,
    }

    /// <summary>Whether parts on this server keep all that one request keeps; tried once.</summary>
    public async Task<bool> AreFitAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _areFit ??= await TryAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <param name="turn">Waited for before each part, with its length.</param>
    /// <returns>False when the key is taken.</returns>
    public async Task<bool> PutAsync(
        string key,
        ReadOnlyMemory<byte> bytes,
        Func<int, CancellationToken, Task> turn,
        CancellationToken cancellationToken
    )
    {
        for (var uploads = 0; ; uploads++)
        {
            // Before all parts: they would go up in vain. Behind them: "taken" is believed when something is there.
            if (await FindHeadAsync(key, cancellationToken) is not null)
                return false;
            if (uploads == MostUploads)
                throw S3Problems.UploadGone(options.Name, key);
            if (await UploadAsync(key, bytes, turn, cancellationToken) == Outcome.Made)
                return true;
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The first one may make the object, or find that of an earlier process; the second must find it in any case.
            var outcome = await UploadProbeAsync(cancellationToken);
            if (outcome == Outcome.Made)
                outcome = await UploadProbeAsync(cancellationToken);
            if (outcome != Outcome.Taken)
                return false; // it was replaced; or dropped, which proves nothing
            var head = await FindHeadAsync(ProbeKey, cancellationToken);
            if (head is null || creates.FindBrokenPromise(head) is not null)
                return false;
            await AbortStaleAsync(cancellationToken);
            return true;
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            return false; // not known here, or not allowed: one request is
        }
    }

    private Task<Outcome> UploadProbeAsync(CancellationToken cancellationToken) =>
        UploadAsync(ProbeKey, new byte[1], (_, _) => Task.CompletedTask, cancellationToken);

    private async Task<Outcome> UploadAsync(
        string key,
        ReadOnlyMemory<byte> bytes,
        Func<int, CancellationToken, Task> turn,
        CancellationToken cancellationToken
    )
    {
        var number = creates.DrawNumber();
        var upload = await BeginAsync(key, number, cancellationToken);
        var isEnded = false;
        try
        {
            var parts = await SendAsync(key, upload, bytes, turn, cancellationToken);
            var outcome = await CompleteAsync(key, upload, number, parts, cancellationToken);
            if (outcome == Outcome.Taken)
                await AbortAsync(key, upload, cancellationToken);
            isEnded = true;
            return outcome;
        }
        finally
        {
            if (!isEnded)
                await TryAbortAsync(key, upload);
        }
    }

    /// <returns>The server's name for the upload.</returns>
    private async Task<string> BeginAsync(string key, string number, CancellationToken cancellationToken)
    {
        InitiateMultipartUploadRequest request = new() { BucketName = options.Bucket, Key = _root + key };
        creates.Fill(request, key, number);
        var answer = await retry.RunAsync(
            $"begin to write {key}",
            (_, watch) => client.InitiateMultipartUploadAsync(request, watch.Token),
            cancellationToken
        );
        return answer.UploadId
            ?? throw S3Problems.WrongAnswer(options.Name, $"begin to write {key}", "it named no upload");
    }

    private async Task<PartETag[]> SendAsync(
        string key,
        string upload,
        ReadOnlyMemory<byte> bytes,
        Func<int, CancellationToken, Task> turn,
        CancellationToken cancellationToken
    )
    {
        var parts = new PartETag[(bytes.Length + options.PartBytes - 1) / options.PartBytes];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, parts.Length),
            parallel,
            async (i, token) =>
            {
                var from = i * options.PartBytes;
                var part = bytes[from..Math.Min(from + options.PartBytes, bytes.Length)];
                await turn(part.Length, token);
                parts[i] = await retry.RunAsync(
                    $"write part {i + 1} of {key}",
                    (_, watch) => SendOnceAsync(key, upload, i + 1, part, watch),
                    token
                );
            }
        );
        return parts;
    }

    private async Task<PartETag> SendOnceAsync(
        string key,
        string upload,
        int number,
        ReadOnlyMemory<byte> bytes,
        StallWatch watch
    )
    {
        await using UploadStream body = new(bytes, watch);
        UploadPartRequest request = new()
        {
            BucketName = options.Bucket,
            Key = _root + key,
            UploadId = upload,
            PartNumber = number,
            PartSize = bytes.Length,
            InputStream = body,
            UseChunkEncoding = false,
        };
        creates.Fill(request, bytes.Span);
        var answer = await client.UploadPartAsync(request, watch.Token);
        return new PartETag(number, answer.ETag);
    }

    private Task<Outcome> CompleteAsync(
        string key,
        string upload,
        string number,
        PartETag[] parts,
        CancellationToken cancellationToken
    )
    {
        CompleteMultipartUploadRequest request = new()
        {
            BucketName = options.Bucket,
            Key = _root + key,
            UploadId = upload,
            PartETags = [.. parts],
            IfNoneMatch = "*",
        };
        return retry.RunAsync(
            $"complete {key}",
            async (_, watch) =>
            {
                var otherwise = await TryCompleteAsync(request, watch);
                return await creates.IsMadeByAsync(key, number, watch)
                    ? Outcome.Made
                    // An answer that comes late may have begun as a success and tell a failure below.
                    : otherwise ?? throw new IOException($"{key} is not there though its upload was completed");
            },
            cancellationToken
        );
    }

    /// <returns>What it means unless the object is ours all the same; null: it was completed.</returns>
    private async Task<Outcome?> TryCompleteAsync(CompleteMultipartUploadRequest request, StallWatch watch)
    {
        try
        {
            await client.CompleteMultipartUploadAsync(request, watch.Token);
            return null;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            return Outcome.Taken;
        }
        catch (AmazonS3Exception e) when (IsGone(e))
        {
            return Outcome.Gone;
        }
    }

    /// <returns>False when there was nothing to abort any more.</returns>
    private Task<bool> AbortAsync(string key, string upload, CancellationToken cancellationToken)
    {
        AbortMultipartUploadRequest request = new()
        {
            BucketName = options.Bucket,
            Key = _root + key,
            UploadId = upload,
        };
        return retry.RunAsync(
            $"abort the upload of {key}",
            async (_, watch) =>
            {
                try
                {
                    await client.AbortMultipartUploadAsync(request, watch.Token);
                    return true;
                }
                catch (AmazonS3Exception e) when (IsGone(e))
                {
                    return false;
                }
            },
            cancellationToken
        );
    }

    /// <summary>On the way out of what failed already: that is told, and not what comes on top.</summary>
    private async Task TryAbortAsync(string key, string upload)
    {
        using CancellationTokenSource limit = new(AbortLimit, time);
        try
        {
            await AbortAsync(key, upload, limit.Token);
        }
        catch (Exception e) when (e is ResurgamException or OperationCanceledException)
        {
            options.Waits?.Invoke(
                $"the parts of {key} that were sent stay in store {options.Name} until an upload a week from now, or a rule of the bucket, takes them away"
            );
        }
    }

    /// <summary>What killed processes left: of one page of the list, which is all unless something is very wrong.</summary>
    private async Task AbortStaleAsync(CancellationToken cancellationToken)
    {
        var prefix = _root + "generations/"; // nothing else of ours is large
        var answer = await retry.RunAsync(
            "list unfinished uploads",
            (_, watch) =>
                client.ListMultipartUploadsAsync(
                    new ListMultipartUploadsRequest { BucketName = options.Bucket, Prefix = prefix },
                    watch.Token
                ),
            cancellationToken
        );
        foreach (var upload in answer.MultipartUploads ?? [])
            if (
                upload.Key.StartsWith(prefix, StringComparison.Ordinal)
                && upload.Initiated is { } at
                && time.GetUtcNow() - at.ToUniversalTime() > StaleAfter
            )
                await AbortAsync(upload.Key[_root.Length..], upload.UploadId, cancellationToken);
    }

    /// <returns>Null when there is no such object.</returns>
    private Task<GetObjectMetadataResponse?> FindHeadAsync(string key, CancellationToken cancellationToken) =>
        retry.RunAsync(
            $"look at {key}",
            async (_, watch) =>
            {
                try
                {
                    return await client.GetObjectMetadataAsync(options.Bucket, _root + key, watch.Token);
                }
                catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
                {
                    return null;
                }
            },
            cancellationToken
        );

    private static bool IsGone(AmazonS3Exception e) => e.ErrorCode == "NoSuchUpload";
}
