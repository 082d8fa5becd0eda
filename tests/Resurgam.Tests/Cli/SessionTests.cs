using Resurgam.Cli;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Tests.Cli;

public sealed class SessionTests : IDisposable
{
    private const string Plan = "{ resurgam: 1, vault: { store: file:./v, secret: { env: S } } }";
    private const string PlanWithState = "{ resurgam: 1, state: /st, vault: { store: file:./v, secret: { env: S } } }";

    private readonly CliWorld _world = new();

    [Theory]
    [InlineData(PlanWithState, true, "RESURGAM_STATE=/e", "/st")]
    [InlineData(Plan, true, "RESURGAM_STATE=/e", "/e")]
    [InlineData(Plan, true, "HOME=/root", "/var/lib/resurgam")]
    [InlineData(Plan, false, "XDG_STATE_HOME=/x", "/x/resurgam")]
    [InlineData(Plan, false, "XDG_STATE_HOME=x,HOME=/h", "/h/.local/state/resurgam")]
    [InlineData(Plan, false, "RESURGAM_STATE=,XDG_STATE_HOME=,HOME=/h", "/h/.local/state/resurgam")]
    public async Task State_lies_where_the_plan_or_the_machine_says(
        string plan,
        bool isRoot,
        string variables,
        string folder
    )
    {
        _world.WritePlan(plan);
        _world.IsRoot = isRoot;
        foreach (var pair in variables.Split(','))
            _world.Variables[pair.Split('=')[0]] = pair.Split('=')[1];
        string? found = null;
        await _world.RunAsync(
            async (session, cancellationToken) =>
            {
                found = session.StateDirectoryOf(await session.LoadPlanAsync(cancellationToken));
                return 0;
            },
            "work"
        );
        Assert.Equal(folder, found);
    }

    [Fact]
    public async Task Without_any_folder_for_state_it_says_how_to_name_one()
    {
        _world.WritePlan(Plan);
        await _world.RunAsync(
            async (session, cancellationToken) =>
            {
                session.StateDirectoryOf(await session.LoadPlanAsync(cancellationToken));
                return 0;
            },
            "work"
        );
        Assert.Contains("code: state-folder", _world.Stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plan_comes_from_the_option_else_the_variable_else_the_working_folder()
    {
        List<string> paths = [];
        Task<int> Look(Session session, CancellationToken cancellationToken)
        {
            paths.Add(session.PlanPath);
            return Task.FromResult(0);
        }

        await _world.RunAsync(Look, "work");
        _world.Variables["RESURGAM_PLAN"] = "/v.yaml";
        await _world.RunAsync(Look, "work");
        await _world.RunAsync(Look, "work", "--plan", "../o.yaml");
        Assert.Equal(
            [$"{_world.Folder}/resurgam.yaml", "/v.yaml", Path.GetFullPath($"{_world.Folder}/../o.yaml")],
            paths
        );
    }

    [Fact]
    public async Task The_secret_comes_from_the_environment_that_was_handed_in()
    {
        _world.WritePlan(Plan);
        _world.Variables["S"] = "pässword";
        SecretBytes? secret = null;
        await _world.RunAsync(
            async (session, cancellationToken) =>
            {
                secret = await session.ReadSecretAsync(
                    await session.LoadPlanAsync(cancellationToken),
                    cancellationToken
                );
                return 0;
            },
            "work"
        );
        Assert.Equal("pässword", secret?.ToText());
    }

    [Fact]
    public async Task A_wrong_plan_is_told_whole_by_any_command()
    {
        _world.WritePlan("resurgam: 2\nvault: { store: /x, secret: { env: S } }\n");
        var exitCode = await _world.RunAsync(
            async (session, cancellationToken) =>
            {
                await session.LoadPlanAsync(cancellationToken);
                return 0;
            },
            "work"
        );
        Assert.Equal(ExitCode.Plan, exitCode);
        Assert.Contains("resurgam.yaml:1:11: ", _world.Stderr.ToString(), StringComparison.Ordinal);
        Assert.Contains("resurgam.yaml:2:17: ", _world.Stderr.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false, "", true)]
    [InlineData(true, true, "", false)]
    [InlineData(false, false, "", false)]
    [InlineData(false, false, "--verbose", true)]
    public async Task Progress_is_for_people_who_look(bool isTerminal, bool isQuiet, string option, bool isShown)
    {
        _world.IsTerminal = isTerminal;
        string[] args = [.. new[] { "work", isQuiet ? "--quiet" : "", option }.Where(arg => arg.Length > 0)];
        await _world.RunAsync(
            (session, _) =>
            {
                session.Progress.Stage("reading");
                return Task.FromResult(0);
            },
            args
        );
        Assert.Equal(isShown, _world.Stderr.ToString().Contains("reading", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failure_takes_the_half_drawn_progress_away()
    {
        _world.IsTerminal = true;
        await _world.RunAsync(
            (session, _) =>
            {
                session.Progress.Stage("reading");
                throw new ResurgamException(new Problem("store-full", Remedy.Fix, "no room", "Make some."));
            },
            "work"
        );
        Assert.Equal(
            "\r\e[Kreading ...\r\e[Kerror: no room\nhint: Make some.\ncode: store-full\n",
            _world.Stderr.ToString()
        );
    }

    public void Dispose() => _world.Dispose();
}
