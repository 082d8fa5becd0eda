using System.Text;
using CsCheck;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Wal;

public sealed class WalArchiveTests
{
    private const int SegmentSizeBytes = 1 << 20;
    private static readonly SealingKey October = SealingKey.Create(new SeededEntropy(10));
    private static readonly SealingKey November = SealingKey.Create(new SeededEntropy(11));
    private static readonly Lsn Start = new(3UL * SegmentSizeBytes);

    private readonly MemoryStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_segment_is_read_from_fragments_in_two_generations()
    {
        var wal = Random(SegmentSizeBytes, 1);
        await Archive(_store, October).PutFragmentAsync(Fragment(wal, 0, 5000), Token);
        var both = Archive(_store, October, November);
        await both.PutFragmentAsync(Fragment(wal, 5000, 400_000), Token);

        var read = await both.ReadSegmentAsync(1, 3, Token);

        Assert.NotNull(read);
        Assert.False(read.IsWhole);
        Assert.Equal(Start + 400_000, read.RealEnd);
        Assert.Equal(Zeroed(wal, 400_000), read.Bytes.ToArray());
        Assert.Null(await both.ReadSegmentAsync(1, 4, Token));
        Assert.Null(await both.ReadSegmentAsync(2, 3, Token));
    }

    [Fact]
    public async Task A_whole_segment_replaces_its_fragments()
    {
        var wal = Random(SegmentSizeBytes, 2);
        var archive = Archive(_store, October);
        for (var at = 0; at < SegmentSizeBytes; at += 1 << 17)
            await archive.PutFragmentAsync(Fragment(wal, at, at + (1 << 17)), Token);

        Assert.Equal(0, await archive.PutSegmentAsync(Fragment(wal, 0, SegmentSizeBytes), Token));

        Assert.Equal("2026-10/wal/db/00000001/0000000000300000-00100000", Assert.Single(_store.Objects).Key);
        Assert.Equal(wal, (await archive.ReadSegmentAsync(1, 3, Token))?.Bytes.ToArray());
    }

    [Fact]
    public async Task Neighbours_of_a_segment_stay()
    {
        var wal = Random(3 * SegmentSizeBytes, 3);
        var archive = Archive(_store, October);
        for (var at = 0; at < wal.Length; at += SegmentSizeBytes / 2)
            await archive.PutFragmentAsync(Fragment(wal, at, at + SegmentSizeBytes / 2), Token);

        await archive.PutSegmentAsync(Fragment(wal, SegmentSizeBytes, 2 * SegmentSizeBytes), Token);

        Assert.Equal(5, _store.Objects.Count);
    }

