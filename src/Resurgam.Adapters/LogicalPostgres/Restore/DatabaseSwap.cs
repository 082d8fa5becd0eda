using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.LogicalPostgres.Restore;

/// <param name="Name">The name that is wanted.</param>
/// <param name="Aside">The proven copy, as it is called now.</param>
/// <param name="Kept">What the database that has the name now will be called; null when none has it.</param>
internal sealed record SwapPair(string Name, string Aside, string? Kept);

/// <summary>Gives proven copies their names, and the databases that had them other ones: all in one transaction, and nothing is dropped.</summary>
internal sealed class DatabaseSwap(PostgresConnection admin)
{
    private const string ObjectInUse = "55006";
    private const string InsufficientPrivilege = "42501";

    /// <summary>The server itself waits five seconds for sessions to be gone, each time.</summary>
    private const int MostAttempts = 6;

    public async Task RunAsync(IReadOnlyList<SwapPair> pairs, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await EndSessionsAsync(pairs, cancellationToken);
            try
            {
                await admin.QueryAsync("begin", cancellationToken);
                foreach (var (name, aside, kept) in pairs)
                {
                    if (kept is not null)
                        await RenameAsync(name, kept, cancellationToken);
                    await RenameAsync(aside, name, cancellationToken);
                }
                // Names are changed all or none: from here on it is done, whoever cancels.
                await admin.QueryAsync("commit", CancellationToken.None);
                return;
            }
            catch (ResurgamException e) when (PostgresErrorException.SqlStateOf(e) is { } state)
            {
                await admin.QueryAsync("rollback", cancellationToken);
                if (state != ObjectInUse)
                    throw;
                if (attempt == MostAttempts)
                    throw RestoreProblems.InUse(string.Join(", ", pairs.Select(pair => pair.Name)), attempt);
            }
        }
    }

    /// <summary>Sessions that would be ended.</summary>
    public async Task<int> CountSessionsAsync(IEnumerable<string> databases, CancellationToken cancellationToken) =>
        int.Parse(
            await admin.ScalarAsync(
                $"select count(*) from pg_stat_activity where datname in ({Names(databases)})",
                cancellationToken
            ) ?? "0",
            CultureInfo.InvariantCulture
        );

    private async Task EndSessionsAsync(IReadOnlyList<SwapPair> pairs, CancellationToken cancellationToken)
    {
        var databases = Names(pairs.SelectMany(pair => new[] { pair.Name, pair.Aside }));
        try
        {
            await admin.QueryAsync(
                $"select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname in ({databases})",
                cancellationToken
            );
        }
        catch (ResurgamException e) when (PostgresErrorException.SqlStateOf(e) == InsufficientPrivilege)
        {
            throw RestoreProblems.MayNotEnd(string.Join(", ", pairs.Select(pair => pair.Name)));
        }
    }

    private async Task RenameAsync(string from, string to, CancellationToken cancellationToken) =>
        await admin.QueryAsync(
            $"alter database {SqlText.Identifier(from)} rename to {SqlText.Identifier(to)}",
            cancellationToken
        );

    private static string Names(IEnumerable<string> databases) => string.Join(", ", databases.Select(SqlText.Literal));
}
