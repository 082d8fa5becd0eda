using System.Globalization;
using System.Text.Json;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Stores;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>
/// Takes our name out of <c>synchronous_standby_names</c> before commits wait for us longer than allowed, and puts it back
/// when the stream keeps up again.
/// </summary>
/// <remarks>
/// <para>
/// It looks at the commits themselves, on a connection of its own that stays open: whether the disk of the spool hangs, the
/// stream is stopped or killed, or the network is cut, what counts is that somebody waits and that we are the ones who have
/// not answered. <see cref="SyncGuard"/> has it run in a process of its own, which outlives the stream.
/// </para>
/// <para>
/// Nothing else takes a standby out of the set: PostgreSQL waits for ever. <c>ALTER SYSTEM</c> and a reload release the
/// waiting commits at once. What was there before is on our disk before it is changed.
/// </para>
/// </remarks>
public sealed class SyncWatchdog
{
    public const string FileName = "synchronous.json";

    private const string LockName = "watchdog.lock";

    /// <summary>We count as keeping up when no more than this is between the server's end and ours.</summary>
    private const long HealthyLagBytes = 1 << 20;

    private static readonly TimeSpan WordPeriod = TimeSpan.FromSeconds(1);

    /// <summary>How long the disk is waited for. It may be what hangs, and then it must not hold what is done about that.</summary>
    private static readonly TimeSpan DiskLimit = TimeSpan.FromSeconds(1);

    /// <summary>When nothing waits for us any more.</summary>
    private static readonly TimeSpan LastDiskLimit = TimeSpan.FromSeconds(5);

    /// <summary>A server that is away so long is not coming back to a stream that is gone as well.</summary>
    private static readonly TimeSpan LongestOrphanage = TimeSpan.FromHours(1);

    private readonly WalStreamSettings _settings;
    private readonly string _name;
    private readonly string _path;
    private readonly TimeSpan _wait;
    private readonly TimeSpan _period;
    private readonly ConnectionSettings _connection;
    private readonly TimeProvider _time;
    private readonly Action<string> _told;
    private readonly CommitWaits _waits = new();
    private readonly DiskQueue _disk = new();
    private SyncConnection? _sql;
    private SetAside? _aside;
    private bool _hasReadAside;
    private long? _leftAt;
    private long? _healthySince;
    private bool? _isSynchronous;
    private Problem? _problem;
    private long? _wordAt;
    private long _answeredAt;

    /// <param name="settings">The stream that is watched; its folder keeps what was set aside.</param>
    /// <param name="wait">How long a commit may wait for us.</param>
    /// <param name="connection">For SQL, with the rights that docs/errors/wal-watchdog-rights.md names.</param>
    public SyncWatchdog(
        WalStreamSettings settings,
        TimeSpan wait,
        ConnectionSettings connection,
        TimeProvider time,
        Action<string> told
    )
    {
        (_settings, _name, _wait, _connection, _time, _told) = (settings, settings.Slot, wait, connection, time, told);
        _path = Path.Combine(settings.Folder, FileName);
        _period = TimeSpan.FromMilliseconds(Math.Clamp(_wait.TotalMilliseconds / 10, 50, 1000));
        _answeredAt = time.GetTimestamp();
    }

    /// <summary>Whether the process of the stream that asked for it is gone.</summary>
    public Func<bool> IsOrphan { get; init; } = static () => false;

    /// <summary>Of the stream that asked for it.</summary>
    public DateTimeOffset StreamBeganAt { get; init; }

    /// <summary>Whether a watchdog has work: commits wait for us, or what was set aside has to be put back.</summary>
    internal static bool IsNeeded(WalStreamSettings settings, SynchronousStandbys set) =>
        set.Contains(settings.Slot) || File.Exists(Path.Combine(settings.Folder, FileName));

