using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Core.Assets;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Verify;

/// <summary>What a verification says of questions that it cannot judge: it is not the copy that is wrong.</summary>
internal static class QuestionChecks
{
    public static string NameOf(string question) => $"question {question}";

    /// <summary>Asked at the backup, and without an answer: whatever the copy says, there is nothing to compare with.</summary>
    public static VerificationCheck NoAnswer(AnswerRecord recorded, string? answer) =>
        new(
            NameOf(recorded.Name),
            true,
            $"{answer}, compared with nothing: no answer was recorded at the backup ({recorded.Error})"
        );

    /// <summary>The plan's questions that the snapshot does not have, or has with other SQL.</summary>
    public static IEnumerable<VerificationCheck> NotAsked(
        IReadOnlyList<AnswerRecord> recorded,
        IReadOnlyList<SourceQuestion> questions
    )
    {
        foreach (var question in questions)
        {
            var asked = recorded.FirstOrDefault(answer => answer.Name == question.Name);
            if (asked is null)
                yield return Note(question, "not asked when the backup was taken");
            else if (asked.Sql != question.Sql)
                yield return Note(question, "asked with other SQL when the backup was taken; that was asked again");
        }
    }

    private static VerificationCheck Note(SourceQuestion question, string told) =>
        new(NameOf(question.Name), true, told);
}
