using Resurgam.Adapters.LogicalPostgres.Capture;
using Resurgam.Adapters.LogicalPostgres.Verify;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;

namespace Resurgam.Backups;

/// <summary>From a plan to databases that are captured by SQL.</summary>
internal static class LogicalAccess
{
    public static LogicalSource SourceOf(Session session, Plan plan, Asset.LogicalPostgres asset) =>
        new()
        {
            Asset = asset.Id.Value,
            Connection = ConnectionSettings.Parse(asset.Connection, session.Around.FindVariable),
            Databases = asset.Databases,
            Binaries = asset.Binaries,
            Questions = PlanQuestions.SourcesOf(asset.Questions),
            PlanHash = plan.Hash,
        };

    public static LogicalVerificationRequest RequestOf(
        Asset.LogicalPostgres asset,
        LogicalRecord record,
        string folder
    ) =>
        new()
        {
            Folder = folder,
            Record = record,
            Binaries = asset.Binaries,
            Questions = PlanQuestions.SourcesOf(asset.Questions),
        };
}
