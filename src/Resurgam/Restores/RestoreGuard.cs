using Resurgam.Adapters.Files;
using Resurgam.Cli;
using Resurgam.Core.Plans;

namespace Resurgam.Restores;

/// <summary>Folders that no restore may write over or empty, whatever it is forced to.</summary>
internal static class RestoreGuard
{
    /// <param name="isReplaced">What the folder holds and the snapshot does not is deleted.</param>
    /// <exception cref="Core.Problems.ResurgamException"><c>target-needed-refused</c></exception>
    public static void Check(Session session, Plan plan, string target, bool isReplaced)
    {
        List<(string What, string Folder)> stores =
        [
            .. new[] { ("the vault", plan.Vault.Primary) }
                .Concat(plan.Vault.Replicas.Select(replica => ($"replica {replica.Name}", replica.Place)))
                .Where(place => place.Item2.Store.Kind == StoreKind.Folder)
                .Select(place => (place.Item1, place.Item2.Store.Value)),
        ];
        foreach (var (what, folder) in stores)
            if (PhysicalPath.IsAtOrBelow(target, folder))
                throw RestoreFlowProblems.Needed(target, $"lies in {what}");
        if (!isReplaced)
            return;
        if (PhysicalPath.AreSame(target, "/"))
            throw RestoreFlowProblems.Needed(target, "is the root of the file system");
        foreach (
            var (what, folder) in stores
                .Append(("the state folder", session.StateDirectoryOf(plan)))
                .Append(("the plan's folder", Path.GetDirectoryName(session.PlanPath) ?? "/"))
        )
            if (PhysicalPath.IsAtOrBelow(folder, target))
                throw RestoreFlowProblems.Needed(target, $"holds {what}, {folder}");
    }
}
