using System.Globalization;
using System.Text;
using Resurgam.Adapters.LogicalPostgres.Servers;
using Resurgam.Adapters.LogicalPostgres.Verify;
using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Adapters.Postgres.Verify;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.LogicalPostgres.Restore;

/// <summary>Which databases come back, where, and whether they take their names.</summary>
public sealed record LogicalRestoreRequest
{
    public required ConnectionSettings Server { get; init; }

    /// <summary>Only these; empty: all of the snapshot.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    public string? Binaries { get; init; }

    /// <summary>When proven, they take their names; what has a name now is kept under another one.</summary>
    public bool Swaps { get; init; }

    public bool IsDryRun { get; init; }

    /// <summary>As the plan has them now.</summary>
    public IReadOnlyList<SourceQuestion> Questions { get; init; } = [];
}

/// <param name="Name">As it was captured.</param>
/// <param name="RestoredAs">What the copy is called now; of a dry run: would be.</param>
/// <param name="KeptAs">What the database that was there is called now; null when there was none, or nothing was swapped.</param>
public sealed record RestoredDatabase(
    string Name,
    string RestoredAs,
    string? KeptAs,
    IReadOnlyList<VerificationCheck> Checks
);

public sealed record LogicalRestoreResult(
    LogicalRecord Record,
    long BytesWritten,
    IReadOnlyList<RestoredDatabase> Databases,
    IReadOnlyList<string> Notes
);

/// <summary>
/// Brings databases back onto a server, beside those that are there: load, prove, and only then, in one transaction, give
/// them their names. Nothing is dropped but an unfinished copy of our own. Cut off, it begins again with the database it was at.
/// </summary>
public sealed class LogicalRestore(Vault vault, LogicalRestoreRequest request, IWorkProgress progress)
{
    /// <summary>Longest name of a database, in bytes.</summary>
    private const int MostNameBytes = 63;

    private const string Unfinished = "resurgam: being restored from ";
    private const string Whole = "resurgam: restored from ";
    private const string LockNotAvailable = "55P03";
    private const string ObjectInUse = "55006";

    /// <summary>The server ends the session of a restore that was killed when it has done what it is at: making a database, at most.</summary>
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time = vault.Host.Time;
    private readonly List<string> _notes = [];
    private long _bytes;

    public async Task<LogicalRestoreResult> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        await snapshot.Repository.LoadIndexAsync(cancellationToken);
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        var record = await ReadRecordAsync(reader, snapshot, cancellationToken);
        var wanted = Choose(record, snapshot);
        await using var admin = await ConnectAsync(AdminDatabase(wanted), cancellationToken);
        var programs = await DumpPrograms.FindForDumpAsync(
            record.DumpMajor,
            request.Binaries,
            _time,
            cancellationToken
        );
        if (!request.IsDryRun)
            foreach (var database in wanted)
                await LockAsync(admin, AsideOf(database, snapshot), cancellationToken);
        var there = await ReadDatabasesAsync(admin, cancellationToken);
        var pairs = wanted.Select(database => PairOf(database, snapshot, there)).ToList();
        DatabaseSwap swap = new(admin);
        if (request.IsDryRun)
            return await DescribeAsync(record, wanted, pairs, swap, cancellationToken);

