using Resurgam.Core.Vaults;

namespace Resurgam.Tests.Support;

/// <summary>A store that lets nothing go: object lock, or credentials that may only write.</summary>
public sealed class LockedStore(IStore inner) : PassingStore(inner)
{
    public override Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        throw StoreProblems.Refused(Name, $"delete {key}", new UnauthorizedAccessException("it is locked"));
}
