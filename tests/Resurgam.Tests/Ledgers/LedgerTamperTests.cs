using System.Text;
using Resurgam.Core.Ledgers;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Ledgers;

/// <summary>Everything that somebody could do to a ledger in a store, with the vault's secret and without, and what tells of it.</summary>
public sealed class LedgerTamperTests
{
    private readonly LedgerWorld _world = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_flipped_byte_of_every_object_is_found()
    {
        await _world.FillAsync(LedgerWorld.Db, 6, Token);
        await new LedgerCompaction(_world.Ledger).RunAsync(LedgerWorld.Db, Token);
        foreach (var (key, healthy) in _world.Store.Objects)
        {
            for (var at = 0; at < healthy.Length; at++)
            {
                byte[] damaged = [.. healthy];
                damaged[at] ^= 1;
                _world.Store.Overwrite(key, damaged);
                var report = await _world.VerifyAsync(Token);
                Assert.True(report.Findings.Any(f => f.Fault == LedgerFault.Damaged), $"{key}, byte {at}");
            }
            _world.Store.Overwrite(key, healthy);
        }
    }

    /// <summary>The lines themselves, as in an export, or sealed anew by somebody who has the secret.</summary>
    [Fact]
    public async Task Every_flipped_byte_of_every_line_is_found_though_it_is_sealed_anew()
    {
        await _world.FillAsync(LedgerWorld.Db, 3, Token);
        foreach (var key in _world.Store.Objects.Keys.Where(key => !key.Contains("streams", StringComparison.Ordinal)))
        {
            var line = _world.LineOf(key);
            for (var at = 0; at < line.Length; at++)
            {
                byte[] forged = [.. line];
                forged[at] ^= 1;
                _world.Forge(key, forged);
                Assert.False((await _world.VerifyAsync(Token)).Passed, $"{key}, byte {at}");
            }
            _world.Forge(key, line);
        }
        Assert.True((await _world.VerifyAsync(Token)).Passed);
    }

    [Fact]
    public async Task An_old_entry_at_another_place_is_found()
    {
        await _world.FillAsync(LedgerWorld.Db, 3, Token);
        await _world.NewWriter(_world.NewMachine("two")).AppendAsync(LedgerWorld.Files, LedgerWorld.Fact(0), Token);

        await AssertFoundAsync(LedgerFault.Damaged, from: (LedgerWorld.Db, 2), to: (LedgerWorld.Db, 4));
        await AssertFoundAsync(LedgerFault.Damaged, from: (LedgerWorld.Db, 2), to: (LedgerWorld.Db, 3));
        await AssertFoundAsync(LedgerFault.Damaged, from: (LedgerWorld.Db, 1), to: (LedgerWorld.Files, 1));
    }

    [Fact]
    public async Task An_entry_of_another_vault_is_found()
    {
        LedgerWorld other = new(seed: 2);
        await other.FillAsync(LedgerWorld.Db, 3, Token);
        await _world.FillAsync(LedgerWorld.Db, 3, Token);
        var key = LedgerWorld.KeyOf(LedgerWorld.Db, 1);

        _world.Store.Overwrite(key, other.Store.Objects[key]);
        Assert.Contains((await _world.VerifyAsync(Token)).Findings, f => f.Fault == LedgerFault.Damaged);
        _world.Forge(key, other.LineOf(key));
        Assert.Contains((await _world.VerifyAsync(Token)).Findings, f => f.Fault == LedgerFault.Unsigned);
    }

    [Fact]
    public async Task A_missing_entry_is_found()
    {
        await _world.FillAsync(LedgerWorld.Db, 5, Token);
        await _world.Store.DeleteAsync(LedgerWorld.KeyOf(LedgerWorld.Db, 3), Token);

        var finding = Assert.Single((await _world.VerifyAsync(Token)).Findings);

        Assert.Equal((LedgerFault.Missing, 3L), (finding.Fault, finding.Seq));
    }

