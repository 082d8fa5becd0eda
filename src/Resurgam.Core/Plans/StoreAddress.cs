namespace Resurgam.Core.Plans;

/// <summary>Where a store is.</summary>
/// <param name="Kind">Which adapter opens it.</param>
/// <param name="Value">What that adapter needs: a folder's absolute path, or <c>bucket/prefix</c> (<c>container/prefix</c>) without a slash at the end.</param>
/// <param name="Written">As the plan has it: <c>file:///srv/vault</c>, <c>file:./vault</c> or <c>s3://bucket/prefix</c>.</param>
public sealed record StoreAddress(StoreKind Kind, string Value, string Written)
{
    /// <param name="path">Absolute.</param>
    public static StoreAddress Folder(string path) => new(StoreKind.Folder, path, $"file://{path}");

    /// <summary>The bucket or container.</summary>
    public string Bucket => Value.IndexOf('/') is var slash and >= 0 ? Value[..slash] : Value;

    /// <summary>What follows the bucket or container; empty for all of it.</summary>
    public string Prefix => Value.IndexOf('/') is var slash and >= 0 ? Value[(slash + 1)..] : "";

    public override string ToString() => Written;
}

/// <summary>Which kinds of store there are.</summary>
public enum StoreKind
{
    /// <summary>A folder on this machine or on a mounted file system: <c>file:</c>.</summary>
    Folder,

    /// <summary>A bucket, or a part of one, of a server that speaks S3: <c>s3:</c>.</summary>
    S3,

    /// <summary>A container, or a part of one, of Azure Blob Storage: <c>azure:</c>.</summary>
    Azure,
}
