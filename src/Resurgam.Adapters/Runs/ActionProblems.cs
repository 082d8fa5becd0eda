using Resurgam.Core.Problems;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Runs;

public static class ActionProblems
{
    internal const string Failed = "action-failed";

    public static ResurgamException NoTarget(TargetId target, bool isDrill) =>
        Of(
            "action-no-target",
            isDrill
                ? $"target {target} has nothing that takes its place in a drill"
                : $"the run knows no target {target}",
            isDrill
                ? $"Add 'drill:' to targets.{target}, or let the step be skipped there with 'drill: skip'."
                : "The run goes by the targets that the plan had when it began: begin another run."
        );

    public static ResurgamException ExitCode(string program, int code) =>
        Of(
            Failed,
            $"{program} ended with exit code {code}",
            "What it said stands on the terminal of the process that led the run; it is not recorded, because it may hold secrets."
        );

    public static ResurgamException HttpStatus(string what, int status, int wanted) =>
        Of(Failed, $"{what} was answered with {status} and not with {wanted}", "Look into the server's log.");

    public static ResurgamException HttpUnreachable(string what, string reason) =>
        new(
            new Problem(
                "action-unreachable",
                Remedy.Retry,
                $"{what} was not answered: {reason}",
                "Check with 'curl' from this machine whether the address can be reached."
            )
        );

    /// <summary>RFC 9110, section 15: it may take it later.</summary>
    public static ResurgamException HttpBusy(string what, int status) =>
        new(
            new Problem(
                "action-unreachable",
                Remedy.Retry,
                $"{what} was answered with {status}",
                "The server cannot take it now; its log says why."
            )
        );

    public static ResurgamException Silent(string what, TimeSpan patience) =>
        new(
            new Problem(
                "action-unreachable",
                Remedy.Retry,
                $"{what} said nothing for {Duration.Format(patience)}, again and again",
                "Check from this machine whether it can be reached."
            )
        );

    public static ResurgamException BadAddress(TargetId target) =>
        Of(
            Failed,
            $"what is found for targets.{target}.url is no address of http or https",
            "Look at the variable, file or command that the plan names there; it is not shown here, because it is a secret."
        );

    public static ResurgamException NotLocal(TargetId target) =>
        Of(
            "action-not-local",
            $"target {target} has no data directory on this machine",
            $"Add 'data-directory' to targets.{target} and lead the run on its machine, or do it by a step of kind 'command'."
        );

    public static ResurgamException NotRestarted(TargetId target, string log) =>
        Of(Failed, $"{target} did not start again: {log}", "Its own log says more.");

    public static ResurgamException NotStopped(TargetId target, string said) =>
        Of(Failed, $"{target} did not stop: {said}", "Its own log says more: it may still write a checkpoint.");

    public static ResurgamException NoSetting(string name, TargetId target) =>
        Of("action-setting", $"{target} has no setting {name}", "'select name from pg_settings' lists them.");

    public static ResurgamException SettingNeedsRestart(string name, TargetId target) =>
        Of(
            "action-setting",
            $"{name} of {target} takes a restart, and the step does not allow one; nothing was changed",
            "Add 'restart: true' to the step where clients can bear it."
        );

    public static ResurgamException SettingOverruled(string name, TargetId target, string value, string source) =>
        Of(
            "action-setting",
            $"{name} of {target} is still {value}: its source is '{source}'",
            "A command line, a role, a database or another file overrules 'alter system': change it there."
        );

    public static ResurgamException FencedIn(TargetId target, string database) =>
        Of(
            Failed,
            $"{target}: sessions of {database} did not end",
            "'select * from pg_stat_activity' shows who they are."
        );

    public static ResurgamException NoRole(string role, TargetId target) =>
        Of("action-credential", $"{target} has no role {role}", "'select rolname from pg_roles' lists them.");

    public static ResurgamException CredentialInUse(string to, string from, TargetId target) =>
        Of(
            "action-credential",
            $"{to} can log in to {target} already, with another password; nothing was changed",
            $"Somebody may use it. Bar it first with 'postgres-revoke' (role: {to}, in-favour-of: {from}), or rotate the other way."
        );

