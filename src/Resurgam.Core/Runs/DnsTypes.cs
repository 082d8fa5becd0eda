using System.Text.RegularExpressions;
using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>The types that only values about the DNS have.</summary>
internal static partial class DnsTypes
{
    public static readonly PlanType<string> Name = new(
        "name in the DNS",
        "",
        value => RunbookTypes.Fitting(value, NamePattern, "a name in the DNS, as 'www.example.net'")
    );

    public static readonly PlanType<DnsType> Type = DocumentTypes.Choice(
        ("A", DnsType.A),
        ("AAAA", DnsType.Aaaa),
        ("CNAME", DnsType.Cname),
        ("TXT", DnsType.Txt)
    );

    public static readonly PlanType<ValueList<string>> Values = new("list of texts", [], ReadValues);

    public static readonly PlanType<string> HostedZone = new(
        "id of a hosted zone",
        "",
        value => RunbookTypes.Fitting(value, HostedZonePattern, "an id of a hosted zone, as 'Z0123456789ABCDEFGHIJ'")
    );

    public static readonly PlanKey<string> ZoneKey = new("zone", Name)
    {
        IsRequired = true,
        Example = "example.net",
        About = "The zone.",
    };

    [GeneratedRegex(@"^[A-Z0-9]{1,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostedZonePattern { get; }

    [GeneratedRegex(
        @"^(?=.{1,253}\z)(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex NamePattern { get; }

    /// <summary>A name without any record is not what a step is for.</summary>
    private static ValueList<string> ReadValues(PlanValue value)
    {
        if (value.Node is not YamlNode.Sequence { Items.Count: 0 })
            return PlanTypes.ReadTexts(value);
        value.Refuse(PlanProblems.Type(value.Path, "a list with one value at least", "an empty list", value.Example));
        return [];
    }
}
