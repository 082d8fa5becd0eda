using Resurgam.Adapters.Git.Wire;
using Resurgam.Core.Git;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Git.Capture;

/// <param name="IsListed">Found by asking for all of an organisation's.</param>
/// <param name="IsGone">The organisation has it no longer.</param>
internal sealed record WantedRepository(GitAddress Address, bool IsListed, bool IsGone);

/// <summary>Finds what there is to capture, and which of it is new or gone since the snapshot before.</summary>
internal sealed class WantedRepositories(GitSource source, PreviousSnapshot? previous, TimeProvider time)
{
    private readonly List<string> _findings = [];

    /// <summary>Sentences about what is new, gone, or could not be asked.</summary>
    public IReadOnlyList<string> Findings => _findings;

    public async Task<IReadOnlyList<WantedRepository>> FindAsync(CancellationToken cancellationToken)
    {
        var named = source.Repositories.Select(address => new WantedRepository(
            address,
            IsListed: false,
            IsGone: false
        ));
        if (source.Organisation is not { } organisation)
            return [.. named];
        using SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            UseCookies = false,
        };
        using GitHubListing listing = new(organisation, handler, time);
        var listed = await FindAsync(listing, cancellationToken);
        return [.. named.Concat(listed).DistinctBy(each => each.Address.Name)];
    }

    internal async Task<IReadOnlyList<WantedRepository>> FindAsync(
        GitHubListing listing,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<RepositoryRecord> known =
        [
            .. (previous?.Record.Repositories ?? []).Where(each => each.IsListed && !IsExcluded(each.Name)),
        ];
        IReadOnlyList<GitAddress> all;
        try
        {
            all = await listing.ListAsync(cancellationToken);
        }
        catch (ResurgamException e) when (known.Count > 0 && e.Problem.Remedy != Remedy.Report)
        {
            _findings.Add($"{e.Problem.What} ({e.Problem.Code}): the repositories of the snapshot before are captured");
            return [.. known.Select(each => Of(each, isGone: each.GoneAt is not null)).OfType<WantedRepository>()];
        }
        List<WantedRepository> wanted = [];
        foreach (var address in all.Where(address => !IsExcluded(address.Name)))
        {
            wanted.Add(new WantedRepository(address, IsListed: true, IsGone: false));
            if (known.Count > 0 && known.All(each => each.Name != address.Name || each.GoneAt is not null))
                _findings.Add($"{address.Name} is new in the organisation");
        }
        foreach (var old in known.Where(each => wanted.All(other => other.Address.Name != each.Name)))
            if (await LookAsync(listing, old, cancellationToken) is { } still)
                wanted.Add(still);
        return wanted;
    }

    private async Task<WantedRepository?> LookAsync(
        GitHubListing listing,
        RepositoryRecord old,
        CancellationToken cancellationToken
    )
    {
        var fullName = old.Name[(old.Name.IndexOf('/') + 1)..];
        if (await listing.IsThereAsync(fullName, cancellationToken))
            return Of(old, isGone: false);
        _findings.Add(
            $"{old.Name} is no longer in the organisation: it was deleted, renamed or moved; the snapshot keeps it as it was, until 'github.exclude' names it"
        );
        return Of(old, isGone: true);
    }

    private static WantedRepository? Of(RepositoryRecord old, bool isGone) =>
        GitAddress.TryParse(old.Address, out var address)
            ? new WantedRepository(address, IsListed: true, isGone)
            : null;

    private bool IsExcluded(string name) => source.Exclude.Any(pattern => pattern.Fits(name));
}
