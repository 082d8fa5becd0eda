using System.Globalization;
using Resurgam.Adapters.Redis.Wire;

namespace Resurgam.Adapters.Redis.Commands;

/// <summary>A place in a server's stream of commands, between two of them.</summary>
/// <param name="ReplicationId">The history that the offset counts in.</param>
/// <param name="At">By our clock, just before.</param>
public sealed record CommandMark(string ReplicationId, long Offset, DateTimeOffset At)
{
    public static async Task<CommandMark> ReadAsync(
        ConnectionSettings settings,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        await using var session = await RedisConnection.OpenAsync(settings, time, cancellationToken);
        var at = time.GetUtcNow();
        var facts = await session.ReadInfoAsync(cancellationToken, "replication");
        var offset = facts.GetValueOrDefault("role") == "slave" ? "slave_repl_offset" : "master_repl_offset";
        return new CommandMark(
            facts.GetValueOrDefault("master_replid") ?? "",
            long.Parse(facts.GetValueOrDefault(offset) ?? "0", CultureInfo.InvariantCulture),
            at
        );
    }
}
