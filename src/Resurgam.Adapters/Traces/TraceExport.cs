using System.Diagnostics;
using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Resurgam.Adapters.Traces;

/// <summary>
/// Sends the spans of <see cref="Spans"/> to a collector by OTLP, when OpenTelemetry's own variables name one. Without them nothing is
/// started. A collector that is away is told of once, costs the spans, and holds nothing up.
/// </summary>
public sealed class TraceExport : IDisposable
{
    /// <summary>At the program's end: for the last spans. A collector that does not answer holds it up no longer.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(3);

    private readonly TracerProvider? _provider;
    private readonly string _collector = "";
    private string? _untold;
    private Action<string> _tell = _ => { };
    private bool _isLost;

    /// <summary>One that sends nothing, and tells why.</summary>
    private TraceExport(string why) => _untold = $"no traces are sent: {why}";

    private TraceExport(OtlpExporterOptions options, string version)
    {
        _collector = NameOf(options.Endpoint);
        BatchExportActivityProcessorOptions batch = new(); // of OTEL_BSP_*
        _provider = Sdk.CreateTracerProviderBuilder()
            .AddSource(Spans.SourceName)
            .SetResourceBuilder(
                ResourceBuilder
                    .CreateEmpty()
                    .AddService(Spans.SourceName, serviceVersion: version)
                    .AddAttributes([
                        new("host.name", Environment.MachineName),
                        new("process.pid", (long)Environment.ProcessId),
                    ])
                    .AddTelemetrySdk()
                    .AddEnvironmentVariableDetector() // last: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before ours
            )
            .AddProcessor(
                new BatchActivityExportProcessor(
                    new Watched(options, Hear),
                    batch.MaxQueueSize,
                    batch.ScheduledDelayMilliseconds,
                    batch.ExporterTimeoutMilliseconds,
                    batch.MaxExportBatchSize
                )
            )
            .Build();
    }

    /// <param name="tell">Hears in words that the collector is away, and that it is back. From any thread.</param>
    public void TellTo(Action<string> tell)
    {
        _tell = tell;
        if (Interlocked.Exchange(ref _untold, null) is { } untold)
            tell(untold);
    }

    /// <param name="variable">Environment variables; null when not set.</param>
    /// <param name="version">Of the program.</param>
    /// <returns>Null when no variable names a collector, or one says that there is to be no trace.</returns>
    /// <remarks>Variables that are wrong cost the traces, and are told; they end no command.</remarks>
    public static TraceExport? TryStart(Func<string, string?> variable, string version)
    {
        if (
            !IsSet(variable, "OTEL_EXPORTER_OTLP_ENDPOINT") && !IsSet(variable, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
            || string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
            || variable("OTEL_TRACES_EXPORTER") is { Length: > 0 } exporter
                && !exporter.Split(',', StringSplitOptions.TrimEntries).Contains("otlp")
        )
            return null;
        if (FindBadAddress(variable) is { } name)
            return new TraceExport($"{name} is no address of a collector, as http://127.0.0.1:4317 is");
        try
        {
            OtlpExporterOptions options = new(); // of OTEL_EXPORTER_OTLP_*
            ReadOfTraces(variable, options);
            return new TraceExport(options, version);
        }
#pragma warning disable CA1031 // Headers, certificates, times: the package throws what it likes, and no command is to end by it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new TraceExport(e.Message);
        }
    }

    public void Dispose()
    {
        _provider?.Shutdown((int)LastWords.TotalMilliseconds);
        _provider?.Dispose();
    }

    /// <summary>For people: without the password that a URL may have.</summary>
    internal static string NameOf(Uri collector) => $"{collector.Scheme}://{collector.Host}:{collector.Port}";

    /// <returns>The variable that counts, when it holds no address that the exporter takes.</returns>
    private static string? FindBadAddress(Func<string, string?> variable)
    {
        string[] names = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
        return
            names.FirstOrDefault(name => IsSet(variable, name)) is { } set
            && !(Uri.TryCreate(variable(set), UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            ? set
            : null;
    }

    /// <summary>The variables for traces alone, which go before those for all signals. The package reads them only where it sets up everything.</summary>
    private static void ReadOfTraces(Func<string, string?> variable, OtlpExporterOptions options)
    {
        if (
            variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") is { Length: > 0 } endpoint
            && Uri.TryCreate(endpoint, UriKind.Absolute, out var address)
        )
            options.Endpoint = address;
        if (variable("OTEL_EXPORTER_OTLP_TRACES_HEADERS") is { Length: > 0 } headers)
            options.Headers = headers;
        if (
            int.TryParse(
                variable("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var timeoutMs
            )
        )
            options.TimeoutMilliseconds = timeoutMs;
        options.Protocol = variable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") switch
        {
            "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            _ => options.Protocol,
        };
    }

    private static bool IsSet(Func<string, string?> variable, string name) => variable(name) is { Length: > 0 };

    private void Hear(ExportResult result)
    {
        if (_isLost == (result == ExportResult.Failure))
            return;
        _isLost = !_isLost;
        _tell(
            _isLost
                ? $"traces do not reach the collector at {_collector}: what it does not take is dropped, and nothing else is held up"
                : $"traces reach the collector at {_collector} again"
        );
    }

    /// <summary>Tells how each export ended.</summary>
    private sealed class Watched(OtlpExporterOptions options, Action<ExportResult> told) : OtlpTraceExporter(options)
    {
        public override ExportResult Export(in Batch<Activity> activityBatch)
        {
            var result = base.Export(activityBatch);
            told(result);
            return result;
        }
    }
}
