using System.Globalization;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Redis.Commands;

/// <summary>Asks a server how far its command stream is: the stream itself does not tell.</summary>
internal sealed class ServerProbe(Func<CancellationToken, Task<ConnectionSettings>> readConnection, TimeProvider time)
    : IAsyncDisposable
{
    private RedisConnection? _session;

    /// <summary>Asks on a connection that is kept; one that broke is made anew.</summary>
    /// <exception cref="ResurgamException">The server cannot be asked.</exception>
    public async Task<ReplicationPoint> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            _session ??= await RedisConnection.OpenAsync(
                await readConnection(cancellationToken),
                time,
                cancellationToken
            );
            var info = await _session.ReadInfoAsync(cancellationToken, "replication");
            return new ReplicationPoint(
                info.GetValueOrDefault("master_replid") ?? "",
                long.TryParse(
                    info.GetValueOrDefault("master_repl_offset"),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var offset
                )
                    ? offset
                    : throw RedisProblems.Protocol(_session.Server, "no 'master_repl_offset' to INFO replication")
            );
        }
        catch (ResurgamException)
        {
            await CloseAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task CloseAsync()
    {
        if (_session is { } session)
            await session.DisposeAsync();
        _session = null;
    }
}
