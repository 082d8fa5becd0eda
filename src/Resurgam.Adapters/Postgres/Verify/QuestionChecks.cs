using System.Globalization;
using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Verify;

/// <summary>Asks a copy what its source was asked when it was captured, and what the plan asks now, and judges the answers.</summary>
/// <param name="recorded">What the source answered.</param>
/// <param name="questions">The plan's, as it has them now.</param>
internal sealed class QuestionChecks(IReadOnlyList<AnswerRecord> recorded, IReadOnlyList<SourceQuestion> questions)
{
    /// <summary>Transactions that were committed after the capture are in the copy: other answers than the recorded ones may be right.</summary>
    public bool HasLaterCommits { get; init; }

    /// <summary>
    /// What the plan expects counts. Without it, what the source answered: an answer that was the same before and after the
    /// capture has to be the same in the copy, and one that moved must not lie outside of what it moved through. What the
    /// source did not answer, or the copy does not, proves nothing, and fails.
    /// </summary>
    public async Task<IReadOnlyList<VerificationCheck>> RunAsync(
        PostgresConnection session,
        CancellationToken cancellationToken
    )
    {
        List<VerificationCheck> checks = [];
        foreach (var answer in recorded)
            checks.Add(
                await AskAsync(
                    session,
                    answer.Name,
                    answer.Sql,
                    told => Judge(answer, told, questions.FirstOrDefault(one => IsOf(one, answer))?.Expect),
                    cancellationToken
                )
            );
        foreach (var question in questions.Where(one => !recorded.Any(answer => IsOf(one, answer))))
            checks.Add(
                await AskAsync(
                    session,
                    question.Name,
                    question.Sql,
                    told => JudgeNew(question, told),
                    cancellationToken
                )
            );
        return checks;
    }

    /// <summary>Asked by the same words: a question of other SQL is another one.</summary>
    internal static bool IsOf(SourceQuestion question, AnswerRecord answer) =>
        question.Name == answer.Name && question.Sql == answer.Sql;

    private static async Task<VerificationCheck> AskAsync(
        PostgresConnection session,
        string name,
        string sql,
        Func<string?, (bool Passed, string Detail)> judge,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var (passed, detail) = judge(await session.AskAsync(sql, isInTransaction: false, cancellationToken));
            return new VerificationCheck($"question {name}", passed, detail);
        }
        catch (ResurgamException e) when (PostgresErrorException.IsStatementsOwn(e))
        {
            return new VerificationCheck($"question {name}", Passed: false, $"no answer: {e.Problem.What}");
        }
    }

    internal (bool Passed, string Detail) Judge(AnswerRecord answer, string? told, string? expected)
    {
        if (expected is not null)
            return (told == expected, $"{Words(told)}, expected {expected}");
        if (answer.Error is not null)
            return (
                false,
                $"{Words(told)}, compared with nothing: no answer was recorded at the backup ({answer.Error})"
            );
        var range =
            answer.Before == answer.After ? Words(answer.Before) : $"{Words(answer.Before)} to {Words(answer.After)}";
        var words = $"{Words(told)}, recorded {range} at the backup";
        if (told == answer.Before || told == answer.After || IsBetween(answer.Before, told, answer.After))
            return (true, words);
        return HasLaterCommits ? (true, $"{words}, behind which transactions were replayed") : (false, words);
    }

    private (bool Passed, string Detail) JudgeNew(SourceQuestion question, string? told)
    {
        var how = recorded.Any(answer => answer.Name == question.Name) ? "asked with other SQL" : "not asked";
        return question.Expect is { } expected
            ? (told == expected, $"{Words(told)}, expected {expected}")
            : (true, $"{Words(told)}, compared with nothing: {how} when the backup was taken");
    }

    private static string Words(string? answer) => answer ?? "no row or null";

    /// <summary>Of numbers and of times.</summary>
    private static bool IsBetween(string? least, string? told, string? most) =>
        (Number(told) is { } number && Number(least) <= number && number <= Number(most))
        || (Number(told) is null && Time(told) is { } time && Time(least) <= time && time <= Time(most));

    private static decimal? Number(string? text) =>
        decimal.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces,
            out var time
        )
            ? time
            : null;
}
