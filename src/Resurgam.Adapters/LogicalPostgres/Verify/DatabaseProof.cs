using System.Globalization;
using Resurgam.Adapters.LogicalPostgres.Capture;
using Resurgam.Adapters.Postgres.Verify;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.LogicalPostgres.Verify;

/// <summary>Holds a loaded database against what was recorded in the moment of its dump.</summary>
internal sealed class DatabaseProof(LogicalRecord record, QuestionChecks questions)
{
    private const int MostShown = 5;

    /// <param name="session">Of its own, to the copy.</param>
    public async Task<IReadOnlyList<VerificationCheck>> CheckAsync(
        PostgresConnection session,
        LogicalDatabase database,
        CancellationToken cancellationToken
    )
    {
        List<VerificationCheck> checks = [];
        if (database.Name == record.QuestionDatabase)
            checks.AddRange(await questions.RunAsync(session, cancellationToken));
        await session.QueryAsync(HeldDatabase.Settings, cancellationToken);
        var tables = await TableDigests.ReadAgainAsync(session, database.Tables, cancellationToken);
        checks.Insert(0, CompareRows(database, tables));
        checks.Insert(1, CompareDigests(database, tables));
        checks.Insert(2, Compare(database, await TableDigests.CountAsync(session, cancellationToken)));
        return checks;
    }

    private static VerificationCheck CompareRows(LogicalDatabase database, IReadOnlyList<LogicalTable?> tables)
    {
        List<string> wrong = [];
        foreach (var (recorded, there) in database.Tables.Zip(tables))
            if (there is null)
                wrong.Add($"{recorded.FullName} is not there");
            else if (there.Rows != recorded.Rows)
                wrong.Add(Text($"{recorded.FullName} has {there.Rows} rows, recorded {recorded.Rows}"));
        return new VerificationCheck(
            $"{database.Name}: rows",
            wrong.Count == 0,
            wrong.Count == 0
                ? Text($"{database.Tables.Count} tables, {database.Tables.Sum(table => table.Rows)} rows, as recorded")
                : Shown(wrong)
        );
    }

    private static VerificationCheck CompareDigests(LogicalDatabase database, IReadOnlyList<LogicalTable?> tables)
    {
        var compared = database.Tables.Zip(tables).Where(pair => pair.First.OneIn > 0).ToList();
        var wrong = compared
            .Where(pair => pair.Second is { } there && there.Digest != pair.First.Digest)
            .Select(pair => $"{pair.First.FullName} has other content")
            .ToList();
        var sampled = compared.Count(pair => pair.First.OneIn > 1);
        return new VerificationCheck(
            $"{database.Name}: content",
            wrong.Count == 0,
            wrong.Count > 0
                ? Shown(wrong)
                : Text($"digests of {compared.Count} tables as recorded, {sampled} of them of a sample of their rows")
        );
    }

    private static VerificationCheck Compare(LogicalDatabase database, LogicalCounts there)
    {
        var recorded = database.Counts;
        List<string> wrong = [];
        if (there.Constraints != recorded.Constraints)
            wrong.Add(Text($"{there.Constraints} constraints, recorded {recorded.Constraints}"));
        if (there.Unvalidated > recorded.Unvalidated)
            wrong.Add(Text($"{there.Unvalidated} constraints not validated, recorded {recorded.Unvalidated}"));
        if (there.InvalidIndexes > recorded.InvalidIndexes)
            wrong.Add(Text($"{there.InvalidIndexes} indexes invalid, recorded {recorded.InvalidIndexes}"));
        if (there.LargeObjects != recorded.LargeObjects)
            wrong.Add(Text($"{there.LargeObjects} large objects, recorded {recorded.LargeObjects}"));
        return new VerificationCheck(
            $"{database.Name}: constraints",
            wrong.Count == 0,
            wrong.Count > 0
                ? Shown(wrong)
                : Text(
                    $"{there.Constraints} constraints, {there.Constraints - there.Unvalidated} of them checked against every row; no index is invalid"
                )
        );
    }

    private static string Shown(List<string> wrong) =>
        string.Join("; ", wrong.Take(MostShown))
        + (wrong.Count > MostShown ? Text($" and {wrong.Count - MostShown} more") : "");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