        _notes.AddRange(await MissingRoles.MakeAsync(admin, reader, snapshot, record, cancellationToken));
        DatabaseLoad load = new(request.Server, admin.ServerVersion, programs, reader, progress);
        List<IReadOnlyList<VerificationCheck>> checks = [];
        foreach (var (database, pair) in wanted.Zip(pairs))
        {
            if (
                there.GetValueOrDefault(pair.Aside) is not { } aside
                || !aside.Comment.StartsWith(Whole, StringComparison.Ordinal)
            )
                await LoadAsync(load, admin, snapshot, database, pair.Aside, there, cancellationToken);
            else
                _notes.Add(
                    $"{pair.Aside} was there, whole, from an earlier run: it was proven again, and not loaded again"
                );
            checks.Add(await ProveAsync(record, database, pair.Aside, cancellationToken));
        }
        var swapped = pairs.Where(pair => request.Swaps || pair.Kept is null).ToList();
        if (swapped.Count > 0)
            await SwapAsync(admin, swap, wanted, swapped, cancellationToken);
        NoteNames(wanted, pairs);
        return ResultOf(record, wanted, pairs, checks);
    }

    /// <summary>A database cannot be renamed from within; and a session in template1 keeps others from making databases.</summary>
    private static string AdminDatabase(IReadOnlyList<LogicalDatabase> wanted) =>
        wanted.Any(database => database.Name == "postgres") ? "template1" : "postgres";

    public static async Task<LogicalRecord> ReadRecordAsync(
        SnapshotReader reader,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        var json = await reader.FindFileAsync(snapshot, LogicalRecord.Path, cancellationToken);
        return json is null
            ? throw PostgresFormatProblems.NoLogicalRecord(snapshot.Id.Short)
            : LogicalRecord.Read(json, snapshot.Id.Short);
    }

    private IReadOnlyList<LogicalDatabase> Choose(LogicalRecord record, SnapshotEntry snapshot)
    {
        foreach (var name in request.Databases)
            if (record.Databases.All(database => database.Name != name))
                throw RestoreProblems.NoDatabase(name, snapshot.Id.Short, record.Databases.Select(each => each.Name));
        if (request.Databases.Count > 0)
            return [.. record.Databases.Where(database => request.Databases.Contains(database.Name))];
        // Every server has a database postgres, mostly an empty one: it is not copied for nothing.
        IReadOnlyList<LogicalDatabase> used =
        [
            .. record.Databases.Where(database => database.Name != "postgres" || database.Tables.Count > 0),
        ];
        return used.Count > 0 ? used : record.Databases;
    }

    /// <summary>Keeps other restores of the same copy out, until the session ends. One that was killed may end a little later.</summary>
    private static async Task LockAsync(PostgresConnection admin, string aside, CancellationToken cancellationToken)
    {
        await admin.QueryAsync(
            string.Create(CultureInfo.InvariantCulture, $"set lock_timeout = {(int)LockLimit.TotalMilliseconds}"),
            cancellationToken
        );
        try
        {
            await admin.QueryAsync(
                $"select pg_advisory_lock(hashtextextended({SqlText.Literal(aside)}, 0))",
                cancellationToken
            );
        }
        catch (ResurgamException e) when (PostgresErrorException.SqlStateOf(e) == LockNotAvailable)
        {
            throw RestoreProblems.Busy(aside);
        }
        await admin.QueryAsync("reset lock_timeout", cancellationToken);
    }

    private static async Task<Dictionary<string, DatabaseThere>> ReadDatabasesAsync(
        PostgresConnection admin,
        CancellationToken cancellationToken
    ) =>
        (
            await admin.QueryAsync(
                "select datname, coalesce(shobj_description(oid, 'pg_database'), ''), datallowconn from pg_database",
                cancellationToken
            )
        ).ToDictionary(row => row[0] ?? "", row => new DatabaseThere(row[1] ?? "", IsClosed: row[2] == "f"));

    private static string AsideOf(LogicalDatabase database, SnapshotEntry snapshot) =>
        Named(database.Name, $"_restored_{snapshot.Id.Short}");

    private SwapPair PairOf(LogicalDatabase database, SnapshotEntry snapshot, Dictionary<string, DatabaseThere> there)
    {
        var aside = AsideOf(database, snapshot);
        if (there.TryGetValue(aside, out var found) && !found.IsOurs(snapshot))
            throw RestoreProblems.NotOurs(aside);
        if (!there.ContainsKey(database.Name))
            return new SwapPair(database.Name, aside, Kept: null);
        var kept = Named(
            database.Name,
            _time.GetUtcNow().ToString("'_before_'yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)
        );
        return there.ContainsKey(kept) ? throw RestoreProblems.NotOurs(kept) : new SwapPair(database.Name, aside, kept);
    }

    private async Task LoadAsync(
        DatabaseLoad load,
        PostgresConnection admin,
        SnapshotEntry snapshot,
        LogicalDatabase database,
        string aside,
        Dictionary<string, DatabaseThere> there,
        CancellationToken cancellationToken
    )
    {
        if (there.ContainsKey(aside)) // unfinished, and our own
            await DropAsync(admin, aside, cancellationToken);
        await DatabaseLoad.CreateAsync(admin, database, aside, allowsOtherLocale: false, cancellationToken);
        await CommentAsync(admin, aside, Unfinished + snapshot.Id.Hex, cancellationToken);
        await DatabaseLoad.OpenAsync(admin, aside, cancellationToken);
        _bytes += await load.LoadAsync(snapshot, database, aside, cancellationToken);
        await using (var session = await ConnectAsync(aside, cancellationToken))
            await session.QueryAsync("analyze", cancellationToken); // else the first hour of the new database is slow
        await DatabaseLoad.SetPropertiesAsync(admin, database, aside, cancellationToken);
        await CommentAsync(admin, aside, Whole + snapshot.Id.Hex, cancellationToken);
    }

    /// <summary>What a load that was killed has begun goes on in the server until its session is ended.</summary>
    private static async Task DropAsync(PostgresConnection admin, string aside, CancellationToken cancellationToken)
    {
        try
        {
            await admin.QueryAsync(
                $"select pg_terminate_backend(pid) from pg_stat_activity where datname = {SqlText.Literal(aside)} and usename = current_user",
                cancellationToken
            );
            await admin.QueryAsync($"drop database {SqlText.Identifier(aside)}", cancellationToken);
        }
        catch (ResurgamException e) when (PostgresErrorException.SqlStateOf(e) == ObjectInUse)
        {
            throw RestoreProblems.UnfinishedInUse(aside);
        }
    }

    private async Task<IReadOnlyList<VerificationCheck>> ProveAsync(
        LogicalRecord record,
        LogicalDatabase database,
        string aside,
        CancellationToken cancellationToken
    )
    {
        progress.Stage($"checking {aside}");
        await using var session = await ConnectAsync(aside, cancellationToken);
        var checks = await new DatabaseProof(record, QuestionsOf(record)).CheckAsync(
            session,
            database,
            cancellationToken
        );
        var wrong = checks.Where(check => !check.Passed).Select(check => $"{check.Name}: {check.Detail}").ToList();
        return wrong.Count == 0 ? checks : throw RestoreProblems.Unproven(aside, wrong);
    }

    /// <summary>Those that can tell a good copy from a bad one: what the source could not answer must not hold a recovery up.</summary>
    private QuestionChecks QuestionsOf(LogicalRecord record)
    {
        var answered = record.Answers.Where(answer => answer.Error is null).ToList();
        return new QuestionChecks(
            answered,
            [.. request.Questions.Where(one => answered.Exists(answer => QuestionChecks.IsOf(one, answer)))]
        );
    }

    private async Task SwapAsync(
        PostgresConnection admin,
        DatabaseSwap swap,
        IReadOnlyList<LogicalDatabase> wanted,
        IReadOnlyList<SwapPair> pairs,
        CancellationToken cancellationToken
    )
    {
        progress.Stage("swapping names");
        await swap.RunAsync(pairs, cancellationToken);
        foreach (var pair in pairs)
            await CommentAsync(
                admin,
                pair.Name,
                wanted.First(database => database.Name == pair.Name).Comment,
                CancellationToken.None // the names are theirs already
            );
    }

    private static async Task CommentAsync(
        PostgresConnection admin,
        string database,
        string? comment,
        CancellationToken cancellationToken
    ) =>
        await admin.QueryAsync(
            $"comment on database {SqlText.Identifier(database)} is {(comment is null ? "null" : SqlText.Literal(comment))}",
            cancellationToken
        );

    private void NoteNames(IReadOnlyList<LogicalDatabase> wanted, IReadOnlyList<SwapPair> pairs)
    {
        foreach (var (_, pair) in wanted.Zip(pairs))
            if (pair.Kept is null)
                _notes.Add($"{pair.Name} is back; there was none of that name");
            else if (request.Swaps)
                _notes.Add(
                    $"{pair.Name} is back; the one before is kept as {pair.Kept} until you drop it: drop database {SqlText.Identifier(pair.Kept)}"
                );
            else
                _notes.Add(
                    $"the proven copy of {pair.Name} is {pair.Aside}; {pair.Name} is as it was. The same command with --swap exchanges them"
                );
    }

    private async Task<LogicalRestoreResult> DescribeAsync(
        LogicalRecord record,
        IReadOnlyList<LogicalDatabase> wanted,
        IReadOnlyList<SwapPair> pairs,
        DatabaseSwap swap,
        CancellationToken cancellationToken
    )
    {
        _notes.Add("a dry run: nothing was touched");
        foreach (var (database, pair) in wanted.Zip(pairs))
        {
            _bytes += database.DumpBytes;
            var size = new ByteSize(database.DumpBytes);
            if (pair.Kept is null)
                _notes.Add(
                    $"{pair.Name} would be loaded ({size}), proven, and get its name: there is none of that name"
                );
            else if (!request.Swaps)
                _notes.Add($"{pair.Name} would be loaded as {pair.Aside} ({size}) and proven; {pair.Name} would stay");
            else
            {
                var sessions = await swap.CountSessionsAsync([pair.Name], cancellationToken);
                _notes.Add(
                    $"{pair.Name} would be loaded ({size}) and proven; then {sessions} sessions of {pair.Name} would be ended, it would be kept as {pair.Kept}, and the copy would take its name"
                );
            }
        }
        return ResultOf(record, wanted, pairs, [.. pairs.Select(_ => (IReadOnlyList<VerificationCheck>)[])]);
    }

    private LogicalRestoreResult ResultOf(
        LogicalRecord record,
        IReadOnlyList<LogicalDatabase> wanted,
        IReadOnlyList<SwapPair> pairs,
        List<IReadOnlyList<VerificationCheck>> checks
    ) =>
        new(
            record,
            _bytes,
            [
                .. wanted.Select(
                    (database, index) =>
                    {
                        var pair = pairs[index];
                        var hasName = request.Swaps || pair.Kept is null;
                        return new RestoredDatabase(
                            database.Name,
                            hasName ? pair.Name : pair.Aside,
                            hasName ? pair.Kept : null,
                            checks[index]
                        );
                    }
                ),
            ],
            _notes
        );

    private Task<PostgresConnection> ConnectAsync(string database, CancellationToken cancellationToken) =>
        PostgresConnection.OpenAsync(
            request.Server with
            {
                Database = database,
            },
            SessionKind.Sql,
            _time,
            cancellationToken
        );

    /// <summary>Long names are cut, at the border of a character, so that the ending is whole.</summary>
    private static string Named(string database, string ending)
    {
        var name = database;
        while (Encoding.UTF8.GetByteCount(name) + ending.Length > MostNameBytes)
            name = name[..^(name.Length > 1 && char.IsLowSurrogate(name[^1]) ? 2 : 1)];
        return name + ending;
    }

    /// <param name="Comment">Empty when it has none.</param>
    /// <param name="IsClosed">It lets nobody in.</param>
    private sealed record DatabaseThere(string Comment, bool IsClosed)
    {
        /// <summary>Killed right after it was made, a copy has no comment yet, and nobody was ever in it.</summary>
        public bool IsOurs(SnapshotEntry snapshot) =>
            Comment.EndsWith(snapshot.Id.Hex, StringComparison.Ordinal) || (Comment.Length == 0 && IsClosed);
    }
}
