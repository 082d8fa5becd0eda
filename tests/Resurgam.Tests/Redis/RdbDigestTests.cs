using Resurgam.Core.Problems;
using Resurgam.Core.Redis;

namespace Resurgam.Tests.Redis;

public sealed class RdbDigestTests
{
    [Fact]
    public void A_set_is_the_same_in_any_order_and_any_form()
    {
        var table = RdbDigest.Of(2, Bytes(maker => maker.Number(3).Text("1").Text("-2").Text("300")));
        var other = RdbDigest.Of(2, Bytes(maker => maker.Number(3).Text("300").Text("1").Text("-2")));
        byte[] integers = [2, 0, 0, 0, 3, 0, 0, 0, 0xFE, 0xFF, 1, 0, 0x2C, 1];
        byte[] packed = [0, 0, 0, 0, 3, 0, 1, 1, 0xDF, 0xFE, 2, 0xC1, 0x2C, 2, 0xFF];
        Assert.Equal(table, other);
        Assert.Equal(table, RdbDigest.Of(11, [(byte)integers.Length, .. integers]));
        Assert.Equal(table, RdbDigest.Of(20, [(byte)packed.Length, .. packed]));
    }

    [Fact]
    public void A_list_has_an_order()
    {
        var list = RdbDigest.Of(1, Bytes(maker => maker.Number(2).Text("a").Text("b")));
        Assert.NotEqual(list, RdbDigest.Of(1, Bytes(maker => maker.Number(2).Text("b").Text("a"))));
        byte[] packed = [0, 0, 0, 0, 2, 0, 0x81, (byte)'a', 2, 0x81, (byte)'b', 2, 0xFF];
        Assert.Equal(list, RdbDigest.Of(18, [1, 2, (byte)packed.Length, .. packed]));
    }

    [Fact]
    public void A_hash_goes_by_its_fields()
    {
        var one = RdbDigest.Of(4, Bytes(maker => maker.Number(2).Text("f").Text("v").Text("g").Text("w")));
        var other = RdbDigest.Of(4, Bytes(maker => maker.Number(2).Text("g").Text("w").Text("f").Text("v")));
        var swapped = RdbDigest.Of(4, Bytes(maker => maker.Number(2).Text("f").Text("w").Text("g").Text("v")));
        Assert.Equal(one, other);
        Assert.NotEqual(one, swapped);
    }

    /// <summary>Redis 7.4: fields that expire may be gone by the time of the comparison.</summary>
    [Fact]
    public void A_hash_with_fields_that_expire_goes_by_those_that_stay()
    {
        var plain = RdbDigest.Of(4, Bytes(maker => maker.Number(1).Text("f").Text("1")));
        var table = RdbDigest.Of(
            24,
            Bytes(maker =>
                maker.Raw(new byte[8]).Number(2).Number(9_000).Text("g").Text("w").Number(0).Text("f").Text("1")
            )
        );
        byte[] packed = [0, 0, 0, 0, 6, 0, 0x81, (byte)'g', 2, 2, 1, 5, 1, 0x81, (byte)'f', 2, 1, 1, 0, 1, 0xFF];
        var none = RdbDigest.Of(24, Bytes(maker => maker.Raw(new byte[8]).Number(1).Number(7).Text("g").Text("w")));

        Assert.Equal(plain, table);
        Assert.Equal(plain, RdbDigest.Of(25, [.. new byte[8], (byte)packed.Length, .. packed]));
        Assert.Equal(RdbDigest.OfNothingLasting, none);
    }

    [Fact]
    public void Texts_are_the_same_packed_and_plain()
    {
        var plain = RdbDigest.Of(0, Bytes(maker => maker.Text("ab" + new string('b', 18))));
        Assert.Equal(plain, RdbDigest.Of(0, [0xC3, 6, 20, 1, (byte)'a', (byte)'b', 0xE0, 9, 0]));
        Assert.Equal(RdbDigest.Of(0, Bytes(maker => maker.Text("12345"))), RdbDigest.Of(0, [0xC1, 0x39, 0x30]));
        Assert.Equal(RdbDigest.Of(0, Bytes(maker => maker.Text("-7"))), RdbDigest.Of(0, [0xC0, 0xF9]));
    }

    [Theory]
    [InlineData(0, new byte[] { 5, 1 })]
    [InlineData(0, new byte[] { 0xC3, 2, 20, 0xE0, 9 })]
    [InlineData(0, new byte[] { 0xC3, 3, 3, 0x20, 5, 0 })]
    [InlineData(20, new byte[] { 7, 0, 0, 0, 0, 2, 0, 0x85 })]
    [InlineData(2, new byte[] { 0xC0 })]
    public void What_cannot_be_is_garbled(byte type, byte[] value) =>
        Assert.Equal(
            "redis-rdb-garbled",
            Assert.Throws<ResurgamException>(() => RdbDigest.Of(type, value)).Problem.Code
        );

    private static byte[] Bytes(Action<RdbMaker> write)
    {
        RdbMaker maker = new("");
        write(maker);
        return maker.End()[..^9];
    }
}
