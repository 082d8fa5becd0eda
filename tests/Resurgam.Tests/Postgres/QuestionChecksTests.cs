using Resurgam.Adapters.Postgres.Capture;
using Resurgam.Adapters.Postgres.Verify;
using Resurgam.Core.Postgres;

namespace Resurgam.Tests.Postgres;

public sealed class QuestionChecksTests
{
    [Theory]
    [InlineData("7", "7", "7", true)]
    [InlineData("8", "7", "7", false)]
    [InlineData("8", "7", "9", true)]
    [InlineData("10", "7", "9", false)]
    [InlineData("1.5", "1.25", "2", true)]
    [InlineData("6", "7", "9", false)]
    [InlineData(null, "7", "7", false)]
    [InlineData(null, null, null, true)]
    [InlineData("x", "w", "y", false)]
    [InlineData("2026-11-27 00:28:53+00", "2026-11-27 00:28:52.5+00", "2026-11-27 00:28:54+00", true)]
    [InlineData("2026-11-27 00:28:55+00", "2026-11-27 00:28:52.5+00", "2026-11-27 00:28:54+00", false)]
    [InlineData("2026-11-27 01:28:53+01", "2026-11-27 00:28:52.5+00", "2026-11-27 00:28:54+00", true)]
    public void An_answer_is_as_recorded_or_between_what_it_moved_through(
        string? told,
        string? before,
        string? after,
        bool passed
    )
    {
        AnswerRecord answer = new("rows", "select 1", before, after);

        Assert.Equal(passed, new QuestionChecks([answer], []).Judge(answer, told, expected: null).Passed);
        Assert.True(
            new QuestionChecks([answer], []) { HasLaterCommits = true }
                .Judge(answer, told, expected: null)
                .Passed
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_source_did_not_answer_proves_nothing(bool hasLaterCommits)
    {
        AnswerRecord answer = new("rows", "select 1", null, null) { Error = "a lock timeout" };
        QuestionChecks questions = new([answer], [new SourceQuestion("rows", "select 1", null)])
        {
            HasLaterCommits = hasLaterCommits,
        };

        Assert.Equal(
            (false, "7, compared with nothing: no answer was recorded at the backup (a lock timeout)"),
            questions.Judge(answer, "7", expected: null)
        );
        Assert.Equal((true, "7, expected 7"), questions.Judge(answer, "7", expected: "7"));
        Assert.Equal((false, "7, expected 8"), questions.Judge(answer, "7", expected: "8"));
    }
}
