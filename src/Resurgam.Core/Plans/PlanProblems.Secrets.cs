using Resurgam.Core.Problems;

namespace Resurgam.Core.Plans;

public static partial class PlanProblems
{
    /// <summary>What was written is not repeated: it may be the secret.</summary>
    internal static Problem SecretWritten(string path) =>
        Of(
            "plan-secret-written",
            $"{path} holds a secret itself; a plan only says where the secret is",
            "Remove it here, put it into a file of mode 600 and write { file: /etc/resurgam/secret }, or { env: NAME }, or { command: [PROGRAM, ARGUMENT] }. It was readable: change it."
        );

    internal static Problem SecretChoice(string path, int given) =>
        Of(
            "plan-secret-source",
            given == 0
                ? $"{path} does not say where the secret is"
                : $"{path} names more than one place for the secret",
            "Write exactly one of { env: NAME }, { file: /PATH } or { command: [PROGRAM, ARGUMENT] }."
        );

    internal static Problem EnvironmentName(string path) =>
        Of(
            "plan-secret-source",
            $"{path} is not the name of an environment variable",
            "Write the variable's name, for example { env: RESURGAM_SECRET }, and never the secret itself."
        );
}
