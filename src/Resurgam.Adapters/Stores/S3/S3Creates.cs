using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Resurgam.Adapters.Stores.Requests;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores.S3;

/// <summary>What every create of an object carries, in one request or in parts: whose it is, and what the plan asks of the server beyond keeping the bytes.</summary>
internal sealed class S3Creates(S3Options options, AmazonS3Client client, TimeProvider time, IEntropy entropy)
{
    /// <summary>Metadata of an object: which create made it.</summary>
    private const string CreatedBy = "resurgam-create";

    private const string ContentType = "application/octet-stream";

    private readonly string _root = options.Root;

    private ServerSideEncryptionMethod? EncryptionMethod =>
        options.Encryption is { } encryption ? MethodOf(encryption) : null;

    private ObjectLockMode? LockMode => options.ObjectLock is { } objectLock ? ModeOf(objectLock) : null;

    /// <returns>The number of one create.</returns>
    public string DrawNumber()
    {
        Span<byte> number = stackalloc byte[16];
        entropy.Fill(number);
        return Convert.ToHexStringLower(number);
    }

    public void Fill(PutObjectRequest request, string key, string number, ReadOnlySpan<byte> bytes)
    {
        request.ContentType = ContentType;
        request.Metadata[CreatedBy] = number;
        if (options.StorageClass is { } storageClass)
            request.StorageClass = new S3StorageClass(storageClass);
        if (EncryptionMethod is { } method)
        {
            request.ServerSideEncryptionMethod = method;
            request.ServerSideEncryptionKeyManagementServiceKeyId = options.KmsKey;
        }
        if (FindLock(key) is { } until)
        {
            request.ObjectLockMode = LockMode;
            request.ObjectLockRetainUntilDate = until;
            request.MD5Digest = ChecksumOf(bytes);
        }
    }

    public void Fill(InitiateMultipartUploadRequest request, string key, string number)
    {
        request.ContentType = ContentType;
        request.Metadata[CreatedBy] = number;
        if (options.StorageClass is { } storageClass)
            request.StorageClass = new S3StorageClass(storageClass);
        if (EncryptionMethod is { } method)
        {
            request.ServerSideEncryptionMethod = method;
            request.ServerSideEncryptionKeyManagementServiceKeyId = options.KmsKey;
        }
        if (FindLock(key) is { } until)
        {
            request.ObjectLockMode = LockMode;
            request.ObjectLockRetainUntilDate = until;
        }
    }

    /// <summary>What else the plan asks for holds for the whole object.</summary>
    public void Fill(UploadPartRequest request, ReadOnlySpan<byte> bytes)
    {
        if (LockMode is not null)
            request.MD5Digest = ChecksumOf(bytes);
    }

    /// <summary>Whether it was the create of this number that took the key.</summary>
    public async Task<bool> IsMadeByAsync(string key, string number, StallWatch watch)
    {
        try
        {
            var head = await client.GetObjectMetadataAsync(options.Bucket, _root + key, watch.Token);
            return head.Metadata[CreatedBy] == number;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return false; // taken, and deleted since
        }
    }

    /// <summary>Compares an object with what its create asked for.</summary>
    /// <returns>What the server did not keep, in words; null when it kept all.</returns>
    public string? FindBrokenPromise(GetObjectMetadataResponse head)
    {
        if (options.StorageClass is { } wanted and not "STANDARD" && head.StorageClass?.Value != wanted)
            return $"an object that was to be of class {wanted} is of class {head.StorageClass?.Value ?? "STANDARD"}";
        if (EncryptionMethod is { } method && head.ServerSideEncryptionMethod?.Value != method.Value)
            return $"an object that was to be encrypted by {method.Value} is not";
        return LockMode is { } mode && (head.ObjectLockMode?.Value != mode.Value || head.VersionId is null)
            ? "an object that was to be locked is not: make the bucket with object lock"
            : null;
    }

    /// <returns>Until when an object that is written now is to be locked; null: it is not.</returns>
    private DateTime? FindLock(string key) =>
        LockMode is null ? null : LockHorizon.Of(key, time.GetUtcNow(), options.LockFor)?.UtcDateTime;

#pragma warning disable CA5351 // Not for secrecy: S3 wants a checksum of its own choosing with every lock, and this one each server knows.
    private static string ChecksumOf(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(MD5.HashData(bytes));
#pragma warning restore CA5351

    private static ServerSideEncryptionMethod MethodOf(ServerEncryption encryption) =>
        encryption switch
        {
            ServerEncryption.Server => ServerSideEncryptionMethod.AES256,
            ServerEncryption.Kms => ServerSideEncryptionMethod.AWSKMS,
        };

    private static ObjectLockMode ModeOf(ObjectLock objectLock) =>
        objectLock switch
        {
            ObjectLock.Governance => ObjectLockMode.Governance,
            ObjectLock.Compliance => ObjectLockMode.Compliance,
        };
}
