using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Where a secret is found.</summary>
internal static class SecretKeys
{
    public static readonly PlanKey<string?> Environment = new("env", PlanTypes.EnvironmentName.OrNone)
    {
        Example = "RESURGAM_SECRET",
        About = "The environment variable that holds the secret.",
    };

    public static readonly PlanKey<string?> File = new("file", PlanTypes.SecretPath.OrNone)
    {
        Example = "/etc/resurgam/secret",
        About =
            "The file that holds the secret; one line break at its end is left out. Refused when others than owner and group may read it.",
    };

    public static readonly PlanKey<ValueList<string>?> Command = new("command", PlanTypes.Argv.OrNone)
    {
        Example = "[pass, show, resurgam]",
        About = "Program and arguments, without a shell; it prints the secret within 30 seconds.",
    };

    public static readonly PlanSection Section = new(
        "vault.secret",
        "Exactly one of these.",
        [Environment, File, Command]
    );
}
