namespace Resurgam.Core.Vaults;

/// <summary>The rules for keys that every store shares.</summary>
public static class StoreKey
{
    /// <summary>The folder of unfinished writes in a store that is a folder.</summary>
    public const string Temporary = "tmp";

    private static readonly System.Buffers.SearchValues<char> Allowed = System.Buffers.SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._=@+-"
    );

    /// <summary>Throws <c>store-bad-key</c> unless <paramref name="key"/> is one, so that no key leaves the store's folder.</summary>
    public static void Check(string key)
    {
        if (!IsValid(key))
            throw StoreProblems.BadKey(key);
    }

    public static bool IsValid(string key)
    {
        if (key == Temporary || key.StartsWith(Temporary + "/", StringComparison.Ordinal))
            return false;
        foreach (var range in key.AsSpan().Split('/'))
        {
            var segment = key.AsSpan(range);
            if (segment.IsEmpty || segment is "." or ".." || segment.ContainsAnyExcept(Allowed))
                return false;
        }
        return true;
    }
}
