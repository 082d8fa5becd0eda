using Resurgam.Adapters.Files.Verify;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;

namespace Resurgam.Verifications;

/// <summary>What verifications that were killed have left in the state folder: data in clear, and servers on it.</summary>
internal static class VerifyLeftovers
{
    /// <summary>Where verifications of an asset keep what they restored, as <c>data</c> below the asset's name.</summary>
    public static string FolderOf(Session session, Plan plan) => Path.Combine(session.StateDirectoryOf(plan), "verify");

    /// <summary>Removes them. What cannot be removed is told, and tried again by the next one.</summary>
    public static async Task RemoveAsync(Session session, Plan plan, CancellationToken cancellationToken)
    {
        foreach (var folder in VerifySeat.FoldersIn(FolderOf(session, plan)))
            try
            {
                if (await VerifySeat.TryTakeOfDeadAsync(folder, cancellationToken) is var (seat, kind))
                    await RemoveAsync(session, seat, folder, kind, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ResurgamException)
            {
                session.Output.Note($"what a killed verification left in {folder} is still there: {e.Message}");
            }
    }

    private static async Task RemoveAsync(
        Session session,
        VerifySeat seat,
        string folder,
        string kind,
        CancellationToken cancellationToken
    )
    {
        try
        {
            // A cluster's data stay also after one that ended well: they make the next one cheaper.
            var keepsData = kind == Asset.Postgres.KindName;
            await KilledVerification.RemoveAsync(folder, keepsData, session.Time, cancellationToken);
        }
        catch
        {
            await seat.GiveUpAsync();
            throw;
        }
        await seat.DisposeAsync();
    }
}
