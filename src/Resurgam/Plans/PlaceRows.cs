using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Plans;

/// <summary>A place of the vault, for people.</summary>
internal static class PlaceRows
{
    public static void Write(TextWriter text, StorePlace place)
    {
        var folder = place.Store.Value;
        if (place.Store.Kind == StoreKind.Folder && place.Store.Written != StoreAddress.Folder(folder).Written)
            text.WriteRow("", $"that is {folder}");
        if (place.S3 is { } s3)
            WriteS3(text, s3);
        if (place.Azure is { } azure)
        {
            text.WriteRow("server", $"{azure.Endpoint}, account {azure.Account}");
            text.WriteRow(azure.Key is null ? "signature" : "key", (azure.Key ?? azure.Sas)?.ToString() ?? "");
        }
        if (place.FailureDomain is { } domain)
            text.WriteRow("lost with", domain);
        if (place.Bandwidth is { } bandwidth)
            text.WriteRow("bandwidth", $"{bandwidth}/s");
    }

    private static void WriteS3(TextWriter text, S3Place s3)
    {
        text.WriteRow(
            "server",
            $"{s3.Endpoint ?? "Amazon's"}, region {s3.Region}, bucket in the {(s3.IsPathStyle ? "path" : "host name")}"
        );
        text.WriteRow("access key", s3.AccessKey?.ToString() ?? "the AWS variables or credentials file");
        if (s3.SecretKey is { } secretKey)
            text.WriteRow("secret key", secretKey.ToString());
        if (s3.SessionToken is { } token)
            text.WriteRow("token", token.ToString());
        if (s3.StorageClass is { } storageClass)
            text.WriteRow("class", storageClass);
        if (s3.Encryption is { } encryption)
            text.WriteRow("encryption", $"{encryption.ToString().ToLowerInvariant()} {s3.KmsKey}".TrimEnd());
        if (s3 is { ObjectLock: { } objectLock, LockFor: { } lockFor })
            text.WriteRow(
                "lock",
                $"{objectLock.ToString().ToLowerInvariant()}, {Duration.Format(lockFor)} after the month"
            );
    }
}
