using Resurgam.Adapters.LogicalPostgres.Servers;
using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Assets;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.LogicalPostgres.Capture;

/// <summary>What to dump, and how to reach it.</summary>
public sealed record LogicalSource
{
    public required string Asset { get; init; }
    public required ConnectionSettings Connection { get; init; }

    /// <summary>Empty: all that the role may connect to.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>Folder with <c>pg_dump</c>; null: found by the server's version.</summary>
    public string? Binaries { get; init; }

    public IReadOnlyList<SourceQuestion> Questions { get; init; } = [];
    public string? PlanHash { get; init; }
}

/// <summary>
/// Takes databases by SQL alone, which is all that a managed server gives: roles, every database as <c>pg_dump</c> writes it,
/// and beside it what a restored copy is held against, all as of one moment a database.
/// </summary>
public sealed class LogicalCapture(LogicalSource source, TimeProvider time, IWorkProgress progress)
{
    private const int OldestVersion = 140000;

    private long _bytes;

    public async Task<CaptureResult> RunAsync(SnapshotWriter snapshot, CancellationToken cancellationToken)
    {
        await using var session = await PostgresConnection.OpenAsync(
            source.Connection,
            SessionKind.Sql,
            time,
            cancellationToken
        );
        if (session.ServerVersion < OldestVersion)
            throw CaptureProblems.TooOld(source.Asset, session.ServerVersion);
        var facts = await ServerFacts.ReadAsync(session, cancellationToken);
        var wanted = Choose(facts);
        var programs = await DumpPrograms.FindForServerAsync(
            facts.ServerVersion / 10000,
            source.Binaries,
            time,
            cancellationToken
        );
        var startedAt = time.GetUtcNow();
        await using var moments = await HeldMoments.HoldAsync(
            source.Connection,
            wanted.Select(database => database.Name),
            time,
            cancellationToken
        );
        using var lane = snapshot.OpenLane();
        await AddGlobalsAsync(snapshot, lane, programs, facts, startedAt, cancellationToken);
        List<LogicalDatabase> databases = [];
        foreach (var (database, held) in wanted.Zip(moments.Databases))
            databases.Add(await AddDatabaseAsync(snapshot, lane, programs, database, held, cancellationToken));
        var answers = await AskAsync(moments, session, cancellationToken);
        LogicalRecord record = new()
        {
            Asset = source.Asset,
            ServerVersion = facts.ServerVersion,
            DumpMajor = programs.Major,
            IsFromStandby = facts.IsStandby,
            StartedAt = startedAt,
            StoppedAt = time.GetUtcNow(),
            HasRolePasswords = facts.ShowsPasswords,
            Roles = facts.Roles,
            Databases = databases,
            QuestionDatabase = source.Connection.Database,
            Answers = answers,
            PlanHash = source.PlanHash,
        };
        await AddFileAsync(snapshot, lane, LogicalRecord.Path, record.Write(), startedAt, cancellationToken);
        lane.Flush();
        progress.Stage("writing the snapshot");
        snapshot.Facts = new SnapshotFacts { PlanHash = source.PlanHash };
        var entry = await snapshot.CompleteAsync([$"/{source.Asset}"], cancellationToken);
        return new CaptureResult(
            entry,
            _bytes,
            snapshot.BytesNew,
            snapshot.BytesStored,
            [.. FindingsOn(facts), .. Questionnaire.FindingsOn(answers)]
        )
        {
            Notes = [.. NotesOn(facts, databases)],
        };
    }

    private IReadOnlyList<LogicalDatabase> Choose(ServerFacts facts)
    {
        foreach (var name in source.Databases)
            if (facts.Databases.All(database => database.Name != name))
                throw CaptureProblems.NoDatabase(source.Asset, name, facts.Databases.Select(database => database.Name));
        IReadOnlyList<LogicalDatabase> chosen =
        [
            .. facts.Databases.Where(database =>
                source.Databases.Count == 0 || source.Databases.Contains(database.Name)
            ),
        ];
        return chosen.Count > 0 ? chosen : throw CaptureProblems.NothingToDump(source.Asset, source.Connection.User);
    }

    private async Task AddGlobalsAsync(
        SnapshotWriter snapshot,
        ContentLane lane,
        DumpPrograms programs,
        ServerFacts facts,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        progress.Stage("reading roles");
        await using var dump = programs.StartGlobals(source.Connection, facts.ShowsPasswords);
        var node = NodeOf(LogicalRecord.GlobalsPath, at);
        await StoreAsync(snapshot, lane, dump, "pg_dumpall", "the roles", node, cancellationToken);
    }

