using Resurgam.Core.Plans;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Secrets;

internal static class SecretProblems
{
    public static ResurgamException NoVariable(string name) =>
        Of(
            "secret-missing",
            $"environment variable {name}, where the plan says the secret is, is not set",
            $"Set it without leaving it in the shell's history: 'read -rs {name} && export {name}'; in a service use EnvironmentFile or a secret mount."
        );

    public static ResurgamException NoFile(string path, Exception cause) =>
        Of(
            "secret-missing",
            $"there is no file {path}, where the plan says the secret is",
            "Put the secret there from your safe, with mode 600, or change 'vault.secret' of the plan.",
            cause
        );

    public static ResurgamException Unreadable(string path, Exception cause) =>
        Of(
            "secret-unreadable",
            $"secret file {path} cannot be read: {cause.Message}",
            $"Check who may read it: 'ls -l {path}'.",
            cause
        );

    public static ResurgamException OpenToAll(string path, UnixFileMode mode) =>
        Of(
            "secret-open-to-all",
            $"secret file {path} has mode {Convert.ToString((int)mode, 8)}: every user of this machine may read or change it",
            $"Run 'chmod 600 {path}'. Were strangers on this machine, change the secret too."
        );

    public static ResurgamException TooLong(string source) =>
        Of(
            "secret-too-long",
            $"what {source} gives is longer than 64 KiB, so it is no secret",
            "Check that it names the secret and not a folder of keys or a log."
        );

    public static ResurgamException Empty(SecretSource source) =>
        Of(
            "secret-empty",
            $"the secret from {source} is empty",
            "Check where it should come from: an empty secret would open the vault to everybody."
        );

    public static ResurgamException CommandFailed(ResurgamException cause) =>
        new(
            new Problem(
                "secret-command",
                cause.Problem.Remedy,
                $"the command that prints the secret failed: {cause.Problem.What}",
                "Run it by hand as the same user: it has to print the secret, and nothing else, within 30 seconds and without asking on its input."
            ),
            cause
        );

    public static ResurgamException FileExists(string path) =>
        Of(
            "secret-file-exists",
            $"there is a file {path} already, and a secret is never overwritten",
            "Name another file; move the old one away only when nothing needs what it opens."
        );

    public static ResurgamException FileNotWritten(string path, Exception cause) =>
        Of(
            "secret-file-failed",
            $"the secret could not be written to {path}: {cause.Message}",
            $"Check the folder: 'ls -ld {Path.GetDirectoryName(path)}' and 'df -h {Path.GetDirectoryName(path)}'.",
            cause
        );

    private static ResurgamException Of(string code, string what, string hint, Exception? cause = null) =>
        new(new Problem(code, Remedy.Fix, what, hint), cause);
}
