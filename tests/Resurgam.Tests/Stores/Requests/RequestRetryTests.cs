using System.Net.Sockets;
using Resurgam.Adapters.Stores.Requests;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Stores.Requests;

public sealed class RequestRetryTests
{
    private readonly HastyTime _time = new(longestShort: TimeSpan.FromSeconds(10));
    private readonly List<string> _told = [];
    private readonly RequestRetry _retry;
    private int _attempts;

    public RequestRetryTests() =>
        _retry = new RequestRetry(new RequestLimits(), new PlainJudge(), _time, new SeededEntropy(1), _told.Add);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_was_never_heard_and_refuses_is_given_up_after_a_few_seconds()
    {
        var start = _time.GetUtcNow();

        await Assert.ThrowsAsync<ResurgamException>(() => RunAsync(_ => throw Refused));

        Assert.InRange(_attempts, 3, 8);
        Assert.InRange((_time.GetUtcNow() - start).TotalSeconds, 1, 5);
    }

    [Fact]
    public async Task A_server_that_answered_before_and_refuses_now_is_waited_for_as_one_that_is_busy()
    {
        await RunAsync(_ => Task.FromResult(1));
        var start = _time.GetUtcNow();

        await Assert.ThrowsAsync<ResurgamException>(() => RunAsync(_ => throw Refused));

        Assert.InRange((_time.GetUtcNow() - start).TotalSeconds, 100, 120);
    }

    [Fact]
    public async Task An_answer_that_is_no_good_is_an_answer()
    {
        var start = _time.GetUtcNow();

        await Assert.ThrowsAsync<ResurgamException>(() => RunAsync(_ => throw new IOException("503")));

        Assert.InRange((_time.GetUtcNow() - start).TotalSeconds, 100, 120);
    }

    [Fact]
    public async Task A_no_that_no_further_request_changes_is_an_answer_too()
    {
        await Assert.ThrowsAsync<ResurgamException>(() => RunAsync(_ => throw new HttpRequestException("404")));
        var start = _time.GetUtcNow();

        await Assert.ThrowsAsync<ResurgamException>(() => RunAsync(_ => throw Refused));

        Assert.InRange((_time.GetUtcNow() - start).TotalSeconds, 100, 120);
    }

    [Fact]
    public async Task A_server_that_was_never_heard_and_is_silent_is_asked_once_and_not_for_long()
    {
        var silent = Assert.ThrowsAsync<ResurgamException>(() =>
            RunAsync(async watch =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, watch.Token);
                return 1;
            })
        );

        _time.Expire();

        Assert.Equal("stalled after 15", (await silent).Problem.What);
        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task Who_waits_hears_it_once_in_half_a_minute()
    {
        await RunAsync(_ => Task.FromResult(1));

        await Assert.ThrowsAsync<ResurgamException>(() => RunAsync(_ => throw Refused));

        Assert.InRange(_told.Count, 3, 4); // in two minutes
        Assert.All(_told, told => Assert.Equal("not reached; trying again", told));
    }

    [Fact]
    public async Task What_fails_and_is_through_at_once_is_not_told()
    {
        await RunAsync(_ => _attempts < 3 ? throw Refused : Task.FromResult(1));

        Assert.Empty(_told);
    }

    private static SocketException Refused => new((int)SocketError.ConnectionRefused);

    private Task<int> RunAsync(Func<StallWatch, Task<int>> attempt) =>
        _retry.RunAsync(
            "look",
            (_, watch) =>
            {
                _attempts++;
                return attempt(watch);
            },
            Token
        );

    private sealed class PlainJudge : RequestJudge
    {
        public override RequestFault Judge(string what, Exception e) =>
            e switch
            {
                IOException => new RequestFault(Problem("busy"), IsPassing: true),
                HttpRequestException => new RequestFault(Problem("absent"), IsPassing: false),
                _ => new RequestFault(Problem("not reached"), IsPassing: true, IsAnswer: false),
            };

        public override ResurgamException Stalled(string what, TimeSpan limit, Exception e) =>
            Problem($"stalled after {limit.TotalSeconds}");

        private static ResurgamException Problem(string what) => new(new Problem("test", Remedy.Retry, what, ""));
    }
}
