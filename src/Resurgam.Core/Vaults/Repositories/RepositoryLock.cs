using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Vaults.Repositories;

/// <summary>A shared restic lock: as long as it is held, a stock <c>prune</c> does not run against us.</summary>
/// <remarks>
/// As restic: look, write, wait, look again; refreshed by a new lock every five minutes; stale after thirty, or when
/// its process on this host is gone. Locks fence only stock restic: our own writers never need one another's permission.
/// </remarks>
public sealed class RepositoryLock : IAsyncDisposable
{
    public static readonly TimeSpan RefreshPeriod = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(30);

    /// <summary>By the store's clock, which may differ from ours: so old a lock is not even read. A store that refuses deletes keeps them all.</summary>
    private static readonly TimeSpan LongGone = TimeSpan.FromDays(1);

    private readonly Repository _repository;
    private readonly VaultHost _host;
    private readonly CancellationTokenSource _stop = new();
    private Task _refreshing = Task.CompletedTask;
    private BlobId _id;

    private RepositoryLock(Repository repository, VaultHost host) => (_repository, _host) = (repository, host);

    /// <exception cref="ResurgamException">Somebody holds an exclusive lock that is not stale.</exception>
    public static async Task<RepositoryLock> AcquireAsync(
        Repository repository,
        VaultHost host,
        CancellationToken cancellationToken
    )
    {
        RepositoryLock shared = new(repository, host);
        await shared.ThrowIfExclusiveAsync(cancellationToken);
        shared._id = await shared.WriteAsync(cancellationToken);
        try
        {
            await shared.ThrowIfExclusiveAsync(cancellationToken);
        }
        catch (ResurgamException)
        {
            await shared.DisposeAsync();
            throw;
        }
        shared._refreshing = shared.RefreshAsync(shared._stop.Token);
        return shared;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _refreshing;
        _stop.Dispose();
        // The work is done or lost: giving the lock back must not depend on the caller's token.
        await DeleteAsync(_repository.KeyOf(FileKind.Lock, _id), CancellationToken.None);
    }

    /// <summary>Credentials that may only write leave it there: it is stale by itself in half an hour.</summary>
    private async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await _repository.Store.DeleteAsync(key, cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Fix)
        {
            // Refused for good: no right to delete, or an object lock.
        }
    }

    private async Task<BlobId> WriteAsync(CancellationToken cancellationToken)
    {
        var identity = _host.Identity;
        LockDocument document = new()
        {
            Time = UnixTime.From(_host.Time.GetUtcNow()),
            Exclusive = false,
            Hostname = identity.Hostname,
            Username = identity.Username,
            Pid = identity.ProcessId,
            Uid = identity.UserId,
            Gid = identity.GroupId,
        };
        return (await _repository.PutJsonAsync(FileKind.Lock, document.Write(), cancellationToken)).Id;
    }

    private async Task ThrowIfExclusiveAsync(CancellationToken cancellationToken)
    {
        await foreach (var (id, file) in _repository.ListAsync(FileKind.Lock, cancellationToken))
        {
            if (_host.Time.GetUtcNow() - file.WrittenAt > LongGone)
                continue;
            var json = await _repository.FindJsonAsync(FileKind.Lock, id, cancellationToken);
            if (json is null)
                continue; // released meanwhile
            var held = LockDocument.Read(json);
            if (IsStale(held, _host))
                await DeleteAsync(file.Key, cancellationToken);
            else if (held.Exclusive)
                throw VaultProblems.Locked(
                    _repository.Name,
                    $"{held.Username}@{held.Hostname}, process {held.Pid}, since {held.Time.ToDateTimeOffset():u}"
                );
        }
    }

    internal static bool IsStale(LockDocument held, VaultHost host) =>
        host.Time.GetUtcNow() - held.Time.ToDateTimeOffset() > StaleAfter
        || (held.Hostname == host.Identity.Hostname && !host.Identity.IsAlive(held.Pid));

    /// <summary>Ends when it is told to. A refresh that fails is made up for by the next: five of them fit into the limit.</summary>
    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            using PeriodicTimer timer = new(RefreshPeriod, _host.Time);
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await RefreshOnceAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped by DisposeAsync.
        }
    }

    private async Task RefreshOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            var old = _id;
            _id = await WriteAsync(cancellationToken);
            await DeleteAsync(_repository.KeyOf(FileKind.Lock, old), cancellationToken);
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
            // The store is away for a moment; the work itself will say so if it stays away.
        }
    }
}
