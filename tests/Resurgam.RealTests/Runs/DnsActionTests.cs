using Resurgam.Adapters.Dns;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.RealTests.Support;
using Resurgam.Tests.Runs;

namespace Resurgam.RealTests.Runs;

/// <summary>Updates of a real bind9.</summary>
public sealed class DnsActionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task Records_are_replaced_and_come_back()
    {
        await using var server = await BindServer.StartAsync(null, TestContext.Current.CancellationToken);
        var update = Bench(
            server,
            "name: www.example.net, values: [198.51.100.7], ttl: 1m, was: [192.0.2.2, 192.0.2.1]"
        );

        Assert.Equal(
            "www.example.net A is 192.0.2.1, 192.0.2.2, for 300 s in caches, and would be 198.51.100.7",
            (await update.LookAsync()).What
        );
        Assert.False(await update.ProbeAsync());
        Assert.Equal(
            "www.example.net A is 198.51.100.7; caches may keep what was there for 300 s",
            (await update.ActAsync()).What
        );
        Assert.True(await update.ProbeAsync());
        await update.RepeatAsync();
        Assert.Equal(("198.51.100.7", 60), await ReadAsync(server, "www.example.net", DnsType.A));

        Assert.Equal("www.example.net A is 192.0.2.1, 192.0.2.2 again", (await update.UndoAsync()).What);
        Assert.Equal("www.example.net A is as it was", (await update.UndoAsync()).What);
        Assert.Equal(("192.0.2.1 192.0.2.2", 300), await ReadAsync(server, "www.example.net", DnsType.A));
    }

    [Theory(Timeout = 120_000)]
    [InlineData(
        "name: new.example.net, type: AAAA, values: ['2001:db8::1'], was: []",
        "new.example.net",
        DnsType.Aaaa,
        "2001:db8::1"
    )]
    [InlineData(
        "name: alias.example.net, type: CNAME, values: [www.example.org]",
        "alias.example.net",
        DnsType.Cname,
        "www.example.org."
    )]
    [InlineData(
        "name: txt.example.net, type: TXT, values: ['moved; to \"b\"'], was: ['\"a b\" \"c\"']",
        "txt.example.net",
        DnsType.Txt,
        "\"moved; to \\\"b\\\"\""
    )]
    public async Task Every_type_goes_there_and_back(string with, string name, DnsType type, string value)
    {
        await using var server = await BindServer.StartAsync(null, TestContext.Current.CancellationToken);
        var before = await ReadAsync(server, name, type);
        var update = Bench(server, with);
        await update.RunAsync();
        Assert.Equal((value, 60), await ReadAsync(server, name, type));
        await update.UndoAsync();
        Assert.Equal(before, await ReadAsync(server, name, type));
    }

    [Fact(Timeout = 120_000)]
    public async Task What_somebody_else_has_changed_is_left_alone()
    {
        await using var server = await BindServer.StartAsync(null, TestContext.Current.CancellationToken);
        Assert.Equal(
            "dns-changed",
            await CodeOf(Bench(server, "name: www.example.net, values: [198.51.100.7], was: [192.0.2.1]").RunAsync)
        );
        Assert.Equal(
            "dns-changed",
            await CodeOf(Bench(server, "name: www.example.net, values: [198.51.100.7], was: []").RunAsync)
        );
        Assert.Equal(
            "dns-changed",
            await CodeOf(Bench(server, "name: www.example.net, values: [198.51.100.7], ttl-at-most: 1m").RunAsync)
        );
        var first = Bench(server, "name: www.example.net, values: [198.51.100.7]");
        await first.LookAsync();
        var second = Bench(server, "name: www.example.net, values: [198.51.100.8]");
        await second.RunAsync();
        // It has seen other records than are there now.
        Assert.Equal("dns-changed", await CodeOf(first.ActAsync));
        Assert.Equal(StepResult.Failed, (await first.UndoAsync()).Result);
        Assert.Equal(("198.51.100.8", 60), await ReadAsync(server, "www.example.net", DnsType.A));
        // Beside an address there is no alias: the server passes over it without a word.
        Assert.Equal(
            "dns-changed",
            await CodeOf(Bench(server, "name: www.example.net, type: CNAME, values: [a.example.net]").RunAsync)
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task Between_a_look_and_the_change_the_server_itself_guards_the_records()
    {
        await using var server = await BindServer.StartAsync(null, TestContext.Current.CancellationToken);
        var action = (StepAction.DnsUpdate)Bench(server, "name: www.example.net, values: [198.51.100.7]").Action;
        ZoneRecords records = new(
            new Target.Dns
            {
                Id = new TargetId("names"),
                Host = "127.0.0.1",
                Port = server.Port,
                Zone = BindServer.Zone,
                KeyName = BindServer.KeyName,
                Key = new Core.Plans.SecretSource.FromEnvironment("K"),
            },
            action,
            new Adapters.Dns.Wire.Tsig(BindServer.KeyName, Convert.FromBase64String(BindServer.Key)),
            TimeProvider.System
        );
        RecordSet now = new(["198.51.100.7"], TimeSpan.FromMinutes(1));

        Assert.False(await records.TryReplaceAsync(new RecordSet(["192.0.2.1"], TimeSpan.Zero), now, Token));
        Assert.False(
            await records.TryReplaceAsync(new RecordSet(["192.0.2.1", "192.0.2.3"], TimeSpan.Zero), now, Token)
        );
        Assert.False(await records.TryReplaceAsync(RecordSet.Nothing, now, Token));
        Assert.Equal(("192.0.2.1 192.0.2.2", 300), await ReadAsync(server, "www.example.net", DnsType.A));
        Assert.True(
            await records.TryReplaceAsync(new RecordSet(["192.0.2.1", "192.0.2.2"], TimeSpan.Zero), now, Token)
        );
    }

    [Fact(Timeout = 120_000)]
    public async Task A_change_is_waited_for_until_others_see_it()
    {
        await using var server = await BindServer.StartAsync(null, TestContext.Current.CancellationToken);
        await using var second = await BindServer.StartAsync(server, Token);
        await Eventually.HoldsAsync(
            "the second server has the zone",
            () => second.Log.Contains("Transfer status: success", StringComparison.Ordinal),
            Token
        );
        var update = Bench(
            server,
            $"name: www.example.net, values: [198.51.100.7], seen-by: ['127.0.0.1:{second.Port}']"
        );
        await update.RunAsync();
        Assert.Equal(("198.51.100.7", 60), await ReadAsync(second, "www.example.net", DnsType.A));
        Assert.True(await update.ProbeAsync());
    }

    [Theory(Timeout = 120_000)]
    [InlineData("resurgam", "AAAA", "BADSIG")]
    [InlineData("stranger", null, "BADKEY")]
    public async Task Another_key_changes_nothing(string name, string? key, string because)
    {
        await using var server = await BindServer.StartAsync(null, TestContext.Current.CancellationToken);
        var update = Bench(server, "name: www.example.net, values: [198.51.100.7]", name, key);
        var e = await Assert.ThrowsAsync<ResurgamException>(update.RunAsync);
        Assert.Equal("dns-refused", e.Problem.Code);
        Assert.Contains(because, e.Problem.What, StringComparison.Ordinal);
        Assert.Equal(
            "dns-value",
            await CodeOf(Bench(server, "name: www.example.org, values: [198.51.100.7]").RunAsync)
        );
        Assert.Equal(("192.0.2.1 192.0.2.2", 300), await ReadAsync(server, "www.example.net", DnsType.A));
    }

    private static StepBench Bench(
        BindServer server,
        string with,
        string keyName = BindServer.KeyName,
        string? key = null
    )
    {
        StepBench bench = new(
            $"{{ names: {{ kind: dns, host: 127.0.0.1, port: {server.Port}, zone: example.net, key-name: {keyName}, key: {{ env: K }} }} }}",
            $"{{ action: dns-update, with: {{ target: names, {with} }} }}",
            Token,
            TimeProvider.System
        );
        bench.Variables["K"] = key ?? BindServer.Key;
        return bench;
    }

    private static async Task<(string Values, int Ttl)> ReadAsync(BindServer server, string name, DnsType type)
    {
        var read = await new DnsServer("127.0.0.1", server.Port).AskAsync(name, type, Token);
        return (string.Join(' ', read.Values), (int)read.Ttl.TotalSeconds);
    }

    private static async Task<string> CodeOf(Func<Task> act) =>
        (await Assert.ThrowsAsync<ResurgamException>(act)).Problem.Code;
}
