using Resurgam.Adapters.Ledgers;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Ledgers;

public sealed class NodeKeyFileTests : IDisposable
{
    private readonly SeededEntropy _entropy = new(1);
    private readonly TemporaryFolder _folder = new();

    private string Key => _folder.Combine("ledger/node.key");

    [Fact]
    public void A_key_is_made_once_and_only_its_owner_may_read_it()
    {
        using var first = NodeKeyFile.Open(Key, _entropy);
        using var again = NodeKeyFile.Open(Key, _entropy);

        Assert.Equal(first.Key.Id, again.Key.Id);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key));
        Assert.Equal([Key], Directory.GetFiles(_folder.Combine("ledger")));
        Assert.True(again.Key.Verifies("text"u8, first.Sign("text"u8)));
        Assert.False(again.Key.Verifies("texT"u8, first.Sign("text"u8)));
    }

    [Fact]
    public void Of_several_makers_one_wins_and_all_have_its_key()
    {
        var ids = new LedgerKeyId[8];
        Parallel.For(
            0,
            ids.Length,
            i =>
            {
                using var signer = NodeKeyFile.Open(Key, _entropy);
                ids[i] = signer.Key.Id;
            }
        );

        Assert.Single(ids.Distinct());
    }

    [Fact]
    public void A_key_that_others_may_read_is_refused()
    {
        NodeKeyFile.Open(Key, _entropy).Dispose();
        File.SetUnixFileMode(Key, File.GetUnixFileMode(Key) | UnixFileMode.GroupRead);

        Assert.Equal("ledger-key-open", CodeOfOpen());
    }

    [Fact]
    public void A_file_that_is_no_key_is_named()
    {
        NodeKeyFile.Open(Key, _entropy).Dispose();
        File.WriteAllText(Key, "no key");
        Assert.Equal("ledger-key-unreadable", CodeOfOpen());

        File.WriteAllText(Key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        Assert.Equal("ledger-key-unreadable", CodeOfOpen());
    }

    [Fact]
    public void What_was_seen_is_remembered_and_the_further_entry_stays()
    {
        SeenHeads seen = new(_folder.Combine("seen"), _entropy);
        Assert.Empty(seen.Read());
        var (three, five) = (HeadOf(3), HeadOf(5));

        seen.Add([five]);
        seen.Add([three]);

        Assert.Equal([five], seen.Read());
        File.AppendAllText(seen.Path, "damaged line\n");
        Assert.Equal([five], seen.Read());
        Assert.Equal(three, SeenHeads.TryParse($"asset.db:3:{three.Hash}"));
    }

    [Fact]
    public async Task What_waits_is_handed_over_in_its_order_and_forgotten_only_when_it_was_written()
    {
        PendingFacts pending = new(_folder.Combine("pending"), _entropy);
        for (var i = 0; i < 3; i++)
            pending.Add(LedgerWorld.Db, LedgerWorld.Fact(i), DateTimeOffset.UnixEpoch.AddSeconds(i));
        List<string> written = [];

        await Assert.ThrowsAsync<ResurgamException>(() => pending.DrainAsync((_, fact) => WriteAsync(fact, most: 1)));
        await pending.DrainAsync((_, fact) => WriteAsync(fact, most: 9));
        await pending.DrainAsync((_, fact) => WriteAsync(fact, most: 9));

        Assert.Equal(["0", "1", "2"], written.Select(body => body["{\"number\":".Length..][..1]));
        Assert.All(
            written,
            body => Assert.Contains("\"occurredAt\":\"1970-01-01T00:00:0", body, StringComparison.Ordinal)
        );

        Task WriteAsync(LedgerFact fact, int most)
        {
            if (written.Count >= most)
                throw FaultyStore.Failure("put");
            written.Add(System.Text.Encoding.UTF8.GetString(fact.Body.Span));
            return Task.CompletedTask;
        }
    }

    public void Dispose() => _folder.Dispose();

    private string CodeOfOpen() => Assert.Throws<ResurgamException>(() => NodeKeyFile.Open(Key, _entropy)).Problem.Code;

    private static LedgerHead HeadOf(int seq) => new(LedgerWorld.Db, seq, EntryHash.Of([(byte)seq]));
}
