using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>Keeps the server from removing WAL while a backup runs: a temporary slot, gone with its connection.</summary>
/// <remarks>
/// On a connection of its own: a server that gives up a slot because of max_slot_wal_keep_size ends the process that holds
/// it, and the backup may still succeed without.
/// </remarks>
internal sealed class WalKeeper : IAsyncDisposable
{
    private readonly PostgresConnection _connection;

    private WalKeeper(PostgresConnection connection) => _connection = connection;

    /// <returns>
    /// Null when the server has no connection or no slot to give: it still gets its backup, and says so when WAL of it
    /// was removed.
    /// </returns>
    public static async Task<WalKeeper?> FindAsync(
        ConnectionSettings settings,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        PostgresConnection? connection = null;
        try
        {
            connection = await PostgresConnection.OpenAsync(
                settings,
                SessionKind.PhysicalReplication,
                time,
                cancellationToken
            );
            var name = string.Create(
                CultureInfo.InvariantCulture,
                $"resurgam_backup_{Environment.ProcessId}_{time.GetUtcNow().Ticks}"
            );
            await connection.CreateTemporarySlotAsync(name, cancellationToken);
            return new WalKeeper(connection);
        }
        catch (ResurgamException)
        {
            if (connection is not null)
                await connection.DisposeAsync();
            return null;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
