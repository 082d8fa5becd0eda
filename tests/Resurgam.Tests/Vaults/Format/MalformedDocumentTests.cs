using System.Text;
using CsCheck;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Tests.Vaults.Format;

/// <summary>What bytes a reader may meet: it takes them or refuses them as malformed, and nothing else happens.</summary>
public sealed class MalformedDocumentTests
{
    private static readonly Dictionary<string, (string Golden, Action<byte[]> Read)> Readers = new()
    {
        ["tree"] = (GoldenDocuments.Tree, json => TreeReader.Read(json)),
        ["index"] = (GoldenDocuments.Index, json => IndexDocument.Read(json)),
        ["snapshot"] = (GoldenDocuments.Snapshot, json => SnapshotDocument.Read(json)),
        ["config"] = (GoldenDocuments.Config, json => RepositoryConfig.Read(json)),
        ["key file"] = (GoldenDocuments.Key, json => KeyDocument.Read(json)),
        ["lock"] = (GoldenDocuments.Lock, json => LockDocument.Read(json)),
    };

    public static TheoryData<string> Documents => [.. Readers.Keys];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Any_bytes_are_read_or_refused(string document) =>
        Gen.Byte.Array[0, 100].Sample(bytes => Malformed.OrFine(() => Readers[document].Read(bytes)));

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_with_changed_bytes_is_read_or_refused(string document) =>
        Malformed
            .BytesOf(Readers[document].Golden)
            .Sample(bytes => Malformed.OrFine(() => Readers[document].Read(bytes)), iter: 2_000);

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_with_a_wrong_value_is_read_or_refused(string document) =>
        Malformed
            .ValuesOf(Readers[document].Golden)
            .Sample(bytes => Malformed.OrFine(() => Readers[document].Read(bytes)), iter: 2_000);

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_that_is_cut_off_is_refused(string document) =>
        Malformed
            .PrefixOf(Readers[document].Golden.TrimEnd())
            .Sample(bytes =>
            {
                var refusal = Assert.Throws<ResurgamException>(() => Readers[document].Read(bytes));
                Assert.Equal("vault-format", refusal.Problem.Code);
                Assert.StartsWith($"the {document} is malformed: ", refusal.Problem.What, StringComparison.Ordinal);
            });

    [Theory]
    [MemberData(nameof(Documents))]
    public void Something_after_the_end_is_refused(string document) =>
        Assert.Throws<ResurgamException>(() => Read(document, Readers[document].Golden + "{}"));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Unknown_fields_are_skipped(string document) =>
        Read(document, Readers[document].Golden.Insert(1, """ "x": {"y": [1, "z", null]}, """));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Depth_does_not_exhaust_the_stack(string document) =>
        Assert.Throws<ResurgamException>(() =>
            Read(document, Readers[document].Golden.Insert(1, $"\"x\":{new string('[', 1_000_000)}"))
        );

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\"text\"")]
    [InlineData("\uFEFF{}")]
    [InlineData("{} // comment")]
    public void Other_json_is_no_document(string json)
    {
        foreach (var document in Readers.Keys)
            Assert.Throws<ResurgamException>(() => Read(document, json));
    }

    private static void Read(string document, string json) => Readers[document].Read(Encoding.UTF8.GetBytes(json));
}
