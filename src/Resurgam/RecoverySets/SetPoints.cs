using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.RecoverySets;
using Resurgam.Core.Vaults;
using Resurgam.Vaults;

namespace Resurgam.RecoverySets;

/// <summary>The recovery points of a set, as the ledger tells of them.</summary>
internal static class SetPoints
{
    public static async Task<int> ListAsync(Session session, string name, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var set = Get(plan, name);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        SetPointsDocument document = new(
            set.Name,
            await RecoverySetEntry.ListAsync(vault.OpenLedger(), set.Name, cancellationToken)
        );
        session.Output.Write(
            document,
            SetDocuments.Json.SetPointsDocument,
            text =>
            {
                foreach (var point in document.Points)
                {
                    text.WriteLine($"{CliJson.ToText(point.At)}  {point.Members.Count} assets {SetText.Apart(point)}");
                    foreach (var member in point.Members)
                        text.WriteLine($"  {SetText.Of(member)}");
                }
                text.WriteLine($"{document.Points.Count} recovery points");
            }
        );
        return ExitCode.Success;
    }

    public static RecoverySet Get(Plan plan, string name) =>
        plan.FindRecoverySet(name) ?? throw SetProblems.Unknown(name, plan.RecoverySets.Select(set => set.Name));

    /// <param name="at"><c>latest</c>, or a time.</param>
    public static async Task<RecoverySetEntry> ChooseAsync(
        Vault vault,
        RecoverySet set,
        string at,
        CancellationToken cancellationToken
    )
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var until = DateTimeOffset.MaxValue;
        if (at != "latest" && !DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, utc, out until))
            throw SetProblems.BadTime(at);
        var points = await RecoverySetEntry.ListAsync(
            vault.OpenLedger(vault.Store), // what a replica knows of, it can restore
            set.Name,
            cancellationToken
        );
        return points.LastOrDefault(point => point.At <= until) ?? throw SetProblems.NoPoint(set.Name, at);
    }
}
