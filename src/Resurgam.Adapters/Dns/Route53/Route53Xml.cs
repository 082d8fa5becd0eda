using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Dns.Route53;

/// <summary>What goes to Route 53 and comes back, in the version of its interface that there is.</summary>
internal static class Route53Xml
{
    public const string Version = "2013-04-01";

    private static readonly XNamespace Names = $"https://route53.amazonaws.com/doc/{Version}/";

    /// <summary>Takes one set away and puts another in its place: both happen, or neither.</summary>
    public static byte[] Change(string name, DnsType type, RecordSet was, RecordSet now)
    {
        XElement changes = new(Names + "Changes");
        if (was.Values.Count > 0)
            changes.Add(ChangeOf("DELETE", name, type, was));
        if (now.Values.Count > 0)
            changes.Add(ChangeOf("CREATE", name, type, now));
        XElement request = new(
            Names + "ChangeResourceRecordSetsRequest",
            new XElement(Names + "ChangeBatch", new XElement(Names + "Comment", "resurgam"), changes)
        );
        return Encoding.UTF8.GetBytes(
            $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>{request.ToString(SaveOptions.DisableFormatting)}"
        );
    }

    /// <returns>The set of that name and type; nothing when the page begins with another one; null when it is of a kind that is not ours to change.</returns>
    /// <exception cref="FormatException">It is no such answer.</exception>
    public static RecordSet? ReadSet(byte[] body, string name, DnsType type)
    {
        var first = Parse(body).Descendants(Names + "ResourceRecordSet").FirstOrDefault();
        if (
            first is null
            || !NameOf(Text(first, "Name")).Equals(Whole(name), StringComparison.OrdinalIgnoreCase)
            || Text(first, "Type") != DnsWords.Of(type)
        )
            return RecordSet.Nothing;
        if (first.Element(Names + "AliasTarget") is not null || first.Element(Names + "SetIdentifier") is not null)
            return null;
        var values = first.Descendants(Names + "Value").Select(value => value.Value);
        return new RecordSet(
            [
                .. values
                    .Select(value =>
                        RecordText.TryNormal(type, value)
                        ?? throw new FormatException("a value that is none of its type")
                    )
                    .Order(StringComparer.Ordinal),
            ],
            TimeSpan.FromSeconds(int.Parse(Text(first, "TTL"), CultureInfo.InvariantCulture))
        );
    }

    /// <returns>Id of the change, and whether all servers have it.</returns>
    /// <exception cref="FormatException">It is no such answer.</exception>
    public static (string Id, bool IsEverywhere) ReadChange(byte[] body)
    {
        var change =
            Parse(body).Descendants(Names + "ChangeInfo").FirstOrDefault()
            ?? throw new FormatException("no change is in it");
        return (Text(change, "Id").Split('/')[^1], Text(change, "Status") == "INSYNC");
    }

    /// <returns>Code and words of a failure.</returns>
    public static (string Code, string Message) ReadFailure(byte[] body)
    {
        try
        {
            var all = Parse(body).DescendantsAndSelf().ToList();
            var code = all.FirstOrDefault(each => each.Name.LocalName is "Code" or "InvalidChangeBatch");
            var words = all.Where(each => each.Name.LocalName == "Message" && !each.HasElements)
                .Select(each => each.Value);
            return (
                code is null ? ""
                : code.Name.LocalName == "Code" ? code.Value
                : code.Name.LocalName,
                string.Join("; ", words)
            );
        }
        catch (FormatException)
        {
            return ("", ""); // a proxy's page
        }
    }

    /// <summary>As the service writes names: an asterisk, for one, is <c>\052</c>.</summary>
    private static string NameOf(string written)
    {
        StringBuilder name = new();
        for (var at = 0; at < written.Length; at++)
            if (written[at] == '\\' && at + 3 < written.Length)
            {
                name.Append((char)Convert.ToInt32(written.Substring(at + 1, 3), 8));
                at += 3;
            }
            else
                name.Append(written[at]);
        return name.ToString();
    }

    internal static string Whole(string name) => $"{name.TrimEnd('.')}.";

    private static XElement ChangeOf(string action, string name, DnsType type, RecordSet set) =>
        new(
            Names + "Change",
            new XElement(Names + "Action", action),
            new XElement(
                Names + "ResourceRecordSet",
                new XElement(Names + "Name", Whole(name)),
                new XElement(Names + "Type", DnsWords.Of(type)),
                new XElement(Names + "TTL", set.Ttl.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
                new XElement(
                    Names + "ResourceRecords",
                    set.Values.Select(value => new XElement(
                        Names + "ResourceRecord",
                        new XElement(Names + "Value", value)
                    ))
                )
            )
        );

    private static string Text(XElement element, string name) => element.Element(Names + name)?.Value ?? "";

    private static XElement Parse(byte[] body)
    {
        try
        {
            using var reader = XmlReader.Create(
                new MemoryStream(body),
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null }
            );
            return XElement.Load(reader);
        }
        catch (XmlException e)
        {
            throw new FormatException("it is no XML", e);
        }
    }
}
