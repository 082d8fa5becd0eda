using System.Text;
using Resurgam.Core.Problems;
using Resurgam.Core.Redis;

namespace Resurgam.Tests.Redis;

public sealed class RdbScannerTests
{
    [Fact]
    public void Keys_are_counted_by_database_however_the_bytes_come()
    {
        var file = Typical();
        for (var piece = 1; piece < file.Length; piece += piece < 20 ? 1 : 37)
        {
            var rdb = Scan(file, piece);
            Assert.Equal([new(0, 8, 2, 1, 2), new(9, 1, 0, 0, 0)], rdb.Databases);
            Assert.Equal(1, rdb.Functions);
            Assert.Equal(file.Length, rdb.Bytes);
            Assert.Equal(9, rdb.Samples.Count);
            Assert.Null(rdb.Unknown);
        }
    }

    [Fact]
    public void A_file_that_ends_anywhere_is_found()
    {
        var file = Typical();
        for (var length = 0; length < file.Length; length++)
            AssertGarbled(file[..length]);
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_found()
    {
        var file = Typical();
        for (var bit = 0; bit < 8 * file.Length; bit++)
        {
            var flipped = file.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertGarbled(flipped);
        }
    }

    [Fact]
    public void Bytes_behind_the_end_are_found() => AssertGarbled([.. Typical(), 0]);

    [Fact]
    public void A_file_without_checksum_is_whole_and_says_so()
    {
        var rdb = Scan(new RdbMaker().Database(0).String("a", "b").End(hasChecksum: false));
        Assert.Null(rdb.Checksum);
        Assert.Equal([new(0, 1, 0, 0, 0)], rdb.Databases);
    }

    [Fact]
    public void An_empty_file_has_no_databases() => Assert.Empty(Scan(new RdbMaker().End()).Databases!);

    [Theory]
    [InlineData("REDIS0099", 200)]
    [InlineData("VALKEY080", 0)]
    public void What_is_not_known_is_not_counted_and_its_checksum_still_holds(string header, byte type)
    {
        var file = new RdbMaker(header).Database(0).Raw(type).Text("k").Text("v").End();
        var rdb = Scan(file);
        Assert.NotNull(rdb.Unknown);
        Assert.Null(rdb.Databases);
        Assert.NotNull(rdb.Checksum);
        file[^10] ^= 1;
        AssertGarbled(file);
    }

    [Fact]
    public void The_values_of_a_module_are_passed_over()
    {
        var file = new RdbMaker()
            .Raw(0xF7)
            .Number(70_000)
            .Number(2)
            .Number(1)
            .Raw(5)
            .Text("aux")
            .Raw(0)
            .Database(0)
            .Raw(7)
            .Text("module")
            .Number(12345)
            .Raw(1)
            .Number(5)
            .Raw(3, 0, 0, 0, 0)
            .Raw(4, 0, 0, 0, 0, 0, 0, 0, 0)
            .Raw(5)
            .Text("text")
            .Raw(0)
            .String("after", "it")
            .End();
        Assert.Equal([new(0, 2, 0, 0, 0)], Scan(file).Databases);
    }

    [Fact]
    public void Samples_are_bounded_and_another_salt_chooses_others()
    {
        var maker = new RdbMaker().Database(0);
        for (var i = 0; i < 5000; i++)
            maker.String($"key {i}", "value");
        var file = maker.End();
        var (one, other) = (Scan(file, salt: 1).Samples, Scan(file, salt: 2).Samples);
        Assert.Equal(200, one.Count);
        Assert.Equal(200, one.Select(sample => Encoding.UTF8.GetString(sample.Key)).Distinct().Count());
        Assert.InRange(Keys(one).Intersect(Keys(other)).Count(), 0, 60);

        static IEnumerable<string> Keys(IEnumerable<SampleRecord> samples) =>
            samples.Select(sample => Encoding.UTF8.GetString(sample.Key));
    }

    /// <summary>A hash goes with the last of its fields: it may be gone from the first expiry on, and is no sample when none of them lasts.</summary>
    [Theory]
    [InlineData(3_000, 0, 1, 1)]
    [InlineData(3_000, 7, 1, 0)]
    [InlineData(5_000, 7, 0, 0)]
    public void A_hash_with_fields_that_expire_may_be_gone(long firstMs, int expiry, int mayBeGone, int samples)
    {
        var first = BitConverter.GetBytes(firstMs);
        foreach (var piece in new[] { 1, 3, int.MaxValue })
        {
            var file = new RdbMaker("REDIS0012").Database(0).Raw(24).Text("h").Raw(first);
            var read = Scan(file.Number(1).Number(expiry).Text("f").Text("v").String("a", "b").End(), piece);

            var database = Assert.Single(read.Databases ?? []);
            Assert.Equal((2, 0, mayBeGone), (database.Keys, database.ExpiredBefore, database.ExpiredAfter));
            Assert.Equal(1 + samples, read.Samples.Count);
        }
    }

    [Fact]
    public void A_large_value_is_no_sample_and_takes_no_memory()
    {
        var file = new RdbMaker().Database(0).String("large", new string('x', 1 << 20)).String("a", "b").End();
        Assert.Equal("a"u8.ToArray(), Assert.Single(Scan(file, 1000).Samples).Key);
    }

    /// <summary>Every step of the walk: marks, times to live, numbers, compressed texts, nested values.</summary>
    private static byte[] Typical() =>
        new RdbMaker()
            .Aux("redis-ver", "7.0.15")
            .Raw(0xF5)
            .Text("#!lua name=lib")
            .Database(0)
            .Raw(0xFB)
            .Number(8)
            .Number(2)
            .String("plain", "value")
            .Expires(1_000)
            .String("gone", "x")
            .Raw(0xFD, 3, 0, 0, 0)
            .Raw(0xF9, 7)
            .String("soon", "y") // 3000 ms, with a frequency
            .Raw(0xF8)
            .Number(100)
            .Raw(0)
            .Text("number")
            .Raw(0xC1, 0x39, 0x30) // idle, then 12345
            .Raw(0)
            .Text("packed")
            .Raw(0xC3)
            .Number(6)
            .Number(20)
            .Raw(1, (byte)'a', (byte)'b', 0xE0, 9, 1)
            .Raw(4)
            .Text("hash")
            .Number(2)
            .Text("f")
            .Text("v")
            .Text("g")
            .Text("w")
            .Raw(5)
            .Text("scores")
            .Number(1)
            .Text("m")
            .Raw(0, 0, 0, 0, 0, 0, 0xF8, 0x3F)
            .Raw(18)
            .Text("list")
            .Number(1)
            .Number(1)
            .Text(new string('z', 100))
            .Database(9)
            .Raw(15)
            .Text("stream")
            .Number(1)
            .Text("node")
            .Text("pack")
            .Number(1)
            .Number(2)
            .Number(3)
            .Number(1)
            .Text("group")
            .Number(1)
            .Number(2)
            .Number(1)
            .Raw(new byte[24])
            .Number(1)
            .Number(1)
            .Text("consumer")
            .Raw(new byte[8])
            .Number(1)
            .Raw(new byte[16])
            .End();

    private static RdbSummary Scan(byte[] file, int piece = int.MaxValue, ulong salt = 1)
    {
        RdbScanner scanner = new(salt, new RdbWindow(2_000, 4_000));
        for (var at = 0; at < file.Length; at += Math.Min(piece, file.Length - at))
            scanner.Append(file.AsSpan(at, Math.Min(piece, file.Length - at)));
        return scanner.Complete();
    }

    private static void AssertGarbled(byte[] file) =>
        Assert.Equal("redis-rdb-garbled", Assert.Throws<ResurgamException>(() => Scan(file)).Problem.Code);
}
