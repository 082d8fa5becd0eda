using CsCheck;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Keys;

public sealed class RecoveryShareTests
{
    private const string Vault = "00112233445566778899aabbccddeeff";

    [Fact]
    public void Shares_survive_paper_and_give_the_secret() =>
        Gen.Select(Gen.Byte.Array[32], Gen.Int[2, 5], Gen.Int[0, 5], Gen.Int)
            .Sample(
                (secret, threshold, more, seed) =>
                {
                    var made = RecoveryShare.Split(secret, Vault, threshold, threshold + more, new SeededEntropy(seed));
                    var paper = string.Join("\nkept by somebody:  ", made.Skip(more).Select(share => share.ToPaper()));
                    var read = RecoveryShare.FindAll(paper.ToLowerInvariant().Replace('0', 'o'), "paper");
                    Assert.Equal(threshold, read.Count);
                    Assert.All(read, share => Assert.Equal(Vault, share.VaultId));
                    Assert.Equal(secret, RecoveryShare.Combine(read));
                },
                iter: 200
            );

    [Fact]
    public void A_wrong_digit_anywhere_is_noticed()
    {
        var paper = RecoveryShare.Split(Secret(1), Vault, 2, 2, new SeededEntropy(1))[0].ToPaper();
        for (var at = RecoveryShare.Mark.Length; at < paper.Length; at++)
        {
            if (paper[at] == '-')
                continue;
            var wrong = paper[..at] + (paper[at] == 'Z' ? 'Y' : 'Z') + paper[(at + 1)..];
            Assert.False(RecoveryShare.TryParse(wrong, out _), wrong);
        }
        Assert.False(RecoveryShare.TryParse(paper[..^1], out _));
        Assert.False(RecoveryShare.TryParse(paper + "0", out _));
    }

    [Fact]
    public void A_share_does_not_print_its_value()
    {
        var share = RecoveryShare.Split(Secret(1), Vault, 2, 3, new SeededEntropy(1))[1];
        Assert.Equal($"share 2 of 3, set {share.SetName}", share.ToString());
    }

    [Fact]
    public void Too_few_mixed_and_false_shares_are_told_apart()
    {
        var one = RecoveryShare.Split(Secret(1), Vault, 3, 5, new SeededEntropy(1));
        var other = RecoveryShare.Split(Secret(2), Vault, 3, 5, new SeededEntropy(2));
        Assert.Equal("shares-few", CodeOf([]));
        Assert.Equal("shares-few", CodeOf([one[0], one[4], one[4]]));
        Assert.Equal("shares-mixed", CodeOf([one[0], one[1], other[2]]));
        Assert.Equal("shares-false", CodeOf([one[0], one[1], one[2] with { Index = 4 }]));
        Assert.Equal(
            "shares-threshold",
            Assert
                .Throws<ResurgamException>(() => RecoveryShare.Split(Secret(1), Vault, 1, 5, new SeededEntropy(1)))
                .Problem.Code
        );
    }

    private static string CodeOf(IReadOnlyList<RecoveryShare> shares) =>
        Assert.Throws<ResurgamException>(() => RecoveryShare.Combine(shares)).Problem.Code;

    private static byte[] Secret(int seed)
    {
        var secret = new byte[RecoveryShare.SecretBytes];
        new SeededEntropy(seed).Fill(secret);
        return secret;
    }
}
