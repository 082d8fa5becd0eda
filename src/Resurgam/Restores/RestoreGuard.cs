using Resurgam.Adapters.Files;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Vaults;

namespace Resurgam.Restores;

/// <summary>Folders that no restore may write over or empty, whatever it is forced to.</summary>
internal static class RestoreGuard
{
    /// <param name="isReplaced">What the folder holds and the snapshot does not is deleted.</param>
    /// <exception cref="Core.Problems.ResurgamException"><c>target-needed-refused</c></exception>
    public static void Check(Session session, Plan plan, string target, bool isReplaced)
    {
        try
        {
            CheckPlaces(session, plan, target, isReplaced);
        }
        catch (IOException e)
        {
            throw TargetProblems.From(target, e); // it cannot even be looked at
        }
    }

    private static void CheckPlaces(Session session, Plan plan, string target, bool isReplaced)
    {
        List<(string What, string Folder)> stores =
        [
            .. from place in PlaceAccess.All(plan)
            where place.Place.Store.Kind == StoreKind.Folder
            let what = place.Name == ReplicaPlace.Primary ? "the vault" : $"replica {place.Name}"
            select (what, place.Place.Store.Value),
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
