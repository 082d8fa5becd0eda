using Resurgam.Core.Drills;

namespace Resurgam.Demo.Scenarios;

/// <summary>What <c>demo --scenario</c> prints.</summary>
/// <param name="Report">As <c>drills report</c> has it, of a run in earnest.</param>
/// <param name="KilledIn">The step in which the first process that led the run was killed.</param>
/// <param name="Acknowledged">Transactions that writers were told were committed.</param>
/// <param name="Recovered">Of these, found at the end with the content that was written.</param>
/// <param name="Lost">Of these, missing or different.</param>
/// <param name="Messages">What the run told the stakeholders.</param>
/// <param name="LeftOut">What could not be shown here, and why.</param>
/// <param name="Folder">Null when it was removed.</param>
internal sealed record ScenarioDocument(
    string Scenario,
    DrillReport Report,
    string KilledIn,
    long Acknowledged,
    long Recovered,
    long Lost,
    IReadOnlyList<string> Messages,
    IReadOnlyList<DemoLeftOut> LeftOut,
    double Duration,
    string? Folder
);