    [Fact]
    public async Task A_store_that_refuses_deletes_keeps_the_fragments_and_reads_right()
    {
        var wal = Random(SegmentSizeBytes, 4);
        var refusing = new FaultyStore(
            _store,
            (_, call) => call.StartsWith("delete", StringComparison.Ordinal) ? StoreFault.Lost : StoreFault.None
        );
        var archive = Archive(refusing, October);
        await archive.PutFragmentAsync(Fragment(wal, 0, 1000), Token);
        await archive.PutFragmentAsync(Fragment(wal, 1000, 2000), Token);

        Assert.Equal(2, await archive.PutSegmentAsync(Fragment(wal, 0, SegmentSizeBytes), Token));

        Assert.Equal(wal, (await archive.ReadSegmentAsync(1, 3, Token))?.Bytes.ToArray());
        Assert.Equal(1, refusing.Calls.Count(c => c.StartsWith("delete", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_is_sent_again_is_taken_when_it_is_the_same()
    {
        var wal = Random(SegmentSizeBytes, 5);
        var archive = Archive(_store, October);
        var fragment = Fragment(wal, 0, 1000);
        await archive.PutFragmentAsync(fragment, Token);
        await archive.PutFragmentAsync(fragment, Token);
        await archive.PutFragmentAsync(fragment with { LastCommitAt = DateTimeOffset.UnixEpoch.AddYears(50) }, Token);

        wal[500] ^= 1;
        var e = await Assert.ThrowsAsync<ResurgamException>(() =>
            archive.PutFragmentAsync(Fragment(wal, 0, 1000), Token)
        );
        Assert.Equal("wal-conflict", e.Problem.Code);
        Assert.Single(_store.Objects);
    }

    [Fact]
    public async Task Another_cluster_is_neither_stored_nor_read()
    {
        var wal = Random(SegmentSizeBytes, 6);
        await Archive(_store, October).PutFragmentAsync(Fragment(wal, 0, 1000), Token);
        var foreign = Fragment(wal, 1000, 2000) with { SystemIdentifier = 2 };

        Assert.Equal(
            "wal-foreign-system",
            await CodeAsync(() => Archive(_store, October).PutFragmentAsync(foreign, Token))
        );

        var reader = Archive(_store, October);
        reader.Expect(new WalIdentity(2, SegmentSizeBytes));
        Assert.Equal("wal-foreign-system", await CodeAsync(() => reader.ReadSegmentAsync(1, 3, Token)));
    }

    [Fact]
    public async Task An_object_under_another_name_is_damage()
    {
        var wal = Random(SegmentSizeBytes, 7);
        var archive = Archive(_store, October);
        await archive.PutFragmentAsync(Fragment(wal, 0, 1000), Token);
        await archive.PutFragmentAsync(Fragment(wal, 1000, 2000), Token);
        var objects = _store.Objects.ToList();
        _store.Overwrite(objects[1].Key, objects[0].Value);

        Assert.Equal("wal-damaged", await CodeAsync(() => archive.ReadSegmentAsync(1, 3, Token)));
    }

    [Fact]
    public async Task Damage_does_not_matter_where_other_objects_tell_the_same()
    {
        var wal = Random(SegmentSizeBytes, 8);
        var refusing = new FaultyStore(
            _store,
            (_, call) => call.StartsWith("delete", StringComparison.Ordinal) ? StoreFault.Lost : StoreFault.None
        );
        var archive = Archive(refusing, October);
        for (var at = 0; at < SegmentSizeBytes; at += SegmentSizeBytes / 4)
            await archive.PutFragmentAsync(Fragment(wal, at, at + SegmentSizeBytes / 4), Token);
        await archive.PutSegmentAsync(Fragment(wal, 0, SegmentSizeBytes), Token);
        var whole = _store.Objects.Keys.Single(k => k.EndsWith("-00100000", StringComparison.Ordinal));
        _store.Overwrite(whole, [1, 2, 3]);

        Assert.Equal(wal, (await archive.ReadSegmentAsync(1, 3, Token))?.Bytes.ToArray());

        var fragment = _store.Objects.Keys.First(k => k != whole);
        _store.Overwrite(fragment, [1, 2, 3]);
        Assert.Equal("wal-damaged", await CodeAsync(() => archive.ReadSegmentAsync(1, 3, Token)));
    }

    /// <summary>A damaged end is not the end: recovery would else stop there and nobody would know.</summary>
    [Fact]
    public async Task A_damaged_last_fragment_is_a_problem_and_not_the_end()
    {
        var wal = Random(SegmentSizeBytes, 9);
        var archive = Archive(_store, October);
        await archive.PutFragmentAsync(Fragment(wal, 0, 1000), Token);
        await archive.PutFragmentAsync(Fragment(wal, 1000, 2000), Token);
        _store.Overwrite(_store.Objects.Keys.Last(), new byte[200]);

        Assert.Equal("wal-damaged", await CodeAsync(() => archive.ReadSegmentAsync(1, 3, Token)));
    }

    [Fact]
    public async Task What_lies_before_damage_can_be_read_and_how_far_it_reaches_is_told()
    {
        var wal = Random(SegmentSizeBytes, 9);
        var archive = Archive(_store, October);
        var commit = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
        await archive.PutFragmentAsync(Fragment(wal, 0, 1000) with { LastCommitAt = commit }, Token);
        await archive.PutFragmentAsync(Fragment(wal, 1000, 2000), Token);
        await archive.PutFragmentAsync(Fragment(wal, 2000, 3000), Token);
        var damaged = _store.Objects.Keys.ElementAt(1);
        _store.Overwrite(damaged, new byte[200]);

        var read = await archive.ReadToDamageAsync(1, 3, default, Token);

        Assert.NotNull(read);
        Assert.Equal(Start + 1000, read.RealEnd);
        Assert.Equal(wal[..1000], read.Bytes[..1000].ToArray());
        Assert.Equal(-1, read.Bytes.Span[1000..].IndexOfAnyExcept((byte)0));
        Assert.Equal(new WalRange(1, Start + 1000, Start + 2000), read.Missing?.Range);
        Assert.Equal(commit, read.Missing?.LastCommitAt);
        Assert.Contains(damaged, read.Missing?.Problem.What, StringComparison.Ordinal);
    }

    /// <summary>The archive learns whose WAL it is from any object: a damaged one must not keep the others from being read.</summary>
    [Fact]
    public async Task Damage_of_one_segment_leaves_the_others_readable()
    {
        var wal = Random(3 * SegmentSizeBytes, 10);
        for (var at = 0; at < wal.Length; at += SegmentSizeBytes)
            await Archive(_store, October).PutSegmentAsync(Fragment(wal, at, at + SegmentSizeBytes), Token);
        var first = _store.Objects.Keys.First();
        _store.Overwrite(first, new byte[200]);

        foreach (var number in (ulong[])[4, 5])
            Assert.True((await Archive(_store, October).ReadSegmentAsync(1, number, Token))?.IsWhole);
        Assert.Equal("wal-damaged", await CodeAsync(() => Archive(_store, October).ReadSegmentAsync(1, 3, Token)));
        var check = await new WalCheck([new WalPlace(_store, "2026-10/wal/", October)], NoProgress.Instance).RunAsync(
            Token
        );
        Assert.Equal((3, first), (check.Objects, Assert.Single(check.Damage).Key));
    }

    [Fact]
    public async Task A_reader_follows_a_merge_under_its_hands()
    {
        var wal = Random(SegmentSizeBytes, 10);
        var archive = Archive(_store, October);
        await archive.PutFragmentAsync(Fragment(wal, 0, 1000), Token);
        await archive.PutFragmentAsync(Fragment(wal, 1000, 2000), Token);
        var merged = false;
        var slow = new FaultyStore(
            _store,
            (_, call) =>
            {
                if (
                    !merged
                    && call.StartsWith("find", StringComparison.Ordinal)
                    && call.EndsWith("-000003E8", StringComparison.Ordinal)
                )
                {
                    merged = true; // between the listing and the reading
                    archive.PutSegmentAsync(Fragment(wal, 0, 2000), Token).GetAwaiter().GetResult();
                }
                return StoreFault.None;
            }
        );
        var reader = Archive(slow, October);
        reader.Expect(new WalIdentity(1, SegmentSizeBytes));

        var read = await reader.ReadSegmentAsync(1, 3, Token);

        Assert.True(merged);
        Assert.Equal(Zeroed(wal, 2000), read?.Bytes.ToArray());
    }

    [Fact]
    public async Task Coverage_names_what_is_there_and_what_is_missing()
    {
        var wal = Random(3 * SegmentSizeBytes, 11);
        var archive = Archive(_store, October, November);
        await archive.PutFragmentAsync(Fragment(wal, 0, 1000), Token);
        await archive.PutFragmentAsync(Fragment(wal, 500, 2000), Token);
        await archive.PutFragmentAsync(Fragment(wal, 3000, 4000), Token);
        await archive.PutFragmentAsync(Fragment(wal, 0, SegmentSizeBytes) with { Timeline = 2 }, Token);
        await archive.PutHistoryAsync(2, "1\t0/300400\tno reason\n"u8.ToArray(), Token);

        var coverage = await archive.CoverageAsync(Token);

        Assert.Equal([1u, 2u], await archive.ListTimelinesAsync(Token));
        Assert.Equal([1u, 2u], coverage.Timelines.Select(t => t.Timeline));
        Assert.Equal([new WalRange(1, Start + 2000, Start + 3000)], coverage.Find(1)?.Gaps);
        Assert.Equal(Start + 2000, coverage.EndOf(1, Start));
        Assert.Equal(Start + 2500, coverage.EndOf(1, Start + 2500));
        Assert.Equal(
            [
                new WalRange(1, Start + 2000, Start + 2500),
                new WalRange(2, Start + SegmentSizeBytes, Start + SegmentSizeBytes + 1),
            ],
            coverage.MissingOf([
                new WalRange(1, Start + 100, Start + 2500),
                new WalRange(2, Start + 2500, Start + SegmentSizeBytes + 1),
            ])
        );
    }

    [Fact]
    public async Task A_history_comes_back_byte_for_byte()
    {
        var archive = Archive(_store, October, November);
        archive.Expect(new WalIdentity(1, SegmentSizeBytes));
        var content = Encoding.UTF8.GetBytes("1\t0/300400\tno reason\n");

        await archive.PutHistoryAsync(2, content, Token);
        await archive.PutHistoryAsync(2, content, Token);

        Assert.Equal(content, await Archive(_store, October, November).FindHistoryAsync(2, Token));
        Assert.Null(await archive.FindHistoryAsync(3, Token));
        Assert.Equal(
            "wal-conflict",
            await CodeAsync(() => archive.PutHistoryAsync(2, "1\t0/300401\tother\n"u8.ToArray(), Token))
        );
    }

    [Fact]
    public async Task The_identity_comes_from_any_object()
    {
        Assert.Null(await Archive(_store, October).FindIdentityAsync(Token));
        await Archive(_store, October).PutFragmentAsync(Fragment(new byte[10], 0, 10), Token);
        Assert.Equal(
            new WalIdentity(1, SegmentSizeBytes),
            await Archive(_store, October, November).FindIdentityAsync(Token)
        );
    }

    /// <summary>Fragments of any lengths, sent twice, merged in parts, in any order: a reader sees the same bytes.</summary>
    [Fact]
    public void Any_overlap_reads_as_one()
    {
        var wal = Random(SegmentSizeBytes, 12);
        Gen.Select(Gen.Int[1, 300_000], Gen.Int[0, 200_000], Gen.Bool)
            .Array[1, 15]
            .Sample(
                pieces =>
                {
                    var store = new MemoryStore();
                    var archive = Archive(store, October);
                    var end = 0;
                    foreach (var (length, back, isMerge) in pieces)
                    {
                        var from = isMerge ? 0 : Math.Max(0, end - back);
                        var to = Math.Min(SegmentSizeBytes, end + length);
                        if (from == to)
                            continue;
                        var fragment = Fragment(wal, from, to);
                        (isMerge ? archive.PutSegmentAsync(fragment, Token) : archive.PutFragmentAsync(fragment, Token))
                            .GetAwaiter()
                            .GetResult();
                        end = Math.Max(end, to);
                    }
                    var read = Archive(store, October).ReadSegmentAsync(1, 3, Token).GetAwaiter().GetResult();
                    Assert.Equal(Zeroed(wal, end), read?.Bytes.ToArray());
                },
                iter: 20
            );
    }

    private static WalArchive Archive(IStore store, params SealingKey[] keys) =>
        new("db", [.. keys.Select((key, i) => new WalPlace(store, $"2026-{10 + i}/wal/", key))]);

    private static WalFragment Fragment(byte[] wal, int from, int to) =>
        new()
        {
            SystemIdentifier = 1,
            Timeline = 1,
            SegmentSizeBytes = SegmentSizeBytes,
            Start = Start + (ulong)from,
            Bytes = wal.AsMemory(from, to - from),
        };

    private static byte[] Random(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Zeroed(byte[] wal, int from)
    {
        var bytes = wal.ToArray();
        Array.Clear(bytes, from, bytes.Length - from);
        return bytes;
    }

    private static async Task<string> CodeAsync(Func<Task> work) =>
        (await Assert.ThrowsAsync<ResurgamException>(work)).Problem.Code;
}
