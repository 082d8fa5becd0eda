using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>Faults that cannot be injected, or must not be.</summary>
public static class FaultProblems
{
    public static ResurgamException OutsideOfDrill(string kind) =>
        Refused(
            $"'{kind}' breaks something on purpose, and this is no drill",
            "Faults stand below 'inject' of a drill: 'resurgam drill NAME' carries it out."
        );

    public static ResurgamException NothingToBreak(string what) =>
        Failed(
            $"there is nothing to break: {what}",
            "A drill whose fault hits nothing proves nothing: let 'prepare' bring up what the fault breaks."
        );

    public static ResurgamException ForeignProcess(string what, int process) =>
        Refused(
            $"process {process} is not killed: it is not for certain {what}",
            "The number in the file is perhaps of a process that is gone. Start the service again, so that it writes its file."
        );

    public static ResurgamException LeadsElsewhere(string path, string link) =>
        Refused(
            $"nothing of {path} is deleted: {link} is a symbolic link",
            "Name the place of the drill by its real path: what a link leads to may be something else tomorrow."
        );

    public static ResurgamException Hidden(int process, string path, Exception cause) =>
        Failed(
            $"nobody can tell whether process {process} is the server on {path}: {cause.Message}",
            "Let this be done by the server's own user or by root; a service needs the right CAP_SYS_PTRACE, a container '--cap-add SYS_PTRACE'."
        );

    public static ResurgamException Survived(string what) =>
        Failed(
            $"{what} is still there after SIGKILL",
            "Look whether something starts it again at once, or a disk hangs."
        );

    public static ResurgamException NotRoot(string kind) =>
        Failed($"'{kind}' takes root", "Let the drill be carried out by root, or leave this fault out.");

    public static ResurgamException NoNamespace(string name) =>
        Failed(
            $"there is no network namespace {name}",
            $"'ip netns add {name}' makes it; the services of the drill run in it ('ip netns exec {name} ...')."
        );

    public static ResurgamException Command(string program, string said) =>
        Failed($"{program} failed: {said}", "Its words say why.");

    public static ResurgamException Files(string path, Exception cause) =>
        new(
            new Problem("fault-failed", Remedy.Fix, $"{path}: {cause.Message}", "Look at owner and mount of it."),
            cause
        );

    public static ResurgamException UnitStays(TargetId target, int code) =>
        Failed($"'systemctl kill' of {target} ended with {code}", "'systemctl status' of the unit says more.");

    private static ResurgamException Refused(string what, string hint) =>
        new(new Problem("fault-refused", Remedy.Fix, what, hint));

    private static ResurgamException Failed(string what, string hint) =>
        new(new Problem("fault-failed", Remedy.Fix, what, hint));
}
