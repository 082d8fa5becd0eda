using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>Asks the plan's questions of the live cluster. One that fails costs its answer, and never the backup.</summary>
internal sealed class Questionnaire(PostgresSource source, TimeProvider time)
{
    /// <summary>
    /// Connects for each question, so that none leaves anything to the next one, and for the time of asking only: between
    /// the two times lies a backup of hours, which idle sessions need not outlive. Without questions there is no
    /// connection, so that a role for replication alone is enough.
    /// </summary>
    /// <returns>An answer for each question, in order, as <c>Before</c>.</returns>
    public async Task<IReadOnlyList<AnswerRecord>> AskAsync(CancellationToken cancellationToken)
    {
        List<AnswerRecord> answers = [];
        foreach (var question in source.Questions)
            answers.Add(await AskAsync(question, cancellationToken));
        return answers;
    }

    /// <summary>What a backup says of the questions that have no answer.</summary>
    public static IEnumerable<string> FindingsOn(IEnumerable<AnswerRecord> answers) =>
        from answer in answers
        where answer.Error is not null
        select $"question {answer.Name} has no answer, nothing will be compared with: {answer.Error}";

    private async Task<AnswerRecord> AskAsync(SourceQuestion question, CancellationToken cancellationToken)
    {
        AnswerRecord answer = new(question.Name, question.Sql, Before: null, After: null);
        try
        {
            await using var session = await PostgresConnection.OpenAsync(
                source.Connection with
                {
                    Database = question.Database ?? source.Connection.Database,
                },
                SessionKind.Sql,
                time,
                cancellationToken
            );
            return answer with
            {
                Before = await session.AskAsync(question.Sql, isInTransaction: false, cancellationToken),
            };
        }
        catch (ResurgamException e)
        {
            return answer with { Error = e.Problem.What };
        }
    }
}
