using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;

namespace Resurgam.Backups;

/// <summary>From a plan's questions to those that a server is asked.</summary>
internal static class PlanQuestions
{
    public static IReadOnlyList<SourceQuestion> SourcesOf(ValueList<Question> questions) =>
        [.. questions.Select(question => new SourceQuestion(question.Name, question.Sql, Database: null))];

    /// <summary>Answers that the plan demands, whatever was recorded.</summary>
    public static Dictionary<string, string> ExpectedOf(ValueList<Question> questions) =>
        questions
            .Where(question => question.Expect is not null)
            .ToDictionary(question => question.Name, question => question.Expect ?? "");

    /// <summary>As <see cref="ExpectedOf(ValueList{Question})"/>, but for what was recorded with other SQL: that has another answer.</summary>
    public static Dictionary<string, string> ExpectedOf(
        ValueList<Question> questions,
        IReadOnlyList<AnswerRecord> recorded
    ) =>
        ExpectedOf([
            .. questions.Where(question =>
                recorded.All(answer => answer.Name != question.Name || answer.Sql == question.Sql)
            ),
        ]);
}
