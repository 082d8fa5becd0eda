using System.IO.Enumeration;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Restore;

/// <summary>Chooses objects: <c>KIND</c>, <c>KIND/NAME</c> or <c>NAMESPACE/KIND/NAME</c>; <c>*</c> is any part of one.</summary>
public sealed class ObjectSelector
{
    private readonly string? _namespace;
    private readonly string _kind;
    private readonly string _name;

    private ObjectSelector(string? @namespace, string kind, string name) =>
        (_namespace, _kind, _name) = (@namespace, kind, name);

    /// <returns>Null when the text has another form.</returns>
    public static ObjectSelector? TryParse(string text) =>
        text.Split('/') switch
        {
            var parts when parts.Any(part => part.Length == 0) => null,
            [var kind] => new ObjectSelector(null, kind, "*"),
            [var kind, var name] => new ObjectSelector(null, kind, name),
            [var @namespace, var kind, var name] => new ObjectSelector(@namespace, kind, name),
            _ => null,
        };

    /// <summary>Kinds in any case, as kubectl takes them; with their group where that is in doubt: <c>Certificate.cert-manager.io</c>.</summary>
    public bool Fits(ObjectKey key) =>
        (FitsText(_kind, key.Kind, ignoreCase: true) || FitsText(_kind, $"{key.Kind}.{key.Group}", ignoreCase: true))
        && FitsText(_name, key.Name, ignoreCase: false)
        && (_namespace is null || FitsText(_namespace, key.Namespace ?? "", ignoreCase: false));

    private static bool FitsText(string pattern, string text, bool ignoreCase) =>
        FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase);
}
