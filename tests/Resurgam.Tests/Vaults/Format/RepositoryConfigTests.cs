using System.Text;
using CsCheck;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Format;

public sealed class RepositoryConfigTests
{
    [Fact]
    public void A_config_of_restic_reads_and_is_written_byte_for_byte()
    {
        var config = RepositoryConfig.Read(GoldenDocuments.Utf8(GoldenDocuments.Config));

        Assert.Equal(
            new RepositoryConfig(
                2,
                "f4714288e03608b8ac96b3d5cdb96efa62a2606296b2ae36e796ecccf1751b6a",
                "204e817b61f2d7"
            ),
            config
        );
        Assert.Equal(GoldenDocuments.Config, Encoding.UTF8.GetString(config.Write()));
    }

    [Fact]
    public void A_new_one_is_of_version_2_with_an_irreducible_polynomial() =>
        Gen.Int.Sample(
            seed =>
            {
                var config = RepositoryConfig.Create(new SeededEntropy(seed));

                Assert.Equal(2, config.Version);
                Assert.Matches("^[0-9a-f]{64}$", config.Id);
                Assert.True(ChunkerPolynomials.TryParse(config.ChunkerPolynomial, out var polynomial));
                Assert.True(ChunkerPolynomials.IsIrreducible(polynomial));
                Assert.Equal(config, RepositoryConfig.Read(config.Write()));
            },
            iter: 50
        );

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4_000_000_000)]
    public void Another_version_is_refused(long version)
    {
        var json = GoldenDocuments.Config.Replace("\"version\":2", $"\"version\":{version}", StringComparison.Ordinal);

        var refusal = Assert.Throws<ResurgamException>(() => RepositoryConfig.Read(GoldenDocuments.Utf8(json)));

        Assert.Equal("vault-version", refusal.Problem.Code);
        Assert.Equal(
            $"the repository has format version {version}, and this program knows 1 and 2",
            refusal.Problem.What
        );
    }

    [Theory]
    [InlineData(0x204e817b61f2d7UL, true)] // restic drew it
    [InlineData(0x3DA3358B4DC173UL, true)] // the one in restic's own tests
    [InlineData(0x3DA3358B4DC171UL, false)]
    [InlineData(0x204e817b61f2d6UL, false)] // x divides it
    [InlineData(0x20000000000001UL, false)] // x + 1 divides it
    [InlineData(0x7UL, false)] // irreducible, of another degree
    [InlineData(0UL, false)]
    [InlineData(ulong.MaxValue, false)]
    public void Irreducible_polynomials_are_told_from_others(ulong polynomial, bool isIrreducible) =>
        Assert.Equal(isIrreducible, ChunkerPolynomials.IsIrreducible(polynomial));

    [Fact]
    public void A_product_is_not_irreducible() =>
        Gen.Select(Gen.ULong[2, (1 << 20) - 1], Gen.ULong[1, (1UL << 32) - 1])
            .Sample((a, b) => Assert.False(ChunkerPolynomials.IsIrreducible(Multiply(a, b))));

    [Fact]
    public void One_in_fifty_three_polynomials_is_irreducible()
    {
        Random random = new(1);
        var found = Enumerable
            .Range(0, 20_000)
            .Count(_ => ChunkerPolynomials.IsIrreducible((ulong)random.NextInt64(1L << 53, 1L << 54)));
        Assert.InRange(found, 300, 460); // 377 on average
    }

    private static ulong Multiply(ulong a, ulong b)
    {
        ulong product = 0;
        for (; b != 0; b >>= 1, a <<= 1)
            product ^= (b & 1) != 0 ? a : 0;
        return product;
    }
}
