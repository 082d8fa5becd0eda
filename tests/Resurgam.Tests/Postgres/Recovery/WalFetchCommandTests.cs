using Resurgam.Core.Wal;
using Resurgam.Tests.Cli;
using Resurgam.Tests.Support;
using Resurgam.Wal;

namespace Resurgam.Tests.Postgres.Recovery;

/// <summary>PostgreSQL takes every exit code from 1 to 125 for the end of the WAL, and a server without a target comes up there.</summary>
public sealed class WalFetchCommandTests : IDisposable
{
    private const int Absent = 1;
    private const int Failed = 200;

    private readonly CliWorld _world = new();
    private readonly MemoryStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(_world.Folder, "feed");

    [Fact]
    public async Task Only_what_is_surely_not_there_is_absent()
    {
        await using var feed = await ServedWal.StartAsync(_store, ahead: null, SocketPath);
        Assert.Equal(0, await FetchAsync(5, "RECOVERYXLOG"));
        Assert.Equal(ServedWal.Segment(5), await File.ReadAllBytesAsync(Combine("RECOVERYXLOG"), Token));
        Assert.Equal(Absent, await FetchAsync(6, "RECOVERYXLOG"));
    }

    [Theory]
    [InlineData("/dev/full", "target-full")]
    [InlineData("no/such/folder/RECOVERYXLOG", "target-write")]
    [InlineData(".", "target-write")]
    public async Task A_target_that_cannot_be_written_is_not_the_end(string target, string code)
    {
        await using var feed = await ServedWal.StartAsync(_store, ahead: null, SocketPath);

        Assert.Equal(Failed, await FetchAsync(2, target));

        Assert.Contains($"code: {code}\n", _world.Stderr.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("usage", "wal", "fetch")]
    [InlineData("usage", "wal", "fetch", "000000010000000000000008", "x")]
    [InlineData("usage", "wal", "fetch", "db", "000000010000000000000008", "x", "one too many")]
    [InlineData("usage", "wal", "fetch", "--no-such-option", "db", "000000010000000000000008", "x")]
    [InlineData("plan-file-missing", "wal", "fetch", "db", "000000010000000000000008", "x")]
    [InlineData("wal-feed-absent", "wal", "fetch", "--socket", "gone", "000000010000000000000008", "x")]
    public async Task No_failure_is_taken_for_the_end(string code, params string[] arguments)
    {
        Assert.Equal(Failed, await _world.RunAsync(WalCommand.Create(), arguments));

        Assert.Contains($"code: {code}\n", _world.Stderr.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A path that no socket can have is nobody's mistake to foresee.</summary>
    [Fact]
    public async Task Nor_is_a_bug_and_the_document_has_the_same_code()
    {
        var socket = new string('s', 200);
        await File.WriteAllTextAsync(Combine(socket), "", Token);

        var exitCode = await _world.RunAsync(
            WalCommand.Create(),
            ["wal", "fetch", "--socket", Combine(socket), "000000010000000000000008", "x", "--output", "json"]
        );

        Assert.Equal(Failed, exitCode);
        Assert.Contains("code: bug\n", _world.Stderr.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"exitCode\": 200", _world.Stdout.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();

    private string Combine(string name) => Path.Combine(_world.Folder, name);

    private Task<int> FetchAsync(ulong number, string target) =>
        Task.Run(
            () =>
                _world.RunAsync(
                    WalCommand.Create(),
                    "wal",
                    "fetch",
                    "--socket",
                    SocketPath,
                    new WalSegment(1, number, ServedWal.SegmentSizeBytes).FileName,
                    target
                ),
            Token
        );
}
