using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>Asks the plan's questions of the live cluster.</summary>
internal sealed class Questionnaire(PostgresSource source, PostgresConnection session, TimeProvider time)
{
    /// <returns>An answer for each question, in order, as <c>Before</c>.</returns>
    public async Task<IReadOnlyList<AnswerRecord>> AskAsync(CancellationToken cancellationToken)
    {
        List<AnswerRecord> answers = [];
        foreach (var question in source.Questions)
        {
            var answer =
                question.Database is null || question.Database == source.Connection.Database
                    ? await session.ScalarAsync(question.Sql, cancellationToken)
                    : await AskElsewhereAsync(question, question.Database, cancellationToken);
            answers.Add(new AnswerRecord(question.Name, question.Sql, answer, After: null));
        }
        return answers;
    }

    private async Task<string?> AskElsewhereAsync(
        SourceQuestion question,
        string database,
        CancellationToken cancellationToken
    )
    {
        await using var other = await PostgresConnection.OpenAsync(
            source.Connection with
            {
                Database = database,
            },
            SessionKind.Sql,
            time,
            cancellationToken
        );
        return await other.ScalarAsync(question.Sql, cancellationToken);
    }
}
