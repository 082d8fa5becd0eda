using System.Net;
using Resurgam.Core.Problems;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Runs;

public sealed class Route53ActionTests : IDisposable
{
    private const string Www = "www.example.net. A";

    private readonly Route53Double _service = new();

    public Route53ActionTests() => _service.Sets[Www] = ("300", ["192.0.2.2", "192.0.2.1"]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_are_replaced_waited_for_and_brought_back()
    {
        var update = Bench("name: www.example.net, values: [198.51.100.7], was: [192.0.2.1, 192.0.2.2]");
        await update.RunAsync();

        Assert.Equal(("60", "198.51.100.7"), Set(Www));
        Assert.Equal(2, _service.Asked.Count(each => each == "GET /2013-04-01/change/C1"));
        Assert.True(await update.ProbeAsync());
        await update.RepeatAsync();
        Assert.Single(_service.Asked, each => each.StartsWith("POST", StringComparison.Ordinal));

        await update.UndoAsync();
        Assert.Equal(("300", "192.0.2.1 192.0.2.2"), Set(Www));
    }

    [Theory]
    [InlineData(
        "name: '*.example.net', type: CNAME, values: [a.example.org]",
        "\\052.example.net. CNAME",
        "a.example.org."
    )]
    [InlineData("name: www.example.net, type: TXT, values: [a b]", "www.example.net. TXT", "\"a b\"")]
    [InlineData(
        "name: www.example.net, type: AAAA, values: ['2001:DB8::1'], was: []",
        "www.example.net. AAAA",
        "2001:db8::1"
    )]
    public async Task Where_nothing_was_a_set_is_made_and_goes_again(string with, string set, string value)
    {
        var update = Bench(with);
        await update.RunAsync();
        Assert.Equal(("60", value), Set(set));
        Assert.True(await update.ProbeAsync());
        await update.UndoAsync();
        Assert.Equal([Www], _service.Sets.Keys);
    }

    [Fact]
    public async Task What_somebody_else_changes_in_between_is_left_alone()
    {
        _service.Before = () => _service.Sets[Www] = ("300", ["203.0.113.1"]);
        Assert.Equal("dns-changed", await CodeOf(Bench("name: www.example.net, values: [198.51.100.7]").RunAsync));
        Assert.Equal(("300", "203.0.113.1"), Set(Www));
    }

    [Fact]
    public async Task An_alias_is_not_ours_to_change()
    {
        _service.More = "<AliasTarget><DNSName>lb.example.org.</DNSName></AliasTarget>";
        Assert.Equal("dns-value", await CodeOf(Bench("name: www.example.net, values: [198.51.100.7]").RunAsync));
    }

    [Fact]
    public async Task A_service_that_is_busy_and_one_that_refuses_are_told_apart()
    {
        var update = Bench("name: www.example.net, values: [198.51.100.7]");
        _service.Trouble = (
            HttpStatusCode.BadRequest,
            "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"
        );
        Assert.Equal("dns-unreachable", await CodeOf(update.RunAsync));
        _service.Trouble = (HttpStatusCode.BadGateway, "<html>");
        Assert.Equal("dns-unreachable", await CodeOf(update.RunAsync));
        update.Variables["S"] = "another";
        var e = await Assert.ThrowsAsync<ResurgamException>(update.RunAsync);
        Assert.Equal("dns-refused", e.Problem.Code);
        Assert.Contains("403 SignatureDoesNotMatch", e.Problem.What, StringComparison.Ordinal);
        Assert.DoesNotContain("another", e.Problem.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _service.Dispose();

    private (string Ttl, string Values) Set(string key) =>
        (_service.Sets[key].Ttl, string.Join(' ', _service.Sets[key].Values.Order(StringComparer.Ordinal)));

    private StepBench Bench(string with)
    {
        StepBench bench = new(
            $"{{ names: {{ kind: route53, zone: example.net, zone-id: {Route53Double.ZoneId}, access-key: {{ env: A }}, secret-key: {{ env: S }} }} }}",
            $"{{ action: dns-update, with: {{ target: names, {with} }} }}",
            Token
        )
        {
            Http = _service,
        };
        bench.Variables["A"] = Route53Double.AccessKey;
        bench.Variables["S"] = Route53Double.SecretKey;
        return bench;
    }

    private static async Task<string> CodeOf(Func<Task> act) =>
        (await Assert.ThrowsAsync<ResurgamException>(act)).Problem.Code;
}
