namespace Resurgam.Core.Kubernetes;

/// <summary>What one object is known by.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Namespace">Null for an object of the whole cluster.</param>
public sealed record ObjectKey(string Group, string Version, string Kind, string? Namespace, string Name)
{
    public const string Folder = "kubernetes";

    private const string CoreGroup = "core";
    private const string NoNamespace = "_cluster";
    private const string Ending = ".json";

    /// <summary>Where its file lies in a snapshot; see docs/formats/kubernetes.md.</summary>
    public string Path =>
        $"{Folder}/{(Group.Length == 0 ? CoreGroup : Group)}/{Version}/{Kind}/{Namespace ?? NoNamespace}/{Name}{Ending}";

    /// <summary><c>apps/v1</c>, or <c>v1</c> of the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <returns>Null for a path that is no object's.</returns>
    public static ObjectKey? FromPath(string path) =>
        path.Split('/') is [Folder, var group, var version, var kind, var @namespace, var file]
        && file.EndsWith(Ending, StringComparison.Ordinal)
            ? new ObjectKey(
                group == CoreGroup ? "" : group,
                version,
                kind,
                @namespace == NoNamespace ? null : @namespace,
                file[..^Ending.Length]
            )
            : null;

    /// <summary>For messages: <c>Deployment shop/web</c>.</summary>
    public override string ToString() => Namespace is null ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}
