using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Media;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults.Media;

public sealed class MediaLedgerTests
{
    private readonly LedgerWorld _world = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_set_is_away_while_every_volume_of_it_is_confirmed()
    {
        await TellAsync(Written("old", 1).ToFact());
        var old = _world.Time.GetUtcNow();
        await TellAsync(Written("new", 1).ToFact());
        Assert.False((await ReadAsync()).Get("new").IsWhole);
        await TellAsync(Written("new", 2).ToFact());
        Assert.Null((await ReadAsync()).NewestAway);

        await TellAsync(Custody("old", MediaAct.Confirmed, 1).ToFact());
        Assert.Null((await ReadAsync()).NewestAway);
        await TellAsync(Written("old", 2).ToFact());
        await TellAsync(Custody("old", MediaAct.Confirmed, 2).ToFact());
        Assert.Equal(old, (await ReadAsync()).NewestAway);

        await TellAsync(Custody("old", MediaAct.Taken, 2).ToFact());
        Assert.Null((await ReadAsync()).NewestAway);
        await TellAsync(Custody("old", MediaAct.Destroyed, 1, 2).ToFact());
        await TellAsync(Custody("new", MediaAct.Confirmed, 1, 2).ToFact());

        var media = await ReadAsync();
        Assert.Equal(["new", "old"], media.Sets.Select(set => set.Written.Set).Order(StringComparer.Ordinal));
        Assert.All(media.Get("old").Volumes, volume => Assert.True(volume.IsDestroyed));
        Assert.True(media.NewestAway > old);
        Assert.Equal(2, media.Get("new").Volumes.Count());
    }

    [Fact]
    public async Task What_the_ledger_does_not_know_is_told()
    {
        await TellAsync(Written("old", 1).ToFact());
        await TellAsync(LedgerFact.Of(EntryKind.MediaCustody, "{\"set\":1}"u8.ToArray())); // of another program
        await TellAsync(Custody("other", MediaAct.Taken, 1).ToFact());
        await TellAsync(Custody("old", MediaAct.Taken, 7).ToFact());
        var media = await ReadAsync();

        Assert.Empty(media.Get("old").Get(1).Moves);
        Assert.Equal("media-set-unknown", Assert.Throws<ResurgamException>(() => media.Get("other")).Problem.Code);
        Assert.Equal(
            "media-volume-unknown",
            Assert.Throws<ResurgamException>(() => media.Get("old").Get(7)).Problem.Code
        );
    }

    [Fact]
    public async Task The_sheet_has_checksums_and_every_hand_and_lines_for_more()
    {
        await TellAsync(Written("old", 1).ToFact());
        await TellAsync(Custody("old", MediaAct.Taken, 1).ToFact());
        var sheet = MediaSheet.Of((await ReadAsync()).Get("old"), "vault-1");

        Assert.Contains("NOT ALL OF THEM ARE WRITTEN", sheet, StringComparison.Ordinal);
        Assert.Contains(new string('a', 32), sheet, StringComparison.Ordinal);
        Assert.Contains("taken by Ada, safe 3", sheet, StringComparison.Ordinal);
        Assert.All(sheet.Split('\n'), line => Assert.InRange(line.Length, 0, 95));
    }

    private Task<MediaLedger> ReadAsync() => MediaLedger.ReadAsync(_world.Ledger, Token);

    private async Task TellAsync(LedgerFact fact)
    {
        _world.Time.Advance(TimeSpan.FromHours(1));
        await _world.NewWriter(_world.NewMachine("one")).AppendAsync(StreamName.Vault, fact, Token);
    }

    private static MediaWritten Written(string set, int number) =>
        new(set, 2, ["2026-11"], "/mnt", [new MediaWrittenVolume(number, 1000, new string('a', 64), 3, 0)]);

    private static MediaCustody Custody(string set, MediaAct act, params int[] volumes) =>
        new(set, volumes, act, "Ada", "safe 3", Note: null, WasRead: false);
}
