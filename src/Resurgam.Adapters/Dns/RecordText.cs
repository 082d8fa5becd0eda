using System.Net;
using System.Net.Sockets;
using System.Text;
using Resurgam.Adapters.Dns.Wire;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Dns;

/// <summary>What a record says, as people write it and as it goes over the wire.</summary>
internal static class RecordText
{
    /// <summary>The one form of it that values are compared in; null when it is no value of the type.</summary>
    public static string? TryNormal(DnsType type, string value) =>
        type switch
        {
            DnsType.A => IPAddress.TryParse(value, out var four)
            && four.AddressFamily == AddressFamily.InterNetwork
            && value.Count(letter => letter == '.') == 3
                ? four.ToString()
                : null,
            DnsType.Aaaa => IPAddress.TryParse(value, out var six)
            && six.AddressFamily == AddressFamily.InterNetworkV6
            && six.ScopeId == 0
                ? six.ToString()
                : null,
            DnsType.Cname => value.Length is > 0 and < 254
            && value.TrimEnd('.').Split('.').All(label => label.Length is > 0 and < 64 && Ascii.IsValid(label))
                ? $"{value.TrimEnd('.').ToLowerInvariant()}."
                : null,
            DnsType.Txt => TextStrings.TryParse(value) is { } strings ? TextStrings.Format(strings) : null,
        };

    public static ushort NumberOf(DnsType type) =>
        type switch
        {
            DnsType.A => 1,
            DnsType.Aaaa => 28,
            DnsType.Cname => DnsRecord.Cname,
            DnsType.Txt => 16,
        };

    /// <param name="value">In its normal form.</param>
    public static byte[] ToWire(DnsType type, string value) =>
        type switch
        {
            DnsType.A or DnsType.Aaaa => IPAddress.Parse(value).GetAddressBytes(),
            DnsType.Cname => new DnsWriter().Name(value).ToBytes(),
            DnsType.Txt =>
            [
                .. (TextStrings.TryParse(value) ?? []).SelectMany(part => (byte[])[(byte)part.Length, .. part]),
            ],
        };

    /// <summary>In its normal form.</summary>
    /// <exception cref="FormatException">It is none of the type.</exception>
    public static string FromWire(DnsType type, byte[] data)
    {
        switch (type)
        {
            case DnsType.A when data.Length == 4:
            case DnsType.Aaaa when data.Length == 16:
                return new IPAddress(data).ToString();
            case DnsType.Cname when data.Length > 0:
                return DnsMessage.ReadName(data, 0).Name;
            case DnsType.Txt when data.Length > 0:
                List<byte[]> strings = [];
                for (var at = 0; at < data.Length && at + data[at] < data.Length; at += 1 + data[at])
                    strings.Add(data[(at + 1)..(at + 1 + data[at])]);
                return TextStrings.Format(strings);
            default:
                throw new FormatException("a record whose length does not fit its type");
        }
    }
}
