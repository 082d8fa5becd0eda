using System.Net;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Runs;

public sealed class NotifyActionTests
{
    private const string Step =
        "{ title: It is down, action: notify, with: { target: people, text: Next word in 30 minutes } }";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task A_mail_that_is_sent_again_has_the_same_id()
    {
        using SmtpDouble server = new();
        var notify = Bench(server, "security: none", TestContext.Current.CancellationToken);

        Assert.Equal("people took the message for 2", (await notify.RunAsync()).What);
        await notify.RepeatAsync();

        var ids = server.Messages.Select(message => message.Split('\n')[0]).Distinct();
        Assert.Equal(2, server.Messages.Count);
        Assert.Equal(["Message-ID: <r-20261125-120000-abcd.s@example.net>"], ids);
        Assert.Contains("Subject: It is down\n", server.Messages[0], StringComparison.Ordinal);
        Assert.Contains("RCPT TO:<b@example.net>", server.Commands);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_busy_server_is_asked_again_and_one_that_refuses_is_not()
    {
        using SmtpDouble server = new()
        {
            Answer = (line, session) =>
                session < 2 && line.Length == 0 ? "421 busy"
                : session < 4 && line == "DATA" ? "451 later"
                : null,
        };
        await Bench(server, "security: none", TestContext.Current.CancellationToken).RunAsync();
        Assert.Single(server.Messages);

        using SmtpDouble closed = new()
        {
            Answer = (line, _) => line.StartsWith("MAIL", StringComparison.Ordinal) ? "550 no" : null,
        };
        var notify = Bench(closed, "security: none", Token);
        Assert.Equal("mail-refused", await CodeOf(notify.RunAsync));
        Assert.Single(closed.Commands, command => command.StartsWith("EHLO", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task Who_is_not_reached_is_named_and_the_others_are_told()
    {
        using SmtpDouble server = new()
        {
            Answer = (line, _) => line == "RCPT TO:<b@example.net>" ? "550 nobody of that name" : null,
        };
        var report = await Bench(server, "security: none", TestContext.Current.CancellationToken).RunAsync();
        Assert.Equal("people took the message, but not for b@example.net: 550 nobody of that name", report.What);
        Assert.Single(server.Messages);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_password_never_goes_over_a_plain_line()
    {
        using SmtpDouble server = new();
        var notify = Bench(server, "user: resurgam, password: { env: P }", TestContext.Current.CancellationToken);
        Assert.Equal("mail-refused", await CodeOf(notify.RunAsync));
        Assert.DoesNotContain(server.Commands, command => command.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_webhook_that_is_busy_gets_the_same_key_again()
    {
        List<string> keys = [];
        using FakeHandler hook = new(request =>
        {
            keys.Add(string.Join("", request.Headers.GetValues("Idempotency-Key")));
            return keys.Count < 3 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK;
        });
        StepBench notify = new("{ people: { kind: webhook, url: { env: U } } }", Step, Token) { Http = hook };
        notify.Variables["U"] = "https://hook.example.net/secret";

        Assert.Equal("people took the message", (await notify.RunAsync()).What);
        Assert.Equal(Enumerable.Repeat("\"r-20261125-120000-abcd/s\"", 3), keys);
    }

    private static StepBench Bench(SmtpDouble server, string more, CancellationToken cancellationToken)
    {
        StepBench bench = new(
            $"{{ people: {{ kind: mail, host: 127.0.0.1, port: {server.Port}, from: resurgam@example.net, to: [a@example.net, b@example.net], {more} }} }}",
            Step,
            cancellationToken
        );
        bench.Variables["P"] = "geheim";
        return bench;
    }

    private static async Task<string> CodeOf(Func<Task> act) =>
        (await Assert.ThrowsAsync<ResurgamException>(act)).Problem.Code;

    private sealed class FakeHandler(Func<HttpRequestMessage, HttpStatusCode> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => Task.FromResult(new HttpResponseMessage(answer(request)));
    }
}