    private async Task<LogicalDatabase> AddDatabaseAsync(
        SnapshotWriter snapshot,
        ContentLane lane,
        DumpPrograms programs,
        LogicalDatabase database,
        HeldDatabase held,
        CancellationToken cancellationToken
    )
    {
        progress.Stage($"reading {database.Name}");
        await using var dump = programs.StartDump(source.Connection, database.Name, held.Snapshot);
        // Two sessions that see the same: one is read by pg_dump while the other counts.
        var counting = CountAsync(held, cancellationToken);
        try
        {
            var bytes = await StoreAsync(
                snapshot,
                lane,
                dump,
                "pg_dump",
                database.Name,
                NodeOf(database.File, held.At),
                cancellationToken
            );
            var (tables, counts) = await counting;
            return database with
            {
                Moment = held.Moment,
                Sees = held.Sees,
                Lsn = held.Lsn,
                At = held.At,
                DumpBytes = bytes,
                Tables = tables,
                Counts = counts,
            };
        }
        finally
        {
            await ((Task)counting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<(IReadOnlyList<LogicalTable>, LogicalCounts)> CountAsync(
        HeldDatabase held,
        CancellationToken cancellationToken
    ) =>
        (
            await TableDigests.ReadAsync(held.Session, cancellationToken),
            await TableDigests.CountAsync(held.Session, cancellationToken)
        );

    private async Task<long> StoreAsync(
        SnapshotWriter snapshot,
        ContentLane lane,
        ProcessPipe program,
        string name,
        string what,
        (string Path, TreeNode Node) file,
        CancellationToken cancellationToken
    )
    {
        var (ids, length) = await lane.StoreStreamAsync(program.Output, cancellationToken);
        var (exitCode, error) = await program.EndAsync(cancellationToken);
        if (exitCode != 0)
            throw DumpProblems.Failed(name, what, error);
        snapshot.Files.Add(file.Path, file.Node with { SizeBytes = length }, [.. ids]);
        progress.Add(length);
        _bytes += length;
        return length;
    }

    /// <summary>In the database of the connection, as its dump sees it. The dumps are done: what fails costs answers alone.</summary>
    private async Task<IReadOnlyList<AnswerRecord>> AskAsync(
        HeldMoments moments,
        PostgresConnection session,
        CancellationToken cancellationToken
    )
    {
        var held = moments.Databases.FirstOrDefault(database => database.Name == source.Connection.Database);
        if (held is not null)
            await held.Session.QueryAsync("reset search_path; reset datestyle; reset timezone", cancellationToken);
        var asked = held?.Session ?? session;
        List<AnswerRecord> answers = [];
        string? lost = null;
        foreach (var question in source.Questions)
        {
            AnswerRecord record = new(question.Name, question.Sql, Before: null, After: null) { Error = lost };
            try
            {
                if (lost is null)
                {
                    var answer = await asked.AskAsync(question.Sql, held is not null, cancellationToken);
                    record = record with { Before = answer, After = answer };
                }
            }
            catch (ResurgamException e)
            {
                record = record with { Error = e.Problem.What };
                lost = PostgresErrorException.IsStatementsOwn(e) ? null : e.Problem.What;
            }
            answers.Add(record);
        }
        return answers;
    }

    private static async Task AddFileAsync(
        SnapshotWriter snapshot,
        ContentLane lane,
        string path,
        byte[] content,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var ids = await lane.StoreBytesAsync(content, cancellationToken);
        snapshot.Files.Add(path, NodeOf(path, at).Node with { SizeBytes = content.Length }, [.. ids]);
    }

    private static (string Path, TreeNode Node) NodeOf(string path, DateTimeOffset at) =>
        (
            path,
            new TreeNode
            {
                Name = path[(path.LastIndexOf('/') + 1)..],
                Type = NodeType.File,
                Mode = 0x180, // 0600
                ModifiedAt = UnixTime.From(at),
                AccessedAt = UnixTime.From(at),
                ChangedAt = UnixTime.From(at),
                Links = 1,
            }
        );

    /// <summary>Of what the plan asks for: all that there is, or the databases that it names.</summary>
    private IEnumerable<string> FindingsOn(ServerFacts facts) =>
        source.Databases.Count > 0
            ? []
            : facts.Refused.Select(name =>
                $"database {name} is not in the snapshot, {source.Connection.User} may not connect to it: 'grant connect on database {name} to {source.Connection.User}', or name the wanted ones in 'databases'"
            );

    private static IEnumerable<string> NotesOn(ServerFacts facts, IReadOnlyList<LogicalDatabase> databases)
    {
        var moments = databases.GroupBy(database => database.Moment).ToList();
        if (moments.Count > 1)
            yield return $"the databases are of {moments.Count} moments, the server was too busy for one: "
                + string.Join("; ", moments.Select(moment => string.Join(", ", moment.Select(each => each.Name))));
        if (facts.OfProvider.Count > 0)
            yield return $"not captured, it is the provider's: {string.Join(", ", facts.OfProvider)}";
        if (!facts.ShowsPasswords)
            yield return "the roles' passwords are not in it, the role may not read them: after a loss they have to be set again";
    }
}
