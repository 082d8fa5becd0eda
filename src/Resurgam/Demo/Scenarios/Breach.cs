using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Demo.Scenarios;

/// <summary>Somebody is in: with a role of their own, and with a credential that was stolen.</summary>
internal sealed class Breach : DemoScenario
{
    private const string Compromised = "phi-service";
    private const string Intruder = "intruder";
    private const int SessionCount = 500;

    public override string Name => "breach";

    public override string InPlan => "security-breach";

    public override string Fault =>
        "somebody has made a superuser of their own, and has a credential of the services and the tokens of all sessions";

    public override StepId KilledIn => new("isolate");

    public override bool HitsDatabase => false;

    public override Task PrepareAsync(ReferencePlatform platform, CancellationToken cancellationToken) =>
        platform.StartSessionsAsync(SessionCount, cancellationToken);

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
        if (platform.Sessions is { } sessions)
            await EndSessionsAsync(sessions, platform, cancellationToken);
        return "services: app_a to app_b; intruder: locked out, kept as evidence; sessions: revoked, all of them";
    }

    /// <summary>No restore may bring them back, and the server begins anew without them.</summary>
    private static async Task EndSessionsAsync(
        DemoSessions sessions,
        ReferencePlatform platform,
        CancellationToken cancellationToken
    )
    {
        await platform.RunAsync(["ledger", "revoke", "sessions", "--reason", "breach"], cancellationToken);
        await sessions.DestroyAsync(cancellationToken);
        await platform.RunAsync(["restore", "sessions", "--to", sessions.DataDirectory], cancellationToken);
        await sessions.StartAsync(cancellationToken);
    }

    /// <summary>Contained: no way in is open, what was compromised is stopped, and nothing else is.</summary>
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
        && !await AreSessionsOpenAsync(platform, cancellationToken)
        && (platform.Objects is null || await platform.Objects.IsCutOffAsync(Compromised, cancellationToken))
        && !await platform.AnswersAsync(Compromised, cancellationToken)
        && await platform.AnswersAsync("auth-service", cancellationToken);

    private static async Task<bool> AreSessionsOpenAsync(
        ReferencePlatform platform,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return platform.Sessions is { } sessions
                && await sessions.CountIntactAsync(SessionCount, cancellationToken) > 0;
        }
        catch (ResurgamException)
        {
            return true; // it is being replaced: not seen to be closed
        }
    }

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
