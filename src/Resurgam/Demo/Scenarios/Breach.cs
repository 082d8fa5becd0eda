using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>Somebody is in: with a role of their own, and with a credential that was stolen.</summary>
internal sealed class Breach : DemoScenario
{
    private const string Intruder = "intruder";

    public override string Name => "breach";

    public override string InPlan => "security-breach";

    public override string Fault => "somebody has made a superuser of their own, and has a credential of the services";

    public override StepId KilledIn => new("isolate");

    public override bool HitsDatabase => false;

    public override async Task<string?> BreakAsync(ReferencePlatform platform, CancellationToken cancellationToken)
    {
        await using var database = await platform.ConnectAsync(cancellationToken);
        await database.QueryAsync($"create role {Intruder} login superuser", cancellationToken);
        await platform.NewCredential('b').MakePasswordAsync(cancellationToken);
        return null;
    }

    /// <summary>By the inventory: B, which a step has made, is handed out and seen to work, and the intruder's role goes; A goes by another step.</summary>
    public override async Task<string> DoByHandAsync(
        StepId step,
        ReferencePlatform platform,
        CancellationToken cancellationToken
    )
    {
        await using var database = await platform.ConnectAsync(cancellationToken);
        await platform.NewCredential('b').HandOutAsync(cancellationToken);
        if (!await platform.AnswersAsync("auth-service", cancellationToken))
            throw DemoProblems.NotReady("an answer of auth-service with its new credential");
        await database.QueryAsync($"alter role {Intruder} nologin nosuperuser", cancellationToken);
        return "services: app_a to app_b; intruder: locked out, kept as evidence";
    }

    /// <summary>Contained: neither way in is open, what was compromised is stopped, and nothing else is.</summary>
    public override async Task<bool> IsBackAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        !await IsOpenAsync(
            platform.Cluster.SettingsFor(DemoPlatform.Database) with
            {
                User = Intruder,
            },
            platform,
            cancellationToken
        )
        && !await IsOpenAsync(platform.Credential.Settings, platform, cancellationToken)
        && !await platform.AnswersAsync("phi-service", cancellationToken)
        && await platform.AnswersAsync("auth-service", cancellationToken);

    private static async Task<bool> IsOpenAsync(
        ConnectionSettings settings,
        ReferencePlatform platform,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var session = await PostgresConnection.OpenAsync(
                settings,
                SessionKind.Sql,
                platform.Time,
                cancellationToken
            );
            return true;
        }
        catch (ResurgamException)
        {
            return false;
        }
    }
}
