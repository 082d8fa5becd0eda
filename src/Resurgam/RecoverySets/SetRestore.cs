using System.CommandLine;
using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.RecoverySets;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;
using Resurgam.Restores;
using Resurgam.Vaults;

namespace Resurgam.RecoverySets;

/// <summary>Brings every asset of a set back to one moment, in the order of the plan; what is back stays when a later one fails.</summary>
/// <param name="request">Options that count for each; its target is a folder, with one below it for each asset.</param>
/// <param name="places">By asset: somewhere else.</param>
internal sealed class SetRestore(
    Session session,
    Plan plan,
    RecoverySet set,
    RestoreRequest request,
    IReadOnlyDictionary<string, string> places
)
{
    public static async Task<int> RunAsync(
        Session session,
        Plan plan,
        RecoverySet set,
        RestoreRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.Path.Length > 0)
            throw SetProblems.NotForSets("--path");
        Dictionary<string, string> places = [];
        foreach (var text in request.Places)
            if (text.Split('=', 2) is [var asset, { Length: > 0 } place] && set.Assets.Contains(asset))
                places[asset] = RestoreCommand.TargetOf(session, place);
            else
                throw SetProblems.BadPlace(text, set.Name);
        return await new SetRestore(session, plan, set, request, places).RunAsync(cancellationToken);
    }

    private async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var point = await SetPoints.ChooseAsync(vault, set, request.TargetText, cancellationToken);
        var (result, entry) = request.IsDryRun
            ? (await RestoreAsync(vault, point, cancellationToken), null)
            : await new LedgerRecorder(session, plan, vault).RunAsync(
                StreamName.OfSet(set.Name),
                EntryKind.Restore,
                SetDocuments.Json.SetRestoreDocument,
                () => RestoreAsync(vault, point, cancellationToken)
            );
        var document = result with { Ledger = entry };
        foreach (var asset in document.Assets)
        foreach (var note in asset.Notes)
            session.Output.Note($"{asset.Asset}: {note}");
        session.Output.Write(document, SetDocuments.Json.SetRestoreDocument, text => WriteText(text, document));
        return document.Assets.Any(asset => asset.Objects is { IsWhole: false })
            ? ExitCode.RestoreIncomplete
            : ExitCode.Success;
    }

    private async Task<SetRestoreDocument> RestoreAsync(
        Vault vault,
        RecoverySetEntry point,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        List<RestoreDocument> done = [];
        foreach (var member in point.Members)
        {
            session.Output.Note($"{member.Asset} to {CliJson.ToText(member.At)}");
            done.Add(await RestoreAsync(vault, member, cancellationToken));
        }
        return new SetRestoreDocument(set.Name, point.At, done, session.Time.GetElapsedTime(began));
    }

    private async Task<RestoreDocument> RestoreAsync(Vault vault, SetMember member, CancellationToken cancellationToken)
    {
        var snapshot = await vault.GetSnapshotAsync(member.Snapshot, member.Asset, cancellationToken);
        var restore = RequestFor(member);
        async Task<RestoreDocument> WorkAsync() =>
            RestoreDocument.Of(
                member.Asset,
                restore.Target,
                await RestoreCommand.RestoreAsync(session, plan, vault, restore, snapshot, cancellationToken)
            );
        if (request.IsDryRun)
            return await WorkAsync();
        var (document, entry) = await new LedgerRecorder(session, plan, vault).RunAsync(
            StreamName.OfAsset(member.Asset),
            EntryKind.Restore,
            RestoreDocuments.Json.RestoreDocument,
            WorkAsync
        );
        return document with { Ledger = entry };
    }

    private RestoreRequest RequestFor(SetMember member)
    {
        var isCluster = member.Kind == Asset.Postgres.KindName;
        var target = SetTarget.Of(member);
        return request with
        {
            Wanted = member.Asset,
            Target = places.GetValueOrDefault(member.Asset) ?? Path.Combine(request.Target, member.Asset),
            RecoveryTarget = target,
            TargetText = target is RecoveryTarget.AtLsn(var lsn) ? lsn.ToString() : "latest",
            RedisOffset = member is { Kind: Asset.Redis.KindName, IsStreamed: true } ? member.Offset : null,
            PointAt = member.At,
            Start = request.Start && isCluster,
            Tablespaces = isCluster ? request.Tablespaces : [],
            Settings = isCluster ? request.Settings : [],
            Objects = member.Kind == Asset.Kubernetes.KindName ? request.Objects : new ObjectRequest(),
            Databases =
                member.Kind == Asset.LogicalPostgres.SnapshotKindName ? request.Databases : new DatabaseRequest(),
        };
    }

    private void WriteText(TextWriter text, SetRestoreDocument document)
    {
        var verb = request.IsDryRun ? "would be restored" : "restored";
        foreach (var asset in document.Assets)
            text.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {asset.Asset, -16} {verb} to {asset.Target}, {asset.Duration.TotalSeconds:0.0} s"
                )
            );
        text.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{document.Set} {verb} as of {CliJson.ToText(document.At)}: {document.Assets.Count} assets, {document.Duration.TotalSeconds:0.0} s"
            )
        );
    }
}

/// <summary>How far a member's own recovery goes.</summary>
internal static class SetTarget
{
    public static RecoveryTarget Of(SetMember member) =>
        member switch
        {
            { Kind: Asset.Postgres.KindName, IsStreamed: true, Lsn: { } lsn } => new RecoveryTarget.AtLsn(
                Lsn.Parse(lsn)
            )
            {
                Timeline = member.Timeline,
            },
            { Kind: Asset.Postgres.KindName } => new RecoveryTarget.Consistent(),
            { Kind: Asset.Redis.KindName, IsStreamed: false } => new RecoveryTarget.Consistent(),
            _ => new RecoveryTarget.Latest(),
        };
}

/// <summary>The options of <c>restore</c> that are for sets.</summary>
internal sealed class SetOptions
{
    private readonly Option<string[]> _places = new("--place")
    {
        Description = "Of a recovery set: restore this asset to another place than its folder below --to.",
        HelpName = "ASSET=PLACE",
    };

    private SetOptions() { }

    public static SetOptions AddTo(Command command)
    {
        SetOptions options = new();
        command.Add(options._places);
        return options;
    }

    public IReadOnlyList<string> Read(ParseResult line) => line.GetValue(_places) ?? [];
}
