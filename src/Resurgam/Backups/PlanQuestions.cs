using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Backups;

/// <summary>From a plan's questions to those that a server is asked.</summary>
internal static class PlanQuestions
{
    public static IReadOnlyList<SourceQuestion> SourcesOf(ValueList<Question> questions) =>
        [
            .. questions.Select(question => new SourceQuestion(question.Name, question.Sql, Database: null)
            {
                Expect = question.Expect,
            }),
        ];
}
