using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Resurgam.RealTests.Support;

/// <summary>A collector that takes OTLP over HTTP, and reads of its protobuf what the tests ask for.</summary>
internal sealed class TraceReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly Task _serving;

    public TraceReceiver()
    {
        Port = Loopback.FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _serving = ServeAsync(TestContext.Current.CancellationToken);
    }

    public int Port { get; }

    /// <summary>For the program: traces come here.</summary>
    public IReadOnlyDictionary<string, string> Variables => VariablesOf(Port);

    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    public static IReadOnlyDictionary<string, string> VariablesOf(int port) =>
        new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{port}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        };

    public ReceivedSpan Get(string name) => Assert.Single(Spans, span => span.Name == name);

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        while (_listener.IsListening)
            try
            {
                var context = await _listener.GetContextAsync();
                using MemoryStream body = new();
                await context.Request.InputStream.CopyToAsync(body, cancellationToken);
                var isTraces = context.Request.Url?.AbsolutePath == "/v1/traces";
                if (isTraces)
                    foreach (var span in Read(body.ToArray()))
                        _spans.Enqueue(span);
                context.Response.StatusCode = isTraces ? 200 : 404;
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Closed, or the program has gone.
            }
    }

    /// <summary>opentelemetry/proto/trace/v1/trace.proto, the fields by their numbers there.</summary>
    private static IEnumerable<ReceivedSpan> Read(byte[] request)
    {
        foreach (var (_, resourceSpans) in Fields(request).Where(field => field.Number == 1))
        {
            var parts = Fields(resourceSpans).ToList();
            var resource = Attributes(parts.Where(part => part.Number == 1).SelectMany(part => Fields(part.Bytes)), 1);
            foreach (var scope in parts.Where(part => part.Number == 2))
            foreach (var span in Fields(scope.Bytes).Where(part => part.Number == 2))
                yield return ReadSpan([.. Fields(span.Bytes)], resource);
        }
    }

    private static ReceivedSpan ReadSpan(List<(int Number, byte[] Bytes)> fields, Dictionary<string, string> resource)
    {
        byte[] Find(int number) => fields.FirstOrDefault(field => field.Number == number).Bytes ?? [];
        var status = Fields(Find(15)).ToList();
        return new ReceivedSpan(
            Convert.ToHexStringLower(Find(1)),
            Convert.ToHexStringLower(Find(2)),
            Convert.ToHexStringLower(Find(4)),
            Encoding.UTF8.GetString(Find(5)),
            Attributes(fields, 9),
            status.Any(field => field.Number == 3 && field.Bytes is [2, ..])
                ? Encoding.UTF8.GetString(status.FirstOrDefault(field => field.Number == 2).Bytes ?? [])
                : null,
            resource
        );
    }

    private static Dictionary<string, string> Attributes(IEnumerable<(int Number, byte[] Bytes)> fields, int number)
    {
        Dictionary<string, string> all = [];
        foreach (var field in fields.Where(field => field.Number == number))
        {
            var pair = Fields(field.Bytes).ToDictionary(part => part.Number, part => part.Bytes);
            var value = Fields(pair[2]).FirstOrDefault();
            all[Encoding.UTF8.GetString(pair[1])] = value.Number switch
            {
                1 => Encoding.UTF8.GetString(value.Bytes),
                2 => value.Bytes[0] == 1 ? "true" : "false",
                _ => $"{BinaryPrimitives.ReadInt64LittleEndian(value.Bytes)}",
            };
        }
        return all;
    }

    /// <summary>Wire types 0 (as eight bytes), 1, 2 and 5.</summary>
    private static IEnumerable<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length; )
        {
            var key = Varint(message, ref at);
            var count = (key & 7) switch
            {
                0 => 0,
                1 => 8,
                2 => (int)Varint(message, ref at),
                5 => 4,
                _ => throw new InvalidDataException($"no wire type {key & 7} is expected"),
            };
            if ((key & 7) == 0)
            {
                var number = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(number, Varint(message, ref at));
                yield return ((int)(key >> 3), number);
                continue;
            }
            yield return ((int)(key >> 3), message[at..(at + count)]);
            at += count;
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}

/// <param name="Parent">Empty for the first of its trace.</param>
/// <param name="Error">What the status says; null unless it is an error.</param>
internal sealed record ReceivedSpan(
    string Trace,
    string Id,
    string Parent,
    string Name,
    IReadOnlyDictionary<string, string> Tags,
    string? Error,
    IReadOnlyDictionary<string, string> Resource
);
