namespace Resurgam.Core.Vaults.Format;

/// <summary>
/// File names as strings, whatever bytes they have: a byte that is not UTF-8 becomes a lone surrogate U+DC80 to U+DCFF.
/// </summary>
/// <remarks>Source: PEP 383.</remarks>
public static class FileNames
{
    public static byte[] Encode(string name) => throw new NotSupportedException();

    public static string Decode(ReadOnlySpan<byte> bytes) => throw new NotSupportedException();

    /// <summary>Compares the encoded names byte by byte, which is the order of the nodes in a tree.</summary>
    public static int CompareBytes(string a, string b) => throw new NotSupportedException();
}
