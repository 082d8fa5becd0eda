using System.Buffers;
using System.Text;
using System.Text.Json;
using Resurgam.Cli;

namespace Resurgam.Serve;

internal enum LogLevel
{
    Note,
    Warning,
    Error,
}

/// <summary>What the daemon tells on standard error: lines for a person who looks, else a JSON object a line. Thread-safe.</summary>
internal sealed class DaemonLog(TextWriter stderr, bool isForPeople, TimeProvider time)
{
    private readonly Lock _gate = new();

    /// <param name="worker">Who says it: <c>duties</c>, <c>wal db</c>.</param>
    /// <param name="code">Of a problem.</param>
    public void Write(LogLevel level, string worker, string text, string? code = null)
    {
        var at = CliJson.ToText(time.GetUtcNow());
        var word = level switch
        {
            LogLevel.Note => "note",
            LogLevel.Warning => "warning",
            LogLevel.Error => "error",
        };
        var line = isForPeople
            ? $"{at} {word} {worker}: {text}{(code is null ? "" : $" ({code})")}"
            : Json(at, word, worker, text, code);
        lock (_gate)
        {
            stderr.WriteLine(line);
            stderr.Flush();
        }
    }

    /// <summary>For what the commands' own code says: each line becomes a record of the log.</summary>
    public TextWriter AsWriter(string worker) => new LineWriter(line => Write(LogLevel.Warning, worker, line));

    private static string Json(string at, string level, string worker, string text, string? code)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("at", at);
            json.WriteString("level", level);
            json.WriteString("worker", worker);
            json.WriteString("text", text);
            if (code is not null)
                json.WriteString("code", code);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private sealed class LineWriter(Action<string> told) : TextWriter
    {
        private readonly StringBuilder _line = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_line)
            {
                if (value != '\n')
                {
                    _line.Append(value);
                    return;
                }
                told(_line.ToString().TrimEnd('\r'));
                _line.Clear();
            }
        }
    }
}