    [Fact]
    public async Task Dropped_last_entries_are_found_by_the_anchor_and_by_who_saw_them()
    {
        var writer = await _world.FillAsync(LedgerWorld.Db, 3, Token);
        _world.Time.Advance(TimeSpan.FromDays(1));
        await writer.AnchorAsync(Token);
        var seen = (await writer.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(3), Token)).Head;

        await _world.Store.DeleteAsync(LedgerWorld.KeyOf(LedgerWorld.Db, 4), Token);
        Assert.True((await _world.VerifyAsync(Token)).Passed); // newer than the anchor: what no ledger can know by itself
        Assert.Equal(
            LedgerFault.Dropped,
            Assert.Single((await _world.VerifyAsync(_world.Store, [seen], Token)).Findings).Fault
        );

        await _world.Store.DeleteAsync(LedgerWorld.KeyOf(LedgerWorld.Db, 3), Token);
        Assert.Equal(LedgerFault.Dropped, Assert.Single((await _world.VerifyAsync(Token)).Findings).Fault);
    }

    [Theory]
    [InlineData("hash alone")]
    [InlineData("no hash")]
    [InlineData("another line")]
    [InlineData("another place")]
    [InlineData("another number")]
    [InlineData("whole")]
    public async Task Only_the_very_entry_that_was_kept_explains_one_that_is_missing(string kept)
    {
        var writer = await _world.FillAsync(LedgerWorld.Db, 3, Token);
        var dropped = await _world.Ledger.FindAsync(LedgerWorld.Db, 3, Token);
        Assert.NotNull(dropped);
        var line = Encoding.ASCII.GetString(dropped.Line.Span[..^1]);
        await _world.Store.DeleteAsync(LedgerWorld.KeyOf(LedgerWorld.Db, 3), Token);
        await SetAsideAsync(
            writer,
            kept == "another place" ? LedgerWorld.Files : LedgerWorld.Db,
            kept == "another number" ? 4 : 3,
            kept == "no hash" ? null : dropped.Hash.Hex,
            kept switch
            {
                "hash alone" => null,
                "another line" => line.Replace("\"number\":2", "\"number\":9", StringComparison.Ordinal),
                _ => line,
            }
        );

        var report = await _world.VerifyAsync(_world.Store, [dropped.Head], Token);

        Assert.Equal(kept == "whole", report.Passed);
    }

    [Fact]
    public async Task A_kept_entry_that_no_key_of_the_ledger_signed_explains_nothing()
    {
        var writer = await _world.FillAsync(LedgerWorld.Db, 3, Token);
        var thief = _world.NewMachine("thief");
        var forged = LedgerLine.Sign(
            await _world.Ledger.FindHeadAsync(LedgerWorld.Db, Token),
            LedgerWorld.Fact(4),
            _world.Time.GetUtcNow(),
            thief.Actor,
            thief.Program,
            thief.Node
        );
        await SetAsideAsync(
            writer,
            LedgerWorld.Db,
            4,
            forged.Hash.Hex,
            Encoding.ASCII.GetString(forged.Line.Span[..^1])
        );

        Assert.False((await _world.VerifyAsync(_world.Store, [forged.Head], Token)).Passed);
    }

    private static async Task SetAsideAsync(
        LedgerWriter writer,
        StreamName stream,
        long seq,
        string? hash,
        string? line
    ) =>
        await writer.AppendAsync(
            StreamName.OfFork("x"),
            LedgerFact.Of(
                EntryKind.SetAside,
                json =>
                {
                    json.WriteString("stream", stream.Value);
                    json.WriteNumber("seq", seq);
                    if (hash is null)
                        json.WriteNumber("hash", 1);
                    else
                        json.WriteString("hash", hash);
                    if (line is not null)
                        json.WriteString("line", line);
                }
            ),
            Token
        );

    [Fact]
    public async Task A_whole_stream_that_was_dropped_is_found_by_the_anchor()
    {
        await _world.FillAsync(LedgerWorld.Db, 2, Token);
        foreach (var key in _world.Store.Objects.Keys.Where(key => key.Contains("asset.db", StringComparison.Ordinal)))
            await _world.Store.DeleteAsync(key, Token);

        Assert.Equal(LedgerFault.Dropped, Assert.Single((await _world.VerifyAsync(Token)).Findings).Fault);
    }

    [Fact]
    public async Task Last_entries_that_were_written_anew_are_a_fork_for_who_saw_the_others()
    {
        var writer = await _world.FillAsync(LedgerWorld.Db, 3, Token);
        var seen = await _world.Ledger.FindHeadAsync(LedgerWorld.Db, Token);
        await _world.Store.DeleteAsync(LedgerWorld.KeyOf(LedgerWorld.Db, 3), Token);
        await writer.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(99), Token);

        var finding = Assert.Single((await _world.VerifyAsync(_world.Store, [seen], Token)).Findings);

        Assert.Equal((LedgerFault.Forked, 3L), (finding.Fault, finding.Seq));
        Assert.Contains(seen.Hash.Short, finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_entry_beside_its_segment_is_a_fork()
    {
        await _world.FillAsync(LedgerWorld.Db, 5, Token);
        var key = LedgerWorld.KeyOf(LedgerWorld.Db, 2);
        var second = _world.LineOf(key);
        await new LedgerCompaction(_world.Ledger).RunAsync(LedgerWorld.Db, Token);
        _world.Forge(key, second);
        Assert.True((await _world.VerifyAsync(Token)).Passed); // the same line: not deleted yet

        LedgerWorld other = new();
        var stranger = await other.FillAsync(LedgerWorld.Db, 1, Token);
        await stranger.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(99), Token);
        _world.Forge(key, other.LineOf(key));

        var finding = Assert.Single((await _world.VerifyAsync(Token)).Findings);
        Assert.Equal((LedgerFault.Forked, 2L), (finding.Fault, finding.Seq));
    }

    [Fact]
    public async Task What_a_withdrawn_or_unknown_key_signed_does_not_count()
    {
        var stolen = _world.NewMachine("stolen");
        await _world.NewWriter(stolen).AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(0), Token);
        var other = _world.NewWriter(_world.NewMachine("other"));
        await other.WithdrawAsync(stolen.Node.Key.Id.Value, "stolen", Token);

        await ForgeNextAsync(stolen.Node);
        var finding = Assert.Single((await _world.VerifyAsync(Token)).Findings);
        Assert.Equal((LedgerFault.Unsigned, 2L), (finding.Fault, finding.Seq));
        Assert.Contains("withdrawn after entry 1", finding.What, StringComparison.Ordinal);

        await _world.Store.DeleteAsync(LedgerWorld.KeyOf(LedgerWorld.Db, 2), Token);
        await ForgeNextAsync(_world.NewMachine("nobody").Node);
        Assert.Contains("never introduced", await WhatAsync(), StringComparison.Ordinal);

        await _world.Store.DeleteAsync(LedgerWorld.KeyOf(LedgerWorld.Db, 2), Token);
        await ForgeNextAsync(_world.OpenRoot());
        Assert.Contains("which is for keys alone", await WhatAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_an_older_key_introduced_counts_and_one_that_introduced_itself_does_not()
    {
        var old = _world.NewMachine("old");
        await _world.NewWriter(old).AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(0), Token);
        var young = _world.NewMachine("young");

        await ForgeAsync(StreamName.Vault, Introduction(young), old.Node);
        await _world.NewWriter(young).AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(1), Token);
        Assert.True((await _world.VerifyAsync(Token, allSignatures: true)).Passed);

        var upstart = _world.NewMachine("upstart");
        await ForgeAsync(StreamName.Vault, Introduction(upstart), upstart.Node);
        Assert.Contains("never introduced", await WhatAsync(), StringComparison.Ordinal);
    }

    /// <summary>The one thing that only the check of all signatures shows.</summary>
    [Fact]
    public async Task A_false_signature_that_was_built_upon_is_found_by_verifying_all()
    {
        var machine = _world.NewMachine("one");
        var writer = _world.NewWriter(machine);
        await writer.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(0), Token);
        await ForgeAsync(LedgerWorld.Db, LedgerWorld.Fact(1), new FalseSigner(machine.Node));
        Assert.False((await _world.VerifyAsync(Token)).Passed);

        await writer.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(2), Token);

        Assert.True((await _world.VerifyAsync(Token)).Passed);
        var finding = Assert.Single((await _world.VerifyAsync(Token, allSignatures: true)).Findings);
        Assert.Equal((LedgerFault.Unsigned, 2L), (finding.Fault, finding.Seq));
    }

    [Fact]
    public async Task A_ledger_that_another_root_began_is_refused()
    {
        LedgerWorld other = new(seed: 2);
        await other.FillAsync(LedgerWorld.Db, 1, Token);
        _world.Forge(LedgerWorld.KeyOf(StreamName.Vault, 1), other.LineOf(LedgerWorld.KeyOf(StreamName.Vault, 1)));

        Assert.Contains((await _world.VerifyAsync(Token)).Findings, f => f.Fault == LedgerFault.Unsigned);
        var e = await Assert.ThrowsAsync<Core.Problems.ResurgamException>(() =>
            _world.FillAsync(LedgerWorld.Db, 1, Token)
        );
        Assert.Equal("ledger-foreign-damaged", e.Problem.Code);
    }

    [Fact]
    public async Task An_object_that_is_none_of_the_ledgers_is_named()
    {
        await _world.FillAsync(LedgerWorld.Db, 1, Token);
        _world.Store.Overwrite("ledger/asset.db/notes", [1]);

        Assert.Equal(LedgerFault.Stray, Assert.Single((await _world.VerifyAsync(Token)).Findings).Fault);
    }

    private async Task AssertFoundAsync(LedgerFault fault, (StreamName, int) from, (StreamName, int) to)
    {
        var key = LedgerWorld.KeyOf(to.Item1, to.Item2);
        var healthy = _world.Store.Objects.GetValueOrDefault(key);
        _world.Store.Overwrite(key, _world.Store.Objects[LedgerWorld.KeyOf(from.Item1, from.Item2)]);
        Assert.Contains((await _world.VerifyAsync(Token)).Findings, finding => finding.Fault == fault);
        await _world.Store.DeleteAsync(key, Token);
        if (healthy is not null)
            _world.Store.Overwrite(key, healthy);
    }

    private Task ForgeNextAsync(ILedgerSigner signer) => ForgeAsync(LedgerWorld.Db, LedgerWorld.Fact(77), signer);

    private async Task ForgeAsync(StreamName stream, LedgerFact fact, ILedgerSigner signer)
    {
        var head = await _world.Ledger.FindHeadAsync(stream, Token);
        var entry = LedgerLine.Sign(head, fact, _world.Time.GetUtcNow(), "root@forger", "resurgam 0.1.0", signer);
        _world.Forge(LedgerWorld.KeyOf(stream, (int)entry.Seq), entry.Line.Span);
    }

    private static LedgerFact Introduction(LedgerAuthor machine) =>
        LedgerFact.Of(
            EntryKind.KeyIntroduced,
            Encoding.UTF8.GetBytes($"{{\"key\":\"{machine.Node.Key.PublicBase64}\",\"node\":\"x\"}}")
        );

    private async Task<string> WhatAsync() => Assert.Single((await _world.VerifyAsync(Token)).Findings).What;

    private sealed class FalseSigner(ILedgerSigner real) : ILedgerSigner
    {
        public LedgerKey Key => real.Key;

        public byte[] Sign(ReadOnlySpan<byte> bytes) => real.Sign("something else"u8);
    }
}
