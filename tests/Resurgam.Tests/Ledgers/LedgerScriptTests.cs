using System.Diagnostics;
using System.Text;
using Resurgam.Adapters.Ledgers;
using Resurgam.Core.Ledgers;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Ledgers;

/// <summary><c>docs/verify-ledger</c> says of a fork that was ended what <c>ledger verify</c> says.</summary>
public sealed class LedgerScriptTests : IDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly LedgerWorld _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("resurgam-script-").FullName;

    [Fact]
    public async Task An_anchor_that_names_an_entry_of_the_branch_is_explained_by_what_was_kept()
    {
        var (far, _) = await ForkAsync();
        var writer = _world.NewWriter(_world.NewMachine("operator"));

        await new LedgerSettlement(_world.Ledger, _world.Open(far), writer, "far", "a test").RunAsync(
            isDryRun: false,
            Token
        );

        Assert.Empty((await _world.VerifyAsync(Token)).Findings);
        var (exit, output) = await CheckAsync();
        Assert.True(exit == 0, output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hash_without_its_line_explains_nothing(bool hasOtherLine)
    {
        var (_, dropped) = await ForkAsync();
        var other = await _world.Ledger.FindAsync(LedgerWorld.Db, 1, Token);
        Assert.NotNull(other);
        await _world
            .NewWriter(_world.NewMachine("one"))
            .AppendAsync(
                StreamName.OfFork("far"),
                LedgerFact.Of(
                    EntryKind.SetAside,
                    json =>
                    {
                        json.WriteString("stream", dropped.Stream.Value);
                        json.WriteNumber("seq", dropped.Seq);
                        json.WriteString("hash", dropped.Hash.Hex);
                        if (hasOtherLine)
                            json.WriteString("line", Encoding.ASCII.GetString(other.Line.Span[..^1]));
                    }
                ),
                Token
            );

        Assert.False((await _world.VerifyAsync(Token)).Passed);
        var (exit, output) = await CheckAsync();
        Assert.Equal(1, exit);
        Assert.Contains($"names {dropped.Hash}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_last_line_without_its_end_is_found_and_counted()
    {
        await _world.FillAsync(LedgerWorld.Db, 2, Token);

        var (exit, output) = await CheckAsync(files =>
        {
            var path = Path.Combine(files, $"{LedgerWorld.Db}.jsonl");
            File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);
        });

        Assert.Equal(1, exit);
        Assert.Contains($"FOUND  {LedgerWorld.Db}: its last line is cut off", output, StringComparison.Ordinal);
        Assert.Contains($"{LedgerWorld.Db}: 2 entries", output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The vault's stream is one, with an anchor that was written in a replica and names an entry that this place has not.</summary>
    private async Task<(MemoryStore Far, LedgerHead Dropped)> ForkAsync()
    {
        var machine = _world.NewMachine("two");
        await _world.FillAsync(LedgerWorld.Db, 2, Token);
        await _world.NewWriter(machine).AppendAsync(LedgerWorld.Files, LedgerWorld.Fact(0), Token);
        var far = _world.CopyStore();
        _world.Time.Advance(TimeSpan.FromDays(1));
        var two = _world.NewWriter(machine, far);
        var dropped = await two.AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(100), Token);
        await two.AnchorAsync(Token);
        await _world.NewWriter(machine).AppendAsync(LedgerWorld.Db, LedgerWorld.Fact(50), Token);
        foreach (var (key, bytes) in far.Objects)
            if (key.StartsWith("ledger/vault/", StringComparison.Ordinal))
                await _world.Store.PutAsync(key, bytes, Token);
        return (far, dropped.Head);
    }

    /// <param name="change">What happens to the folder of the export.</param>
    private async Task<(int ExitCode, string Output)> CheckAsync(Action<string>? change = null)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (var tool in (string[])["jq", "openssl"])
            Assert.SkipUnless(
                path.Split(':').Any(folder => File.Exists(Path.Combine(folder, tool))),
                $"{tool} is not installed"
            );
        var export = Path.Combine(_folder, "export");
        await new LedgerExport(export).RunAsync(_world.Ledger, Token);
        change?.Invoke(export);
        ProcessStartInfo info = new(Path.Combine(Repository.Root, "docs/verify-ledger"), [export])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(info);
        Assert.NotNull(process);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, output);
    }
}
