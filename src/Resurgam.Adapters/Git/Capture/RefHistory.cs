using System.Globalization;
using Resurgam.Core.Git;

namespace Resurgam.Adapters.Git.Capture;

/// <summary>Finds what a forced push or a deletion took away since the snapshot before, so that people know where it still is.</summary>
internal sealed class RefHistory(PreviousSnapshot previous, Mirror mirror)
{
    /// <summary>Each needs a git of its own.</summary>
    private const int MostCompared = 200;

    private const int MostNamed = 5;

    /// <returns>Sentences; none when every ref was only moved ahead.</returns>
    public async Task<IReadOnlyList<string>> DescribeAsync(
        string repository,
        GitRefs now,
        CancellationToken cancellationToken
    )
    {
        if (
            await previous.FindRefsAsync(repository, cancellationToken) is not { } before
            || before.Digest == now.Digest
        )
            return [];
        List<string> lost = [];
        foreach (var (old, newId) in before.ChangedIn(now).Take(MostCompared))
            if (newId is null)
                lost.Add($"{old.Shown} was deleted, it was {old.Id}");
            else if (!await mirror.IsAncestorAsync(old.Id, newId, cancellationToken))
                lost.Add($"{old.Shown} was rewritten from {old.Id} to {newId}");
        if (lost.Count == 0)
            return [];
        var more =
            lost.Count > MostNamed
                ? string.Create(CultureInfo.InvariantCulture, $"; and {lost.Count - MostNamed} more")
                : "";
        return
        [
            $"{repository}: {string.Join("; ", lost.Take(MostNamed))}{more}: snapshot {previous.Entry.Id.Short} and those before it have the old commits",
        ];
    }
}
