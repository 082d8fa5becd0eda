using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Serve;
using Resurgam.Tests.Cli;
using Resurgam.Tests.Plans;

namespace Resurgam.Tests.Serve;

public sealed class ApiGuardTests : IDisposable
{
    private const string Shared = "shared: 0123456789abcdef0123456789abcdef";
    private const string Own = "own: 0123456789abcdef0123456789abcdef";

    private static readonly Plan Plan = PlanReaderTests.ReadGood(
        """
        resurgam: 1
        vault: { store: file:///v, secret: { env: S } }
        assets: { db: { kind: files, path: /a } }
        people:
          anna: { login: asmith, token: { env: ANNA } }
          ben: { token: { env: BEN }, may: [backup] }
          cleo: { token: { env: CLEO } }
        """
    );

    private readonly CliWorld _world = new();

    [Theory]
    [InlineData("asmith", PersonRight.Decide, "anna")]
    [InlineData("ben", PersonRight.Backup, "ben")]
    [InlineData("ben", PersonRight.Decide, "api-forbidden")]
    [InlineData("anna", PersonRight.Look, "anna")]
    [InlineData("anna", PersonRight.Decide, "api-forbidden")]
    [InlineData("root", PersonRight.Backup, "api-forbidden")]
    [InlineData(null, PersonRight.Look, "api-unauthorized")]
    public async Task A_user_of_the_socket_is_the_person_of_the_plan_or_may_only_look(
        string? user,
        PersonRight right,
        string expected
    ) => Assert.Equal(expected, await AskAsync(authorization: null, user, right));

    [Fact]
    public async Task A_token_that_two_people_have_is_taken_for_neither()
    {
        (_world.Variables["ANNA"], _world.Variables["CLEO"], _world.Variables["BEN"]) = (Shared, Shared, Own);

        Assert.Equal("api-unauthorized", await AskAsync($"Bearer {Shared}", user: null, PersonRight.Look));
        Assert.Equal("ben", await AskAsync($"Bearer {Own}", user: null, PersonRight.Look));
        Assert.Contains("anna and cleo have the same token", _world.Stderr.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789", _world.Stderr.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();

    /// <returns>Who it is, or the problem's code.</returns>
    private async Task<string> AskAsync(string? authorization, string? user, PersonRight right)
    {
        var found = "";
        await _world.RunAsync(
            async (session, cancellationToken) =>
            {
                DaemonLog log = new(_world.Stderr, isForPeople: true, _world.Time);
                using ApiGuard guard = new(session, log);
                try
                {
                    found = (await guard.GetAsync(Plan, authorization, user, right, cancellationToken)).Name;
                }
                catch (ResurgamException e)
                {
                    found = e.Problem.Code;
                }
                return ExitCode.Success;
            },
            "work"
        );
        return found;
    }
}
