using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Capture;

/// <summary>Asks the plan's questions of the live cluster.</summary>
internal sealed class Questionnaire(PostgresSource source, TimeProvider time)
{
    /// <summary>
    /// Connects for the time of asking only: between the two times lies a backup of hours, which idle sessions need not
    /// outlive. Without questions there is no connection, so that a role for replication alone is enough.
    /// </summary>
    /// <returns>An answer for each question, in order, as <c>Before</c>.</returns>
    public async Task<IReadOnlyList<AnswerRecord>> AskAsync(CancellationToken cancellationToken)
    {
        var answers = new AnswerRecord[source.Questions.Count];
        foreach (var group in source.Questions.Index().GroupBy(question => question.Item.Database))
        {
            var settings = source.Connection with { Database = group.Key ?? source.Connection.Database };
            await using var session = await PostgresConnection.OpenAsync(
                settings,
                SessionKind.Sql,
                time,
                cancellationToken
            );
            foreach (var (index, question) in group)
            {
                var answer = await session.ScalarAsync(question.Sql, cancellationToken);
                answers[index] = new AnswerRecord(question.Name, question.Sql, answer, After: null);
            }
        }
        return answers;
    }
}
