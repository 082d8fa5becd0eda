using Resurgam.Adapters.Traces;

namespace Resurgam.Tests.Traces;

public sealed class TraceExportTests
{
    [Theory]
    [InlineData("collector:4317")]
    [InlineData("collector")]
    [InlineData("ftp://user:hunter2@collector")]
    [InlineData("http://")]
    public void An_address_that_is_none_costs_the_traces_and_is_told_once(string endpoint)
    {
        List<string> told = [];
        using var traces = TraceExport.TryStart(name => name == "OTEL_EXPORTER_OTLP_ENDPOINT" ? endpoint : null, "1.0");

        traces?.TellTo(told.Add);
        traces?.TellTo(told.Add);

        var line = Assert.Single(told);
        Assert.StartsWith("no traces are sent: OTEL_EXPORTER_OTLP_ENDPOINT", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://user:hunter2@collector:4317/v1", "http://collector:4317")]
    [InlineData("https://[::1]", "https://[::1]:443")]
    public void A_collector_is_named_without_its_password(string address, string name) =>
        Assert.Equal(name, TraceExport.NameOf(new Uri(address)));
}
