using Resurgam.Plans;
using Resurgam.Tests.Cli;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Plans;

public sealed class PlanCommandTests : IDisposable
{
    private const string Good = """
        resurgam: 1
        state: /var/lib/resurgam
        vault: { store: file:./vault, secret: { file: /etc/resurgam/secret } }
        assets:
          db:
            kind: postgres
            connection: host=/var/run/postgresql user=postgres
            questions:
              - name: audit rows
                sql: select count(*) from audit_logs
          uploads: { kind: files, path: /srv/uploads, exclude: ['*.tmp'] }
        """;

    private readonly CliWorld _world = new();

    [Theory]
    [InlineData("check", "text")]
    [InlineData("check", "json")]
    [InlineData("show", "text")]
    [InlineData("show", "json")]
    public async Task A_good_plan(string command, string format)
    {
        _world.WritePlan(Good);
        var exitCode = await _world.RunAsync(PlanCommand.Create(), "plan", command, "--output", format);
        var said = _world.Said(exitCode);
        Golden.Match(said, test: $"Good_{command}_{format}");
    }

    [Fact]
    public async Task The_reference_plan_is_shown_whole()
    {
        var plan = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "plans/healthcare-gitops/resurgam.yaml"),
            TestContext.Current.CancellationToken
        );
        _world.WritePlan($"{plan}\nstate: /var/lib/resurgam\n");
        var exitCode = await _world.RunAsync(PlanCommand.Create(), "plan", "show");
        Golden.Match(_world.Said(exitCode));
    }

    [Theory]
    [InlineData("check", "text")]
    [InlineData("check", "json")]
    [InlineData("show", "text")]
    [InlineData("show", "json")]
    public async Task A_wrong_plan(string command, string format)
    {
        _world.WritePlan("resurgam: 1\nvault: { store: /srv/vault }\nasets: {}\n");
        var exitCode = await _world.RunAsync(PlanCommand.Create(), "plan", command, "--output", format);
        Golden.Match(_world.Said(exitCode), test: $"Wrong_{command}_{format}");
    }

    [Fact]
    public async Task A_plan_that_is_not_there()
    {
        var exitCode = await _world.RunAsync(PlanCommand.Create(), "plan", "check");
        Golden.Match(_world.Said(exitCode));
    }

    [Fact]
    public async Task A_plan_in_another_encoding()
    {
        await File.WriteAllBytesAsync(
            Path.Combine(_world.Folder, "resurgam.yaml"),
            [.. "resurgam: 1 # "u8, 0xE9],
            TestContext.Current.CancellationToken
        );
        var exitCode = await _world.RunAsync(PlanCommand.Create(), "plan", "check");
        Golden.Match(_world.Said(exitCode));
    }

    [Fact]
    public async Task A_folder_is_no_plan()
    {
        var exitCode = await _world.RunAsync(PlanCommand.Create(), "plan", "check", "--plan", ".");
        Assert.Equal(3, exitCode);
        Assert.Contains("code: plan-file-unreadable", _world.Stderr.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();
}
