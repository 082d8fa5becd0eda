namespace Resurgam.Core.Kubernetes;

/// <summary>A kind of objects as a cluster serves it.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Plural">As addresses have it: <c>deployments</c>.</param>
public sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool IsNamespaced)
{
    /// <summary><c>apps/v1</c>, or <c>v1</c> of the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>deployments.apps</c>: how kubectl names it without doubt.</summary>
    public string FullName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Address of all its objects, of those of a namespace, or of one.</summary>
    public string PathOf(string? @namespace = null, string? name = null)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        var folder = @namespace is null ? root : $"{root}/namespaces/{Uri.EscapeDataString(@namespace)}";
        return name is null ? $"{folder}/{Plural}" : $"{folder}/{Plural}/{Uri.EscapeDataString(name)}";
    }
}
