namespace Resurgam.Core.Vaults.Format;

/// <summary>The <c>config</c> of a repository, opened. It is never compressed.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="ChunkerPolynomial">In hexadecimal; irreducible over GF(2), or stock restic refuses the repository.</param>
public sealed record RepositoryConfig(int Version, string Id, string ChunkerPolynomial)
{
    private const string Document = "config";

    /// <summary>The configuration of a new repository of version 2.</summary>
    public static RepositoryConfig Create(IEntropy entropy)
    {
        Span<byte> id = stackalloc byte[BlobId.LengthBytes];
        entropy.Fill(id);
        return new RepositoryConfig(
            2,
            Convert.ToHexStringLower(id),
            ChunkerPolynomials.Format(ChunkerPolynomials.Create(entropy))
        );
    }

    public byte[] Write() =>
        GoJson.Write(json =>
        {
            json.WriteNumber("version"u8, Version);
            json.WriteText("id"u8, Id);
            json.WriteText("chunker_polynomial"u8, ChunkerPolynomial);
        });

    public static RepositoryConfig Read(ReadOnlySpan<byte> json)
    {
        DocumentReader document = new(Document, json);
        uint version = 0;
        var id = "";
        var polynomial = "";
        while (document.NextField())
        {
            if (document.Field.SequenceEqual("version"u8))
                version = document.UInt32();
            else if (document.Field.SequenceEqual("id"u8))
                id = document.Text();
            else if (document.Field.SequenceEqual("chunker_polynomial"u8))
                polynomial = document.Text();
            else
                document.SkipValue();
        }
        document.EndDocument();
        if (version is not (1 or 2))
            throw FormatProblems.UnsupportedVersion(version);
        if (id.Length == 0)
            throw document.Malformed("it has no id");
        if (!ChunkerPolynomials.TryParse(polynomial, out _))
            throw document.Malformed($"its chunker polynomial is '{polynomial}', which is not a hexadecimal number");
        return new RepositoryConfig((int)version, id, polynomial);
    }
}