    public static ResurgamException CredentialUnseen(string role, TargetId target) =>
        Of(
            "action-credential",
            $"nobody could tell whether the new password of {role} works: {target} shows no hashes to us; nothing was changed",
            $"Add 'clients' to targets.{target}: the new credential is tried there."
        );

    public static ResurgamException NobodyLeft(string role, string other, TargetId target) =>
        Of(
            "action-credential",
            $"{other} cannot log in to {target}, and {role} would have been barred in favour of it; nothing was changed",
            "Rotate first ('postgres-rotate'), hand the new credential out, and revoke then."
        );

    public static ResurgamException RevokesItself(string role, TargetId target) =>
        Of(
            "action-credential",
            $"{role} is who this step itself is on {target}; nothing was changed",
            $"Let the connection of targets.{target} name another user: who bars itself cannot undo it."
        );

    public static ResurgamException NoDatabase(string database, TargetId target) =>
        Of("action-swap", $"{target} has no database {database}", "'psql --list' shows what there is.");

    public static ResurgamException NameTaken(string database, TargetId target) =>
        Of(
            "action-swap",
            $"{target} has a database {database} already, and nothing is overwritten",
            "It may be what an earlier swap has kept: rename or drop it by hand, or give another name in 'keep'."
        );

    public static ResurgamException CopyUnproven(string database, TargetId target, string value, string wanted) =>
        Of(
            "action-swap",
            $"{database} of {target} answers '{value}' and not '{wanted}'; no name was changed",
            "The copy is not what was expected: look into it before anybody uses it."
        );

    public static ResurgamException PrimaryAlive(TargetId target) =>
        Of(
            "action-redis",
            $"the primary of {target} is alive and sends to it; nothing was changed",
            "Fence or stop the primary first: two servers would take writes. Or say 'linked: true' in the step."
        );

    public static ResurgamException ReplicaIncomplete(TargetId target) =>
        Of(
            "action-redis",
            $"{target} gets all data anew from its primary and has only a part of them; nothing was changed",
            "Wait until it has them, promote another replica, or restore from the vault."
        );

    public static ResurgamException NotPrimary(TargetId target) =>
        Of(
            "action-redis",
            $"{target} is a replica: what it would forget its primary would send again",
            "Let the step name the primary, or promote this server first with 'redis-promote'."
        );

    public static ResurgamException NoSavedPlan(string file) =>
        Of(
            "action-tofu",
            $"there is no saved plan {file}",
            "Let the step need one of kind 'tofu-plan' that saves it, on the same machine."
        );

    public static ResurgamException SavedPlanUnread(string file) =>
        Of(
            "action-tofu",
            $"it cannot be told what the saved plan {file} would do; nothing was changed",
            "'tofu show -json FILE' has to print the JSON of a plan: is it of the same version of the program?"
        );

    public static ResurgamException DeletesData(string file, string addresses) =>
        Of(
            "action-tofu",
            $"the saved plan {file} deletes or replaces {addresses}; nothing was changed",
            "Change the configuration so that it does not; or name the types that hold no data in 'may-delete'."
        );

    public static ResurgamException SavedPlanChanged(string file) =>
        Of(
            "action-tofu",
            $"the saved plan {file} is another one than that which was looked at; nothing was changed",
            "Begin with the step that saves it, so that people approve what is carried out."
        );

    public static ResurgamException NotSettled(string folder) =>
        Of(
            Failed,
            $"the saved plan was carried out, and a new one of {folder} still finds something to do",
            "'tofu plan' says what: something was changed in between, or a resource never comes to rest."
        );

    public static ResurgamException NotUp(TargetId target, bool isUp) =>
        Of(
            Failed,
            isUp ? $"service {target} still runs" : $"service {target} does not run",
            "Its own log says why: 'journalctl -u UNIT' for a unit of systemd."
        );

    private static ResurgamException Of(string code, string what, string hint) =>
        new(new Problem(code, Remedy.Fix, what, hint));
}
