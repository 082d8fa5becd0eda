namespace Resurgam.Core.Plans.Checks;

/// <summary>Makes findings.</summary>
internal static class Found
{
    public static Finding Error(string code, string path, string what, string hint) =>
        new(code, FindingSeverity.Error, path, what, hint);

    public static Finding Warning(string code, string path, string what, string hint) =>
        new(code, FindingSeverity.Warning, path, what, hint);
}
