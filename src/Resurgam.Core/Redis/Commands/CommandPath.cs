namespace Resurgam.Core.Redis.Commands;

/// <summary>The timelines that lead from a snapshot on, in order.</summary>
/// <param name="Timelines">At least one; each goes on where the one before ended.</param>
/// <param name="End">Where the last one ends.</param>
public sealed record CommandPath(IReadOnlyList<CommandTimeline> Timelines, CommandEnd End)
{
    /// <summary>Finds the way from a snapshot to a time.</summary>
    /// <param name="until">Null: as far as there is anything.</param>
    /// <returns>Null when no stream goes on where the snapshot was taken.</returns>
    public static async Task<CommandPath?> FindAsync(
        CommandArchive archive,
        RedisRecord snapshot,
        DateTimeOffset? until,
        CancellationToken cancellationToken
    )
    {
        var all = await archive.ListAsync(cancellationToken);
        foreach (var candidate in all.Reverse())
        {
            var link = candidate.Link;
            if (link.ReplicationId != snapshot.ReplicationId || link.Offset > snapshot.Offset)
                continue;
            var end = await archive.FindEndAsync(candidate, cancellationToken);
            if (end.Offset >= snapshot.Offset)
                return await FollowAsync(archive, all, candidate, end, until, cancellationToken);
        }
        return null;
    }

    private static async Task<CommandPath> FollowAsync(
        CommandArchive archive,
        IReadOnlyList<CommandTimeline> all,
        CommandTimeline first,
        CommandEnd end,
        DateTimeOffset? until,
        CancellationToken cancellationToken
    )
    {
        List<CommandTimeline> path = [first];
        while (
            all.LastOrDefault(each =>
                each.Link.Continues == path[^1].Number && (until is null || each.Link.BeganAt <= until)
            )
                is { } next
        )
        {
            path.Add(next);
            end = await archive.FindEndAsync(next, cancellationToken);
        }
        return new CommandPath(path, end);
    }
}
