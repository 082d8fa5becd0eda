namespace Resurgam.Core.Plans;

/// <summary>Where a store is.</summary>
/// <param name="Kind">Which adapter opens it.</param>
/// <param name="Value">What that adapter needs: a folder's absolute path, or <c>bucket/prefix</c> without a slash at the end.</param>
/// <param name="Written">As the plan has it: <c>file:///srv/vault</c>, <c>file:./vault</c> or <c>s3://bucket/prefix</c>.</param>
public sealed record StoreAddress(StoreKind Kind, string Value, string Written)
{
    /// <param name="path">Absolute.</param>
    public static StoreAddress Folder(string path) => new(StoreKind.Folder, path, $"file://{path}");

    public override string ToString() => Written;
}

/// <summary>Which kinds of store there are.</summary>
public enum StoreKind
{
    /// <summary>A folder on this machine or on a mounted file system: <c>file:</c>.</summary>
    Folder,

    /// <summary>A bucket, or a part of one, of a server that speaks S3: <c>s3:</c>.</summary>
    S3,
}
