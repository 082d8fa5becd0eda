using Resurgam.Core.Problems;

namespace Resurgam.Core.Plans;

public static partial class PlanProblems
{
    internal static Problem SlotName(string path, string written) =>
        Of(
            "plan-slot",
            $"{path} is '{written}', which cannot name a replication slot",
            "PostgreSQL takes 1 to 63 of the characters a-z, 0-9 and '_'."
        );

    internal static Problem SlotTwice(string path, string slot, string other) =>
        Of(
            "plan-slot",
            $"{path} uses the replication slot '{slot}', which {other} uses already",
            "Give one of them a slot of its own with 'wal: { slot: NAME }': two streams on one slot lose data."
        );

    internal static Problem QuestionTwice(string path, string name) =>
        Of(
            "plan-question",
            $"{path} asks two questions named '{name}'",
            "Give each question a name of its own: reports show answers by name."
        );

    internal static Problem NotForCapture(string path, string key, string way) =>
        Of(
            "plan-capture",
            $"{path} has '{key}', which says nothing with 'capture: {way}'",
            way == "logical"
                ? "Remove it: a logical capture reads by SQL alone and has no WAL. Or remove 'capture'."
                : "Remove it: a physical capture holds the whole cluster. Or write 'capture: logical'."
        );

    internal static Problem Connection(string path, Problem found) =>
        Of("plan-connection", $"{path} cannot be used: {found.What}", found.Hint);

    internal static Problem ConnectionPassword(string path) =>
        Of(
            "plan-secret-written",
            $"{path} holds a password; a plan only says where secrets are",
            "Remove it here and put it into ~/.pgpass of the user that runs resurgam, or name a file with passfile=/PATH. It was readable: change it."
        );
}
