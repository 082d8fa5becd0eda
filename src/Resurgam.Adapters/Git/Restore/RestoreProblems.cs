using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Git.Restore;

internal static class RestoreProblems
{
    public static ResurgamException LooseRefs(string repository, string file) =>
        new(
            new Problem(
                "git-loose-refs-refused",
                Remedy.Fix,
                $"{repository} has a ref of its own in {file}, which would hide the restored one",
                $"Somebody works in it: restore into an empty folder, or move it away ('mv {repository} {repository}.old')."
            )
        );

    public static ResurgamException OtherRefs(string repository) =>
        new(
            new Problem(
                "git-refs-damaged",
                Remedy.Fix,
                $"{repository} was restored, and its refs are not those that were recorded",
                "Run 'resurgam vault check --read-data' and, when the plan has a replica, 'resurgam vault heal'; or restore another snapshot: 'resurgam snapshots' lists them."
            )
        );

    public static ResurgamException NotEmpty(string address, int refs) =>
        new(
            new Problem(
                "git-push-refused",
                Remedy.Fix,
                $"{address} is not empty: it has {refs} refs",
                "Name an empty repository; or add --delta to add what it lacks, and --delta --force to replace refs that differ. Nothing is ever deleted there."
            )
        );

    public static ResurgamException NotPushed(string address, string told) =>
        new(
            new Problem(
                "git-push-rejected",
                Remedy.Fix,
                $"{address} has not taken everything: {told}",
                "Its owner has to allow these refs (protected branches, size limits); then run the same again with --delta: what is there is not sent twice."
            )
        );

    public static ResurgamException OneAddress(string address, int repositories) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"the snapshot has {repositories} repositories, and {address} is the address of one",
                "Write {name} or {path} where the repository's name shall stand, as in https://HOST/OWNER/{name}.git; or choose one with --path."
            )
        );

    public static ResurgamException BadAddress(string text) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"'{text}' is no address of a repository",
                $"Write {Core.Git.GitAddress.Forms}, with {{name}} or {{path}} where the repository's name shall stand; never a password in it."
            )
        );

    public static ResurgamException NoRepository(string snapshot, string wanted) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"snapshot {snapshot} has no repository {wanted}",
                $"'resurgam ls {snapshot} git' lists them; --path takes the name, as in 'github.com/acme/policies'."
            )
        );
}
