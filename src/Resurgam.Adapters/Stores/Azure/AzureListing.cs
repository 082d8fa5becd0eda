using System.Globalization;
using System.Xml;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Stores.Azure;

/// <summary>A page of a listing of a container.</summary>
/// <param name="Blobs">By their names in the container.</param>
/// <param name="Next">Where the next page begins; null at the end.</param>
internal sealed record AzureListing(IReadOnlyList<StoreObject> Blobs, string? Next)
{
    internal static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreWhitespace = true,
    };

    /// <exception cref="XmlException">It is no listing.</exception>
    public static AzureListing Read(byte[] body)
    {
        using var xml = XmlReader.Create(new MemoryStream(body), Settings);
        List<StoreObject> blobs = [];
        string? next = null;
        if (!xml.ReadToFollowing("EnumerationResults"))
            throw new XmlException("it is no listing of blobs");
        xml.Read();
        while (!xml.EOF)
        {
            if (xml is { NodeType: XmlNodeType.Element, Name: "Blob" })
            {
                using var blob = xml.ReadSubtree();
                blobs.Add(ReadBlob(blob));
                xml.Read();
            }
            else if (xml is { NodeType: XmlNodeType.Element, Name: "NextMarker" })
            {
                var marker = xml.ReadElementContentAsString();
                next = marker.Length == 0 ? null : marker;
            }
            else
                xml.Read();
        }
        return new AzureListing(blobs, next);
    }

    private static StoreObject ReadBlob(XmlReader xml)
    {
        var (name, length, at) = ("", 0L, DateTimeOffset.UnixEpoch);
        xml.Read();
        while (!xml.EOF)
        {
            if (xml.NodeType != XmlNodeType.Element)
                xml.Read();
            else if (xml.Name == "Name")
                name = xml.ReadElementContentAsString();
            else if (xml.Name == "Content-Length")
                length = long.Parse(xml.ReadElementContentAsString(), CultureInfo.InvariantCulture);
            else if (xml.Name == "Last-Modified")
                at = DateTimeOffset.Parse(xml.ReadElementContentAsString(), CultureInfo.InvariantCulture);
            else
                xml.Read();
        }
        return new StoreObject(name, length, at);
    }
}
