using Microsoft.Extensions.Time.Testing;
using Resurgam.Cli;

namespace Resurgam.Tests.Cli;

public sealed class ProgressTests
{
    private readonly StringWriter _stderr = new() { NewLine = "\n" };
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_stage_shows_how_far_how_fast_and_how_long()
    {
        using var progress = Create();
        progress.Stage("reading files");
        progress.Expect(400 << 20);
        Pass(seconds: 4);
        progress.Add(100 << 20);
        Assert.Equal("reading files 25 % 100 MiB of 400 MiB, 25.0 MiB/s, 12 s left", LastStatus());
    }

    [Fact]
    public void Without_an_expected_size_it_promises_nothing()
    {
        using var progress = Create();
        progress.Stage("reading files");
        Pass(seconds: 4);
        progress.Add(100 << 20);
        Assert.Equal("reading files 100 MiB, 25.0 MiB/s", LastStatus());
    }

    [Fact]
    public void More_than_was_expected_is_no_more_than_all()
    {
        using var progress = Create();
        progress.Stage("reading");
        progress.Expect(100);
        Pass(seconds: 4);
        progress.Add(400);
        Assert.Equal("reading 100 % 400 B of 100 B, 100 B/s", LastStatus());
    }

    [Fact]
    public void It_is_drawn_ten_times_a_second_at_most()
    {
        using var progress = Create();
        progress.Stage("reading");
        for (var call = 0; call < 1000; call++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            progress.Add(1);
        }
        Assert.InRange(_stderr.ToString().Split("\e[K").Length - 1, 9, 12);
    }

    [Fact]
    public void A_finished_stage_stays_as_a_line()
    {
        var progress = Create();
        progress.Stage("reading");
        Pass(seconds: 2);
        progress.Add(10 << 20);
        progress.Stage("writing index");
        Pass(seconds: 1);
        progress.Dispose();
        progress.Dispose();
        var lines = _stderr.ToString().Split("\r\e[K").Where(line => line.EndsWith('\n'));
        Assert.Equal(["reading: 10.0 MiB in 2.0 s, 5.00 MiB/s\n", "writing index: 1.0 s\n"], lines);
    }

    [Fact]
    public void Where_nobody_looks_only_finished_stages_are_lines()
    {
        using (var progress = new Progress(new Terminal(_stderr, isTerminal: false, isColorful: false), _time))
        {
            progress.Stage("reading");
            Pass(seconds: 1);
            progress.Add(1);
        }
        Assert.Equal("reading: 1 B in 1.0 s, 1 B/s\n", _stderr.ToString());
    }

    [Fact]
    public async Task Many_may_report_at_once()
    {
        using (var progress = Create())
        {
            progress.Stage("reading");
            await Task.WhenAll(
                Enumerable
                    .Range(0, 8)
                    .Select(_ =>
                        Task.Run(
                            () =>
                            {
                                for (var call = 0; call < 10_000; call++)
                                    progress.Add(1);
                            },
                            TestContext.Current.CancellationToken
                        )
                    )
            );
            Pass(seconds: 8);
        }
        Assert.Contains("reading: 78.1 KiB in 8.0 s", _stderr.ToString(), StringComparison.Ordinal);
    }

    private Progress Create() => new(new Terminal(_stderr, isTerminal: true, isColorful: false), _time);

    private void Pass(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    private string LastStatus() => _stderr.ToString().Split("\e[K")[^1];
}
