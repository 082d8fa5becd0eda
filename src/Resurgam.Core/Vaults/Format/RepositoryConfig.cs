namespace Resurgam.Core.Vaults.Format;

/// <summary>The <c>config</c> of a repository, opened. It is never compressed.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="ChunkerPolynomial">In hexadecimal; irreducible over GF(2), or stock restic refuses the repository.</param>
public sealed record RepositoryConfig(int Version, string Id, string ChunkerPolynomial)
{
    /// <summary>The configuration of a new repository of version 2.</summary>
    public static RepositoryConfig Create(IEntropy entropy) => throw new NotSupportedException();

    public byte[] Write() => throw new NotSupportedException();

    public static RepositoryConfig Read(ReadOnlySpan<byte> json) => throw new NotSupportedException();
}
