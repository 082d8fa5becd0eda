using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>Everything that can be wrong with the runbooks and targets of a plan.</summary>
internal static class RunbookProblems
{
    public static Problem Name(string path, string written) =>
        Of(
            "plan-name",
            $"'{written}' below {path} is not a name",
            "Use 1 to 40 of a-z, 0-9, '-' and '_', and begin with a letter or a digit."
        );

    public static Problem Word(string path, string written, IEnumerable<string> known) =>
        Of("plan-word", $"{path} is '{written}'", $"Write one of: {string.Join(", ", known)}.");

    public static Problem Unfit(string path, string written, string wanted) =>
        Of("plan-word", $"{path} is '{written}', which is not {wanted}", $"Write {wanted}.");

    public static Problem Action(string path, string written, IReadOnlyList<string> known) =>
        Of(
            "plan-action",
            $"{path} is '{written}', and there is no such action",
            Nearest.Of(written, known) is { } near
                ? $"Did you mean '{near}'? Known: {string.Join(", ", known)}."
                : $"Known: {string.Join(", ", known)}."
        );

    public static Problem NoSessionStore(string path, string asset) =>
        Of(
            "plan-flush",
            $"{path} names '{asset}', whose keys are worth keeping",
            "Only a Redis server whose asset says 'restore: { start-empty: true }' is ever emptied by a step."
        );

    public static Problem MailLogin(string path) =>
        Of(
            "plan-target",
            $"{path} does not say a login that would be safe",
            "'user' and 'password' stand together, and never with 'security: none': anybody on the way could read them."
        );

    public static Problem HalfKey(string path) =>
        Of(
            "plan-target",
            $"{path} names half of a key",
            "'access-key' and 'secret-key' stand together; without both the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY count."
        );

    public static Problem NoFault(string path, string kind) =>
        Of(
            "plan-fault",
            $"{path} is '{kind}', which is no fault",
            "Below 'inject' stand actions that begin with 'fault-', and 'sql'; what makes the place of a drill goes below 'prepare'."
        );

    public static Problem FaultInRunbook(string path, string kind) =>
        Of(
            "plan-fault",
            $"{path} is '{kind}', and a fault is nothing that a runbook does",
            "Write it below 'inject' of a drill: only there something is broken on purpose."
        );

    public static Problem UnknownNeed(string path, string need, IReadOnlyList<string> steps) =>
        Of(
            "plan-step-needs",
            $"{path} names '{need}', and the runbook has no such step",
            Nearest.Of(need, steps) is { } near ? $"Did you mean '{near}'?" : $"Its steps: {string.Join(", ", steps)}."
        );

    public static Problem Cycle(string path, IEnumerable<StepId> cycle) =>
        Of(
            "plan-step-needs",
            $"{path}: these steps wait for each other: {string.Join(" → ", cycle)}",
            "Take one of these needs away: none of the steps could ever start."
        );

    public static Problem NoSteps(string path) =>
        Of("plan-step", $"{path} has no step", "Add a step, or take the runbook out of the plan.");

    public static Problem UndoOfIrreversible(string path) =>
        Of(
            "plan-step",
            $"{path} says both 'undo' and 'irreversible: true'",
            "Take one of them away: what can be undone is not irreversible."
        );

    public static Problem NoApproval(string path) =>
        Of(
            "plan-step",
            $"{path} is an action 'approve' without an approval",
            "Add 'approval: { by: [NAME] }', or 'approval: {}' when anybody may say the word."
        );

    public static Problem PersonsUndo(string path, string kind) =>
        Of(
            "plan-step",
            $"{path} cannot be '{kind}': the program undoes by itself",
            "Name an action that runs without a person; without 'undo' a person is asked."
        );

    public static Problem ConditionChoice(string path, int given) =>
        Of(
            "plan-condition",
            given == 0 ? $"{path} asks nothing" : $"{path} asks more than one thing",
            "Write exactly one of { sql: {...} }, { http: {...} } and { command: {...} }."
        );

    public static Problem UnknownTarget(string path, string target, IReadOnlyList<string> known) =>
        Of(
            "plan-target",
            $"{path} names target '{target}', and the plan has no such target",
            Nearest.Of(target, known) is { } near ? $"Did you mean '{near}'?"
                : known.Count == 0 ? "Add it below the plan's key 'targets'."
                : $"The plan's targets: {string.Join(", ", known)}."
        );

    public static Problem TargetKind(string path, Target target, IEnumerable<string> fitting) =>
        Of(
            "plan-target",
            $"{path} names target '{target.Id}' of kind {target.Kind}",
            $"It takes a target of kind {string.Join(" or ", fitting)}."
        );

    public static Problem UnknownAsset(string path, string asset, IReadOnlyList<string> known) =>
        Of(
            "plan-target",
            $"{path} names asset '{asset}', and the plan has no such asset",
            Nearest.Of(asset, known) is { } near ? $"Did you mean '{near}'?" : "Add it below the plan's key 'assets'."
        );

    public static Problem UnknownReplica(string path, string replica, IReadOnlyList<string> known) =>
        Of(
            "plan-target",
            $"{path} names replica '{replica}', and the vault has no such replica",
            Nearest.Of(replica, known) is { } near ? $"Did you mean '{near}'?" : "Add it below 'vault.replicas'."
        );

    public static Problem ServiceChoice(string path) =>
        Of(
            "plan-target",
            $"{path} does not say how the service is started, stopped and probed, or says it twice",
            "Write 'unit: NAME', or all of 'start', 'stop' and 'probe'."
        );

    public static Problem ClusterChoice(string path) =>
        Of(
            "plan-target",
            $"{path} does not say which cluster is meant, or says it twice",
            "Write 'cluster-uid: UID', or 'cluster-uid-file' for a cluster that is built during the run."
        );

    private static Problem Of(string code, string what, string hint) => new(code, Remedy.Fix, what, hint);
}
