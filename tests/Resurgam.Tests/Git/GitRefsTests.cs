using System.Text;
using CsCheck;
using Resurgam.Core.Git;

namespace Resurgam.Tests.Git;

public sealed class GitRefsTests
{
    private const string A = "1111111111111111111111111111111111111111";
    private const string B = "2222222222222222222222222222222222222222";

    [Fact]
    public void What_a_remote_lists_and_what_a_mirror_keeps_have_one_digest()
    {
        var remote = Read(
            $"ref: refs/heads/main\tHEAD\n{A}\tHEAD\n{A}\trefs/heads/main\n{B}\trefs/tags/v1\n{A}\trefs/tags/v1^{{}}\n",
            out var head
        );
        var packed = GitRefs.TryReadPacked(
            Encoding.ASCII.GetBytes(
                $"# pack-refs with: peeled fully-peeled sorted \n{A} refs/heads/main\n{B} refs/tags/v1\n^{A}\n"
            )
        );
        Assert.Equal("ref: refs/heads/main", head);
        Assert.Equal(2, remote?.All.Count);
        Assert.Equal(remote?.Digest, packed?.Digest);
    }

    [Fact]
    public void A_head_without_a_branch_is_an_id()
    {
        Read($"{A}\tHEAD\n{A}\trefs/heads/main\n", out var head);
        Assert.Equal(A, head);
        Read($"{A}\trefs/heads/main\n", out head);
        Assert.Null(head);
    }

    [Theory]
    [InlineData("no refs at all\n")]
    [InlineData("1111\trefs/heads/main\n")]
    [InlineData("111111111111111111111111111111111111111g\trefs/heads/main\n")]
    [InlineData("1111111111111111111111111111111111111111\theads/main\n")]
    public void Anything_else_is_none(string text) => Assert.Null(Read(text, out _));

    [Fact]
    public void Names_need_not_be_text()
    {
        byte[] odd = [.. Encoding.ASCII.GetBytes($"{A} refs/heads/"), 0xFF, 0xC3, 0xA9, (byte)'\n'];
        var only = Assert.Single(GitRefs.TryReadPacked(odd)!.All);
        Assert.Equal(@"refs/heads/\xffé", only.Shown);
    }

    [Fact]
    public void What_was_deleted_or_moved_is_found()
    {
        var before = Read($"{A}\trefs/heads/a\n{A}\trefs/heads/b\n{A}\trefs/heads/c\n", out _)!;
        var after = Read($"{A}\trefs/heads/a\n{B}\trefs/heads/b\n{B}\trefs/heads/d\n", out _)!;
        Assert.Equal(
            [("refs/heads/b", B), ("refs/heads/c", null)],
            before.ChangedIn(after).Select(each => (each.Ref.Name, each.NewId))
        );
    }

    [Fact]
    public void The_digest_sees_every_ref_and_no_order() =>
        Gen.Int[0, 50]
            .List[1, 20]
            .Sample(numbers =>
            {
                var lines = numbers.Distinct().Select(n => $"{A}\trefs/heads/{n}\n").ToList();
                var all = Read(string.Concat(lines), out _)!;
                Assert.Equal(all.Digest, Read(string.Concat(lines.AsEnumerable().Reverse()), out _)!.Digest);
                Assert.NotEqual(all.Digest, Read(string.Concat(lines.Skip(1)), out _)!.Digest);
            });

    private static GitRefs? Read(string text, out string? head) =>
        GitRefs.TryReadRemote(Encoding.Latin1.GetBytes(text), out head);
}
