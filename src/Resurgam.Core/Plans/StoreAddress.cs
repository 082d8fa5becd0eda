namespace Resurgam.Core.Plans;

/// <summary>Where a store is.</summary>
/// <param name="Kind">Which adapter opens it.</param>
/// <param name="Value">What that adapter needs; for a folder its absolute path.</param>
/// <param name="Written">As the plan has it: <c>file:///srv/vault</c> or <c>file:./vault</c>.</param>
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
}
