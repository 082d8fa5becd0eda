using Resurgam.Adapters.Stores.S3;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Stores.S3;

/// <summary>Large objects go up in parts; what may happen to one of them, and to the whole.</summary>
public sealed class S3PartsTests : IDisposable
{
    private const string Key = "generations/2026-11/data/ab/large";
    private const string Line = "/bucket/some/vault/" + Key;
    private const int Part = 1000;

    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 4500).Select(i => unchecked((byte)(i * 31 / 7)))];

    private readonly S3Double _server = new();
    private readonly HastyTime _time = new(longestShort: TimeSpan.FromSeconds(10));
    private readonly List<string> _told = [];
    private readonly S3Store _store;

    public S3PartsTests() => _store = Open(seed: 1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_object_goes_up_in_parts_and_is_the_same()
    {
        Assert.True(await _store.PutAsync(Key, Bytes, Token));

        Assert.Equal(Bytes, await _store.FindAsync(Key, Token));
        Assert.Equal(5, Count($"PUT {Line} part"));
        Assert.Empty(_server.Uploads);
    }

    [Fact]
    public async Task An_object_that_is_not_large_goes_up_in_one_request()
    {
        Assert.True(await _store.PutAsync(Key, Bytes.AsMemory(0, 2 * Part), Token));

        Assert.Equal([$"PUT {Line}"], _server.Asked);
    }

    [Theory]
    [InlineData(ServerTrouble.Busy)]
    [InlineData(ServerTrouble.Drop)]
    [InlineData(ServerTrouble.Unheard)]
    public async Task Of_a_part_that_fails_that_part_alone_is_sent_again(ServerTrouble trouble)
    {
        _server.Trouble = (line, before) => line == $"PUT {Line} part 3" && before < 2 ? trouble : ServerTrouble.None;

        Assert.True(await _store.PutAsync(Key, Bytes, Token));

        Assert.Equal(Bytes, await _store.FindAsync(Key, Token));
        Assert.Equal(3, Count($"PUT {Line} part 3"));
        Assert.Equal(4 + 3, Count($"PUT {Line} part"));
        Assert.Empty(_server.Uploads);
    }

    [Theory]
    [InlineData(ServerTrouble.Unheard)] // done: the upload is no more
    [InlineData(ServerTrouble.Drop)]
    [InlineData(ServerTrouble.Busy)]
    public async Task A_completion_without_an_answer_is_settled(ServerTrouble trouble)
    {
        _server.Trouble = (line, before) =>
            line == $"POST {Line} complete" && before == 0 ? trouble : ServerTrouble.None;

        Assert.True(await _store.PutAsync(Key, Bytes, Token));

        Assert.Equal(Bytes, await _store.FindAsync(Key, Token));
        Assert.Equal(5, Count($"PUT {Line} part"));
        Assert.Empty(_server.Uploads);
    }

    [Fact]
    public async Task A_large_object_that_is_there_stays_and_nothing_goes_up()
    {
        Assert.True(await _store.PutAsync(Key, Bytes, Token));

        Assert.False(await _store.PutAsync(Key, Bytes.Reverse().ToArray(), Token));

        Assert.Equal(Bytes, await _store.FindAsync(Key, Token));
        Assert.Equal(5, Count($"PUT {Line} part"));
    }

    [Fact]
    public async Task Who_comes_between_wins_and_no_part_stays()
    {
        _server.Trouble = (line, _) =>
        {
            if (line == $"POST {Line} complete")
                _server.Set($"some/vault/{Key}", [9]);
            return ServerTrouble.None;
        };

        Assert.False(await _store.PutAsync(Key, Bytes, Token));

        Assert.Equal([9], await _store.FindAsync(Key, Token));
        Assert.Empty(_server.Uploads);
    }

    [Theory]
    [InlineData("part 2")]
    [InlineData("complete")]
    public async Task Who_gives_up_leaves_no_parts(string at)
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _server.Trouble = (line, _) =>
            line.EndsWith(at, StringComparison.Ordinal) && line.Contains(Key, StringComparison.Ordinal)
                ? ServerTrouble.Silent
                : ServerTrouble.None;
        _server.OnSilence = caller.Cancel;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.PutAsync(Key, Bytes, caller.Token));

        Assert.Empty(_server.Uploads);
        Assert.Null(await _store.FindAsync(Key, Token));
    }

    [Fact]
    public async Task What_fails_for_good_is_told_and_leaves_no_parts()
    {
        _server.Refusal = (403, "QuotaExceeded");
        _server.Trouble = (line, _) => line == $"PUT {Line} part 4" ? ServerTrouble.Refused : ServerTrouble.None;

        var failure = await Assert.ThrowsAsync<ResurgamException>(() => _store.PutAsync(Key, Bytes, Token));

        Assert.Equal("store-full", failure.Problem.Code);
        Assert.Empty(_server.Uploads);
        Assert.Empty(_told);
    }

    [Fact]
    public async Task Parts_that_cannot_be_taken_back_are_told_beside_what_failed()
    {
        _server.Refusal = (403, "QuotaExceeded");
        _server.Trouble = (line, _) =>
            line == $"PUT {Line} part 4" || line == $"DELETE {Line} abort" ? ServerTrouble.Refused : ServerTrouble.None;

        var failure = await Assert.ThrowsAsync<ResurgamException>(() => _store.PutAsync(Key, Bytes, Token));

        Assert.Equal("store-full", failure.Problem.Code);
        Assert.Contains(Key, Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_that_the_server_drops_is_begun_anew()
    {
        _server.Trouble = (line, before) =>
        {
            if (line == $"POST {Line} complete" && before == 0)
                _server.DropUploads();
            return ServerTrouble.None;
        };

        Assert.True(await _store.PutAsync(Key, Bytes, Token));

        Assert.Equal(Bytes, await _store.FindAsync(Key, Token));
    }

    [Fact]
    public async Task A_server_that_drops_every_upload_is_a_problem()
    {
        _server.Trouble = (line, _) =>
        {
            if (line == $"POST {Line} complete")
                _server.DropUploads();
            return ServerTrouble.None;
        };

        var failure = await Assert.ThrowsAsync<ResurgamException>(() => _store.PutAsync(Key, Bytes, Token));

        Assert.Equal(("s3-unavailable", Remedy.Retry), (failure.Problem.Code, failure.Problem.Remedy));
    }

    /// <summary>Else a second writer would replace what a first one was told is written.</summary>
    [Fact]
    public async Task Where_a_completion_replaces_what_is_there_large_objects_go_up_in_one_request()
    {
        _server.CompletesOver = true;

        Assert.True(await _store.PutAsync(Key, Bytes, Token));
        Assert.False(await _store.PutAsync(Key, Bytes.Reverse().ToArray(), Token));

        Assert.Equal(Bytes, await _store.FindAsync(Key, Token));
        Assert.Equal(0, Count($"PUT {Line} part"));
        Assert.Equal(2, Count($"PUT {Line}"));
        Assert.Empty(_server.Uploads);
    }

    /// <summary>The object of an earlier process is there all the same.</summary>
    [Fact]
    public async Task A_probe_that_the_server_drops_proves_nothing()
    {
        const string probe = "/bucket/some/vault/probe-parts";
        _server.CompletesOver = true;
        Assert.True(await _store.PutAsync(Key + "-before", Bytes, Token)); // leaves the probe's object
        _server.Trouble = (line, _) =>
        {
            if (line == $"POST {probe} complete")
                _server.DropUploads();
            return ServerTrouble.None;
        };
        using var later = Open(seed: 2);

        Assert.True(await later.PutAsync(Key, Bytes, Token));

        Assert.Equal(3, Count($"POST {probe} complete"));
        Assert.Equal(0, Count($"PUT {Line} part"));
        Assert.Equal(Bytes, await later.FindAsync(Key, Token));
    }

    [Theory]
    [InlineData("begin", 501, "NotImplemented")]
    [InlineData("part 1", 403, "AccessDenied")]
    [InlineData("abort", 403, "AccessDenied")]
    public async Task Where_parts_are_not_known_or_not_allowed_large_objects_go_up_in_one_request(
        string at,
        int status,
        string code
    )
    {
        _server.Refusal = (status, code);
        _server.Trouble = (line, _) =>
            line.EndsWith(at, StringComparison.Ordinal) ? ServerTrouble.Refused : ServerTrouble.None;

        Assert.True(await _store.PutAsync(Key, Bytes, Token));

        Assert.Equal(Bytes, await _store.FindAsync(Key, Token));
        Assert.Equal(1, Count($"PUT {Line}"));
    }

    [Fact]
    public async Task What_killed_processes_left_a_week_ago_is_taken_away_and_nothing_else()
    {
        _server.BeginUpload("some/vault/generations/old", _time.GetUtcNow() - TimeSpan.FromDays(8));
        _server.BeginUpload("some/vault/generations/new", _time.GetUtcNow() - TimeSpan.FromDays(6));
        _server.BeginUpload("some/other", _time.GetUtcNow() - TimeSpan.FromDays(60));

        Assert.True(await _store.PutAsync(Key, Bytes, Token));

        Assert.Equal(["some/other", "some/vault/generations/new"], _server.Uploads.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_a_server_keeps_is_asked_once_by_any_number_of_writers_and_processes()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _store.PutAsync($"{Key}-{i}", Bytes, Token)));
        using var later = Open(seed: 2);
        Assert.True(await later.PutAsync(Key, Bytes, Token));

        Assert.Equal(3, Count("POST /bucket/some/vault/probe-parts complete")); // made and met; met
        Assert.Empty(_server.Uploads);
    }

    [Fact]
    public async Task Each_part_waits_for_its_turn()
    {
        List<(int Length, bool IsEarly)> turns = [];

        await _store.PutAsync(
            Key,
            Bytes,
            (length, _) =>
            {
                lock (turns)
                    turns.Add((length, Count($"PUT {Line} part") > turns.Count));
                return Task.CompletedTask;
            },
            Token
        );

        Assert.Equal([Part / 2, Part, Part, Part, Part], turns.Select(turn => turn.Length).Order());
        Assert.DoesNotContain(turns, turn => turn.IsEarly);
    }

    public void Dispose()
    {
        _store.Dispose();
        _server.Dispose();
    }

    private S3Store Open(int seed) =>
        new(
            S3StoreTests.OptionsFor(_server) with
            {
                PartsAboveBytes = 2 * Part,
                PartBytes = Part,
                Waits = _told.Add,
            },
            _time,
            new SeededEntropy(seed)
        );

    private int Count(string line) =>
        line.EndsWith("part", StringComparison.Ordinal)
            ? _server.Asked.Count(asked => asked.StartsWith(line, StringComparison.Ordinal))
            : _server.Asked.Count(asked => asked == line);
}
