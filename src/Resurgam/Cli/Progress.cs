using System.Globalization;
using Resurgam.Core.Values;

namespace Resurgam.Cli;

/// <summary>Shows a stage's progress on the terminal's status line, and each finished stage as a line of its own.</summary>
/// <remarks>Redrawn at most ten times a second, by whoever reports: there is no thread and no timer.</remarks>
internal sealed class Progress(Terminal terminal, TimeProvider time) : IWorkProgress, IDisposable
{
    public static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Before this the rate is a guess, and so is what it promises.</summary>
    private static readonly TimeSpan EtaAfter = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private string? _stage;
    private long _stageBegan;
    private long _doneBytes;
    private long _expectedBytes;
    private long _nextDraw;

    public void Stage(string what)
    {
        lock (_gate)
        {
            FinishStage();
            _stage = what;
            _stageBegan = time.GetTimestamp();
            Interlocked.Exchange(ref _doneBytes, 0);
            Interlocked.Exchange(ref _expectedBytes, 0);
            Draw();
        }
    }

    public void Add(long bytes)
    {
        Interlocked.Add(ref _doneBytes, bytes);
        if (time.GetTimestamp() < Volatile.Read(ref _nextDraw) || !_gate.TryEnter())
            return;
        try
        {
            Draw();
        }
        finally
        {
            _gate.Exit();
        }
    }

    public void Expect(long totalBytes) => Interlocked.Exchange(ref _expectedBytes, totalBytes);

    /// <summary>Closes the last stage.</summary>
    public void Dispose()
    {
        lock (_gate)
            FinishStage();
    }

    /// <summary>The work broke off: its stage was not finished, so nothing says that it was.</summary>
    public void Abandon()
    {
        lock (_gate)
            _stage = null;
        terminal.ClearStatus();
    }

    private void FinishStage()
    {
        if (_stage is null)
            return;
        var elapsed = time.GetElapsedTime(_stageBegan);
        var done = Interlocked.Read(ref _doneBytes);
        terminal.WriteLine(
            done == 0
                ? $"{_stage}: {Seconds(elapsed)}"
                : $"{_stage}: {new ByteSize(done)} in {Seconds(elapsed)}{Rate(done, elapsed)}"
        );
        _stage = null;
    }

    private void Draw()
    {
        if (_stage is null)
            return;
        Volatile.Write(
            ref _nextDraw,
            time.GetTimestamp() + (long)(DrawInterval.TotalSeconds * time.TimestampFrequency)
        );
        var elapsed = time.GetElapsedTime(_stageBegan);
        var (done, expected) = (Interlocked.Read(ref _doneBytes), Interlocked.Read(ref _expectedBytes));
        terminal.ShowStatus(
            (done, expected) switch
            {
                (0, 0) => $"{_stage} ...",
                (_, 0) => $"{_stage} {new ByteSize(done)}{Rate(done, elapsed)}",
                _ => $"{_stage} {Percent(done, expected)} {new ByteSize(done)} of {new ByteSize(expected)}"
                    + Rate(done, elapsed)
                    + Eta(done, expected, elapsed),
            }
        );
    }

    private static string Percent(long done, long expected) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Min(100, done * 100.0 / expected):0} %");

    private static string Rate(long done, TimeSpan elapsed) =>
        elapsed < DrawInterval || done == 0 ? "" : $", {new ByteSize((long)(done / elapsed.TotalSeconds))}/s";

    private static string Eta(long done, long expected, TimeSpan elapsed) =>
        elapsed < EtaAfter || done == 0 || done >= expected
            ? ""
            : $", {Seconds(elapsed * ((expected - done) / (double)done))} left";

    private static string Seconds(TimeSpan span) =>
        span switch
        {
            { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s"),
            { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
            { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
            { TotalDays: < 365 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h"),
            _ => "over a year",
        };
}
