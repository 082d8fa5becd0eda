using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Cli;
using Resurgam.Core.Problems;

namespace Resurgam.Demo.Scenarios;

/// <summary>
/// A service's way to its database: a connection that it keeps, as pools do, until it breaks. Who swaps the database below
/// it has not moved it as long as the old server goes on.
/// </summary>
/// <param name="places">Files with a connection string each; when it connects, the first that lets it in.</param>
internal sealed class ServiceDatabase(Session session, IReadOnlyList<string> places) : IAsyncDisposable
{
    private PostgresConnection? _kept;

    /// <returns>Null: no place lets it in.</returns>
    public async Task<string?> AskAsync(string question, CancellationToken cancellationToken)
    {
        if (_kept is { } kept && await TryAsync(() => Task.FromResult(kept), question, cancellationToken) is { } known)
            return known;
        await DisposeAsync();
        foreach (var place in places)
            if (await TryAsync(() => ConnectAsync(place, cancellationToken), question, cancellationToken) is { } found)
                return found;
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_kept is not { } kept)
            return;
        _kept = null;
        await kept.DisposeAsync();
    }

    private async Task<string?> TryAsync(
        Func<Task<PostgresConnection>> connect,
        string question,
        CancellationToken cancellationToken
    )
    {
        try
        {
            _kept = await connect();
            return await _kept.ScalarAsync(question, cancellationToken);
        }
        catch (ResurgamException e)
        {
            session.Output.Note($"{e.Problem.What} ({e.Problem.Code})");
            return null;
        }
    }

    /// <summary>By what the file says now: credentials are handed out while it runs.</summary>
    private async Task<PostgresConnection> ConnectAsync(string place, CancellationToken cancellationToken)
    {
        await DisposeAsync();
        return await PostgresConnection.OpenAsync(
            ConnectionSettings.Parse(await File.ReadAllTextAsync(place, cancellationToken), _ => null),
            SessionKind.Sql,
            session.Time,
            cancellationToken
        );
    }
}
