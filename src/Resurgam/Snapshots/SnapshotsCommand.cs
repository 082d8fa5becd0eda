using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;
using Resurgam.RecoverySets;
using Resurgam.Vaults;

namespace Resurgam.Snapshots;

internal static class SnapshotsCommand
{
    public static Command Create()
    {
        Argument<string?> asset = new("asset")
        {
            Description = "Only those of one asset.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> set = new("--set") { Description = "The recovery points of a set.", HelpName = "SET" };
        Command command = new("snapshots", "List the snapshots of the vault, oldest first.") { asset, set };
        command.SetAction(
            (line, cancellationToken) =>
                line.GetValue(set) is { } name
                    ? SetPoints.ListAsync(Session.Of(line), name, cancellationToken)
                    : RunAsync(Session.Of(line), line.GetValue(asset), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(Session session, string? asset, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var all = await vault.ListSnapshotsAsync(asset: null, cancellationToken);
        if (
            asset is not null
            && plan.Assets.All(known => known.Id.Value != asset)
            && all.All(each => each.Asset != asset)
        )
            throw PlanProblems.AssetUnknown(plan, asset, all.Select(each => each.Asset).OfType<string>());
        SnapshotsDocument document = new([
            .. all.Where(snapshot => asset is null || snapshot.Asset == asset)
                .Select(snapshot => new SnapshotView(
                    snapshot.Id,
                    snapshot.TakenAt,
                    snapshot.Asset,
                    snapshot.Kind,
                    snapshot.Repository.Prefix.TrimEnd('/'),
                    snapshot.Document.Hostname,
                    snapshot.Document.Parent
                )),
        ]);
        session.Output.Write(
            document,
            SnapshotDocuments.Json.SnapshotsDocument,
            text =>
            {
                foreach (var snapshot in document.Snapshots)
                    text.WriteLine(
                        $"{snapshot.Id.Short}  {snapshot.Time:yyyy-MM-dd HH:mm:ss}Z  {snapshot.Asset ?? "-", -16} {snapshot.Kind ?? "restic", -9} {snapshot.Hostname}"
                    );
                text.WriteLine(Plural.Of(document.Snapshots.Count, "snapshot"));
            }
        );
        return ExitCode.Success;
    }
}
