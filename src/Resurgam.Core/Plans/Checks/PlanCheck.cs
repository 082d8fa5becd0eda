using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Checks;

/// <summary>Asks a readable plan whether it can keep what it promises.</summary>
public static class PlanCheck
{
    private delegate IEnumerable<Finding> Rule(Plan plan, DateOnly today);

    /// <summary>Each is pure and knows nothing of the others. A new one is a line here, its page, and an example of both sides.</summary>
    private static readonly Rule[] Rules =
    [
        (plan, _) => ReferenceRules.Check(plan),
        (plan, _) => RecoverySetRules.Check(plan),
        (plan, _) => ObjectiveRules.Check(plan),
        (plan, today) => ScheduleRules.Check(plan, today),
        (plan, today) => RetentionRules.Check(plan, today),
        (plan, _) => ScenarioRules.Check(plan),
        (plan, _) => RunbookRules.Check(plan),
        (plan, _) => DrillRules.Check(plan),
        (plan, _) => CoverageRules.Check(plan),
        (plan, _) => KeyRules.Check(plan),
        (plan, _) => PeopleRules.Check(plan),
        DocumentRules.Check,
    ];

    /// <param name="today">Decides what is overdue, and from when on schedules are looked at.</param>
    public static ValueList<Finding> Of(Plan plan, DateOnly today) => [.. Rules.SelectMany(rule => rule(plan, today))];

    /// <summary>What can be said of a plan that cannot be read whole: names that are nowhere in it. Its promises are for when it can.</summary>
    public static ValueList<Finding> Of(PlanReading.Bad reading) =>
        reading.Draft is { } draft
            ? [.. ReferenceRules.Check(draft, name => name.Length == 0 || reading.Marks.IsNamed(name))]
            : [];
}