    /// <summary>Watches until nobody waits for us any more, or until it is told to leave the set.</summary>
    /// <param name="leave">Told to: the set is left at once, for nobody will acknowledge any more.</param>
    /// <param name="cancellationToken">Ends it as it stands.</param>
    public async Task RunAsync(CancellationToken leave, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_period, _time);
        await using var alone = await TakeLockAsync(timer, leave, cancellationToken);
        if (alone is null)
            return;
        _hasReadAside = false;
        try
        {
            while (!leave.IsCancellationRequested)
            {
                var isNeeded = await TickGuardedAsync(TickAsync, cancellationToken);
                Say();
                if (!isNeeded || !await NextAsync(timer, leave, cancellationToken))
                    break;
            }
            if (leave.IsCancellationRequested)
            {
                await TickGuardedAsync(LeaveForGoodAsync, cancellationToken);
                var last = Word();
                await TryOnDiskAsync(() => last.Write(_settings.Folder), LastDiskLimit); // and what was set aside, before it
            }
        }
        finally
        {
            await CloseAsync();
        }
    }

    /// <summary>One at a time: an orphan goes when it sees the stream that comes after its own.</summary>
    private async Task<FileStream?> TakeLockAsync(
        PeriodicTimer timer,
        CancellationToken leave,
        CancellationToken cancellationToken
    )
    {
        do
        {
            try
            {
                var path = Path.Combine(_settings.Folder, LockName);
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Held by another; a disk that takes no file at all is told by the spool.
            }
        } while (await NextAsync(timer, leave, cancellationToken));
        return null;
    }

    /// <returns>False when it is told to leave.</returns>
    private static async Task<bool> NextAsync(
        PeriodicTimer timer,
        CancellationToken leave,
        CancellationToken cancellationToken
    )
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leave, cancellationToken);
        try
        {
            return await timer.WaitForNextTickAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <returns>False when there is nothing left to do.</returns>
    private async Task<bool> TickGuardedAsync(
        Func<CancellationToken, Task<bool>> tick,
        CancellationToken cancellationToken
    )
    {
        using var limit = new CancellationTokenSource(SyncConnection.QueryLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var isNeeded = await tick(either.Token);
            (_problem, _answeredAt) = (null, _time.GetTimestamp());
            return isNeeded;
        }
        catch (ResurgamException e)
        {
            _problem = e.Problem; // shown in the status; the next tick tries again
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _problem = WatchdogProblems.Slow(SyncConnection.QueryLimit).Problem;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            _problem = SpoolProblems.SpoolFailed(_settings.Folder, e).Problem;
        }
        await CloseAsync();
        return !IsOrphan() || _time.GetElapsedTime(_answeredAt) < LongestOrphanage;
    }

    private async Task<bool> TickAsync(CancellationToken cancellationToken)
    {
        var isOrphan = IsOrphan();
        await ReadAsideAsync();
        var (isSucceeded, isGone) = isOrphan ? await AskDiskAsync(LookForStream, default) : default;
        if (isOrphan && (_aside is not null || isSucceeded))
            // Putting back, and all else, is the next stream's, which has to find what was set aside.
            return _aside is not null && !isSucceeded && _disk.IsBusy;
        var sql = await ConnectAsync(cancellationToken);
        var seen = await sql.LookAsync(cancellationToken);
        _isSynchronous = seen.Set.Contains(_name);
        if (_aside is not null)
        {
            await ConsiderReturnAsync(sql, seen, _aside, cancellationToken);
            return true;
        }
        if (_isSynchronous == false)
            return !_hasReadAside && !isOrphan;
        _waits.Saw(seen.Waiting, seen.ServerEnd, _time.GetTimestamp());
        // A commit that waits is seen a period late at most, and ticks are not quite even: one more would be too late.
        var patience = _wait - (1.5 * _period);
        if (_waits.Oldest(seen.OurFlush) is { } since && _time.GetElapsedTime(since) >= patience)
            await LeaveAsync(
                sql,
                seen,
                $"commits waited {_wait.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s for '{_name}'",
                cancellationToken
            );
        else if (isGone)
            await LeaveAsync(sql, seen, $"the stream '{_name}' and its spool are gone", cancellationToken);
        return true;
    }

    private async Task<bool> LeaveForGoodAsync(CancellationToken cancellationToken)
    {
        await ReadAsideAsync();
        if (_aside is not null)
            return false;
        var sql = await ConnectAsync(cancellationToken);
        var seen = await sql.LookAsync(cancellationToken);
        _isSynchronous = seen.Set.Contains(_name);
        if (_isSynchronous == true)
            await LeaveAsync(sql, seen, $"the stream '{_name}' stops", cancellationToken);
        return false;
    }

    /// <returns>Whether another stream has come after the one that asked for it, and whether its spool is gone.</returns>
    private (bool IsSucceeded, bool IsGone) LookForStream() =>
        (
            WalStreamStatus.Find(_settings.Folder) is { } said
                && said.BeganAt != StreamBeganAt
                && said.IsFreshAt(_time.GetUtcNow()),
            !Directory.Exists(_settings.Folder)
        );

    private async Task<SyncConnection> ConnectAsync(CancellationToken cancellationToken) =>
        _sql ??= await SyncConnection.OpenAsync(_connection, _name, _time, cancellationToken);

    private async Task LeaveAsync(SyncConnection sql, SyncLook seen, string reason, CancellationToken cancellationToken)
    {
        if (seen.Source == "command line")
            throw WatchdogProblems.Powerless("it was given on the server's command line");
        var aside = new SetAside(
            seen.Setting,
            seen.Set.Without(_name, seen.Connected).ToString(),
            seen.IsFromAlterSystem
        );
        await WriteAsideAsync(aside);
        (_aside, _hasReadAside) = (aside, true);
        _healthySince = null;
        await sql.SetAsync(aside.Replacement, cancellationToken);
        _leftAt = _time.GetTimestamp();
        _isSynchronous = false;
        _told(
            $"left synchronous_standby_names, for {reason}: "
                + $"'{aside.Original}' is now '{aside.Replacement}'; a loss of the database may cost data until it is put back"
        );
    }

    private async Task ConsiderReturnAsync(
        SyncConnection sql,
        SyncLook seen,
        SetAside aside,
        CancellationToken cancellationToken
    )
    {
        if (seen.Setting == aside.Original && _isSynchronous == true)
        {
            // The server reloads when it comes to it: what we have just set may not be there yet.
            if (_leftAt is { } leftAt && _time.GetElapsedTime(leftAt) < SyncConnection.QueryLimit)
                return;
            // Put back by hand, or we were killed halfway out: a change that was written and not loaded must not come later.
            await sql.SetAsync(aside.WasAlterSystem ? aside.Original : null, cancellationToken);
            await ForgetAsync();
            return;
        }
        if (seen.Setting != aside.Replacement)
        {
            _told($"synchronous_standby_names was changed to '{seen.Setting}' by somebody else: it stays so");
            await ForgetAsync();
            return;
        }
        var isHealthy =
            seen.OurFlush is { } flush
            && seen.ServerEnd.Value - Math.Min(flush.Value, seen.ServerEnd.Value) <= HealthyLagBytes;
        _healthySince = isHealthy ? _healthySince ?? _time.GetTimestamp() : null;
        if (_healthySince is not { } since || _time.GetElapsedTime(since) < _wait)
            return;
        await sql.SetAsync(aside.WasAlterSystem ? aside.Original : null, cancellationToken);
        _told($"the stream keeps up again: synchronous_standby_names is '{aside.Original}' as before");
        await ForgetAsync();
        _isSynchronous = true;
    }

    private async Task ForgetAsync()
    {
        (_aside, _leftAt, _healthySince) = (null, null, null);
        _waits.Clear();
        if (await TryOnDiskAsync(() => File.Delete(_path), DiskLimit) is { } why)
            _told($"could not remove {_path} ({why}): nothing in it counts any more");
    }

    private async Task CloseAsync()
    {
        if (_sql is { } sql)
            await sql.DisposeAsync();
        _sql = null;
        _isSynchronous = null;
    }

    /// <summary>What a watchdog before this one has set aside. Until the disk tells, the commits are watched as if there were nothing.</summary>
    private async Task ReadAsideAsync()
    {
        if (_hasReadAside)
            return;
        try
        {
            (_hasReadAside, var found) = await AskDiskAsync(() => (true, FindAside()), default);
            _aside = found ?? _aside; // one that could not be noted
        }
        catch (JsonException)
        {
            _hasReadAside = true;
            _told($"{_path} is damaged: what has to be put back into synchronous_standby_names is not known any more");
            await ForgetAsync();
        }
    }

    private SetAside? FindAside() =>
        File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllBytes(_path), WatchdogJson.Default.SetAside) : null;

    private async Task WriteAsideAsync(SetAside aside)
    {
        // On a disk that is full, or hangs, it must work, too: the commits that wait are waiting because of it.
        if (await TryOnDiskAsync(() => Write(aside), DiskLimit) is { } why)
            _told($"could not note '{aside.Original}' in {_path} ({why}): only this process knows what to put back");
    }

    private void Write(SetAside aside)
    {
        var temporary = _path + ".tmp";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(aside, WatchdogJson.Default.SetAside), 0);
            RandomAccess.FlushToDisk(file);
        }
        File.Move(temporary, _path, overwrite: true);
        DirectorySync.Flush(Path.GetDirectoryName(_path) ?? "/");
    }

    /// <summary>Once a second, on a disk that answers.</summary>
    private void Say()
    {
        if (_disk.IsBusy || (_wordAt is { } at && _time.GetElapsedTime(at) < WordPeriod))
            return;
        _wordAt = _time.GetTimestamp();
        var word = Word();
        _ = _disk.Begin(() =>
        {
            word.Write(_settings.Folder);
            return true;
        });
    }

    private WatchdogWord Word() => new(Environment.ProcessId, _time.GetUtcNow(), _isSynchronous, _problem);

    /// <param name="unknown">The answer of a disk that fails, or does not answer in time.</param>
    private async Task<T> AskDiskAsync<T>(Func<T> ask, T unknown)
    {
        if (_disk.IsBusy)
            return unknown; // the next tick asks again
        try
        {
            return await _disk.Begin(ask).WaitAsync(DiskLimit, _time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TimeoutException)
        {
            return unknown;
        }
    }

    /// <returns>Why it is not done; null when it is. A disk that hangs does it when it goes on.</returns>
    private async Task<string?> TryOnDiskAsync(Action work, TimeSpan limit)
    {
        try
        {
            await _disk
                .Begin(() =>
                {
                    work();
                    return true;
                })
                .WaitAsync(limit, _time);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
        catch (TimeoutException)
        {
            return "the disk does not answer";
        }
    }
}
