using System.Globalization;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>A session with a target of kind <c>redis</c>.</summary>
internal sealed class RedisTarget(RedisConnection session) : IAsyncDisposable
{
    public RedisConnection Session => session;

    public static async Task<RedisTarget> OpenAsync(
        Target.Redis target,
        ActionTools tools,
        CancellationToken cancellationToken
    )
    {
        ConnectionSettings settings = new()
        {
            Host = target.Host,
            Port = target.Port,
            Socket = target.Socket,
            User = target.User,
            Password = target.Password is { } password
                ? await tools.Secrets.ReadAsync(password, cancellationToken)
                : null,
            Tls = target.Tls is { } tls ? new TlsTrust(tls.CaFile, tls.Certificate, tls.Key) : null,
        };
        return new RedisTarget(await RedisConnection.OpenAsync(settings, tools.Time, cancellationToken));
    }

    public async Task<ReplicationState> ReadReplicationAsync(CancellationToken cancellationToken)
    {
        var facts = await session.ReadInfoAsync(cancellationToken, "replication");
        return new ReplicationState(
            facts.GetValueOrDefault("role") == "master",
            facts.GetValueOrDefault("master_link_status") == "up",
            facts.GetValueOrDefault("master_sync_in_progress") == "1",
            facts.GetValueOrDefault("slave_repl_offset") ?? facts.GetValueOrDefault("master_repl_offset") ?? ""
        );
    }

    /// <summary>In all databases.</summary>
    public async Task<long> CountKeysAsync(CancellationToken cancellationToken)
    {
        var facts = await session.ReadInfoAsync(cancellationToken, "keyspace");
        return facts
            .Values.SelectMany(value => value.Split(','))
            .Where(part => part.StartsWith("keys=", StringComparison.Ordinal))
            .Sum(part => long.Parse(part["keys=".Length..], CultureInfo.InvariantCulture));
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();
}

/// <param name="IsLinked">Its primary sends.</param>
/// <param name="IsCopying">It gets all data anew, and has a part of them.</param>
/// <param name="Offset">Bytes of commands that it has.</param>
internal sealed record ReplicationState(bool IsPrimary, bool IsLinked, bool IsCopying, string Offset);
