using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>Types of records that steps change.</summary>
public enum DnsType
{
    A,
    Aaaa,
    Cname,
    Txt,
}

/// <summary>How they and their values are called.</summary>
public static class DnsWords
{
    public static string Of(DnsType type) =>
        type switch
        {
            DnsType.A => "A",
            DnsType.Aaaa => "AAAA",
            DnsType.Cname => "CNAME",
            DnsType.Txt => "TXT",
        };

    public static string Of(ValueList<string> values) => values.Count == 0 ? "nothing" : string.Join(", ", values);
}
