using Resurgam.Adapters.Dns;
using Resurgam.Adapters.Dns.Wire;
using Resurgam.Core.Runs;

namespace Resurgam.Tests.Dns;

/// <summary>Against messages that dnspython 2.3.0 made: key <c>resurgam</c> with the bytes 0 to 31.</summary>
public sealed class DnsWireTests
{
    /// <summary>www.example.net A from 192.0.2.1 to 198.51.100.7, signed at 1764072000.</summary>
    private const string Signed =
        "123428000001000100020001076578616d706c65036e6574000006000103777777c00c00010001000000000004c0000201c01d000100ff000000000000c01d000100010000003c0004c633640708726573757267616d0000fa00ff00000000003d0b686d61632d73686132353600000069259a40012c0020f9d70dfdb5da78701af652fd2f284a3da024cf0ee020e8cabb945f4847b50c2c123400000000";

    /// <summary>The answer to it, signed five seconds later.</summary>
    private const string Answer =
        "1234a800000000000000000108726573757267616d0000fa00ff00000000003d0b686d61632d73686132353600000069259a45012c0020b236bd5ee0d6c6820ab9250b5834c54515f114c3f7e1b8fc2c6767af615105e4123400000000";

    private const int TsigLength = 81;

    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1764072000);

    private readonly Tsig _key = new("Resurgam.", [.. Enumerable.Range(0, 32).Select(each => (byte)each)]);

    [Fact]
    public void A_message_is_signed_as_others_sign_it()
    {
        var plain = Convert.FromHexString(Signed)[..^TsigLength];
        plain[11] = 0;
        var (message, _) = _key.Sign(plain, At);
        Assert.Equal(Signed, Convert.ToHexStringLower(message));
    }

    [Fact]
    public void An_answer_is_trusted_when_it_is_to_our_question_by_our_key_and_of_now()
    {
        var answer = Convert.FromHexString(Answer);
        var mac = Convert.FromHexString(Signed)[^38..^6];
        Assert.Null(_key.FaultOf(answer, mac, At));
        Assert.Equal("it was signed at another time", _key.FaultOf(answer, mac, At.AddMinutes(6)));
        Assert.Equal("its signature is by another key", _key.FaultOf(answer, new byte[32], At));
        Assert.Equal("its signature is by another key", new Tsig("resurgam", new byte[32]).FaultOf(answer, mac, At));
        for (var bit = 0; bit < answer.Length * 8; bit++)
        {
            var broken = answer.ToArray();
            broken[bit / 8] ^= (byte)(1 << (bit % 8));
            // The message's number stands in the signature once more, and whether letters of a name are large says nothing.
            if (_key.FaultOf(broken, mac, At) is null)
                Assert.True(IsUnsigned(bit / 8, bit % 8), $"bit {bit % 8} of byte {bit / 8}");
        }
    }

    [Fact]
    public void An_update_says_what_others_say()
    {
        var theirs = DnsMessage.TryRead(Convert.FromHexString(Signed))!;
        var ours = DnsMessage.TryRead(Update([192, 0, 2, 1]).ToBytes())!;
        Assert.Equal(Texts(theirs.Answers), Texts(ours.Answers));
        Assert.Equal(Texts(theirs.Authority), Texts(ours.Authority));
    }

    [Fact]
    public void Where_nothing_should_be_the_server_is_told_so()
    {
        var ours = DnsMessage.TryRead((Update([]) with { Was = [] }).ToBytes())!;
        Assert.Equal(["www.example.net. 1 254 0 "], Texts(ours.Answers));
    }

    [Theory]
    [InlineData(DnsType.A, "192.0.2.1", "192.0.2.1", "C0000201")]
    [InlineData(DnsType.Aaaa, "2001:DB8:0::1", "2001:db8::1", "20010DB8000000000000000000000001")]
    [InlineData(DnsType.Cname, "WWW.example.org", "www.example.org.", "03777777076578616D706C65036F726700")]
    [InlineData(DnsType.Txt, "a b", "\"a b\"", "03612062")]
    [InlineData(DnsType.Txt, "\"a b\"  \"c\\\"\\\\\\200\"", "\"a b\" \"c\\\"\\\\\\200\"", "03612062046322" + "5CC8")]
    public void A_value_goes_there_and_back(DnsType type, string written, string normal, string wire)
    {
        Assert.Equal(normal, RecordText.TryNormal(type, written));
        Assert.Equal(wire, Convert.ToHexString(RecordText.ToWire(type, normal)));
        Assert.Equal(normal, RecordText.FromWire(type, Convert.FromHexString(wire)));
    }

    [Theory]
    [InlineData(DnsType.A, "1.2.3")]
    [InlineData(DnsType.A, "::1")]
    [InlineData(DnsType.Aaaa, "192.0.2.1")]
    [InlineData(DnsType.Aaaa, "fe80::1%eth0")]
    [InlineData(DnsType.Cname, "a..b")]
    [InlineData(DnsType.Txt, "ä")]
    [InlineData(DnsType.Txt, "\"a")]
    [InlineData(DnsType.Txt, "\"a\" b")]
    [InlineData(DnsType.Txt, "\"\\999\"")]
    public void What_is_no_value_is_refused(DnsType type, string written) =>
        Assert.Null(RecordText.TryNormal(type, written));

    [Fact]
    public void A_long_text_is_cut_into_strings()
    {
        var normal = RecordText.TryNormal(DnsType.Txt, new string('x', 600))!;
        var wire = RecordText.ToWire(DnsType.Txt, normal);
        Assert.Equal((603, 255), (wire.Length, wire[0]));
        Assert.Equal(normal, RecordText.FromWire(DnsType.Txt, wire));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1234a80000000001")]
    [InlineData("1234a8000000000100000000c00c00010001000000000004c0000201")]
    [InlineData("1234a800000000010000000003777777000001000100000000ffff")]
    public void What_is_cut_or_lies_is_no_message(string bytes) =>
        Assert.Null(DnsMessage.TryRead(Convert.FromHexString(bytes)));

    [Theory]
    [InlineData("9.9.9.9", "9.9.9.9:53")]
    [InlineData("ns.example.net:5353", "ns.example.net:5353")]
    [InlineData("2001:db8::1", "2001:db8::1:53")]
    [InlineData("[2001:db8::1]:54", "2001:db8::1:54")]
    public void A_server_is_named_with_or_without_its_port(string text, string address) =>
        Assert.Equal(address, DnsServer.Parse(text).Address);

    private static UpdateMessage Update(byte[] was) =>
        new()
        {
            Id = 0x1234,
            Zone = "example.net",
            Name = "www.example.net",
            Type = 1,
            Was = [was],
            Values =
            [
                [198, 51, 100, 7],
            ],
            TtlSeconds = 60,
        };

    private static IEnumerable<string> Texts(IEnumerable<DnsRecord> records) =>
        records.Select(each => $"{each.Name} {each.Type} {each.Class} {each.Ttl} {Convert.ToHexString(each.Data)}");

    private static bool IsUnsigned(int at, int bit) =>
        at is 0 or 1 || (bit == 5 && at is (>= 13 and <= 20) or (>= 33 and <= 43));
}
