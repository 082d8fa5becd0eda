using System.Globalization;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.RecoverySets;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.RecoverySets;

/// <summary>
/// Captures the assets of a set as one recovery point. Those with a stream come first: they are brought forward to the
/// moment. Then, under the barrier when there is one, all others, and the moment is marked. Only what was captured whole
/// becomes an entry.
/// </summary>
internal sealed class SetBackup(Session session, Plan plan, RecoverySet set)
{
    private readonly Dictionary<string, BackupDocument> _backups = [];
    private readonly List<string> _notes = [];

    /// <returns>Exit code: 0, or 23 when something of a source is not captured (docs/exit-codes.md).</returns>
    public static async Task<int> RunAsync(
        Session session,
        Plan plan,
        RecoverySet set,
        CancellationToken cancellationToken
    )
    {
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var document = await RunAndRecordAsync(session, plan, set, vault, cancellationToken);
        foreach (var note in document.Point.Notes.Concat(document.Assets.SelectMany(asset => asset.Notes)))
            session.Output.Note(note);
        foreach (var (asset, finding) in document.Assets.SelectMany(a => a.Findings.Select(f => (a.Asset, f))))
            session.Output.Warn($"{asset}: {finding}");
        session.Output.Write(document, SetDocuments.Json.SetBackupDocument, text => WriteText(text, document));
        return document.Assets.Any(asset => asset.Findings.Count > 0) ? ExitCode.SourceFlawed : ExitCode.Success;
    }

    /// <summary>Backs up, and tells the ledger.</summary>
    internal static async Task<SetBackupDocument> RunAndRecordAsync(
        Session session,
        Plan plan,
        RecoverySet set,
        Vault vault,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        SetBackup backup = new(session, plan, set);
        var (point, entry) = await new LedgerRecorder(session, plan, vault).RunAsync(
            StreamName.OfSet(set.Name),
            EntryKind.RecoverySet,
            SetDocuments.Json.RecoverySetEntry,
            () => backup.CaptureAsync(vault, cancellationToken)
        );
        return new SetBackupDocument(
            point,
            [.. set.Assets.Select(name => backup._backups[name])],
            session.Time.GetElapsedTime(began)
        )
        {
            Ledger = entry,
        };
    }

    private async Task<RecoverySetEntry> CaptureAsync(Vault vault, CancellationToken cancellationToken)
    {
        var assets = set.Assets.Select(plan.GetAsset).ToList();
        SetStreams streams = new(session, plan, vault, set.Name);
        List<Asset> streamed = [];
        foreach (var asset in assets)
            if (await streams.RunsAsync(asset, cancellationToken))
                streamed.Add(asset);
        foreach (var asset in streamed)
            await BackUpAsync(vault, asset, cancellationToken);

        var at = set.Barrier is { } barrier
            ? await new HeldBarrier(set.Name, barrier, session.Time).RunAsync(MomentAsync, cancellationToken)
            : await MomentAsync(cancellationToken);

        List<SetMember> members = [];
        foreach (var asset in assets)
            members.Add(await MemberAsync(vault, asset, streamed.Contains(asset) ? streams : null, cancellationToken));
        return new RecoverySetEntry
        {
            Set = set.Name,
            At = at,
            SkewSeconds =
                set.Barrier is not null && members.TrueForAll(member => member.IsStreamed || !IsMoving(member))
                    ? 0
                    : (members.Max(member => member.At) - members.Min(member => member.At)).TotalSeconds,
            WasHeld = set.Barrier is not null,
            Members = members,
            Notes = _notes,
            PlanHash = plan.Hash,
        };

        async Task<DateTimeOffset> MomentAsync(CancellationToken token)
        {
            foreach (var asset in assets.Except(streamed))
                await BackUpAsync(vault, asset, token);
            await streams.MarkAsync(streamed, token);
            return session.Time.GetUtcNow();
        }
    }

    /// <summary>Its own snapshot was taken before the barrier held.</summary>
    private static bool IsMoving(SetMember member) => member.Kind is Asset.Postgres.KindName or Asset.Redis.KindName;

    private async Task BackUpAsync(Vault vault, Asset asset, CancellationToken cancellationToken)
    {
        var (document, entry) = await new LedgerRecorder(session, plan, vault).RunAsync(
            StreamName.OfAsset(asset.Id.Value),
            EntryKind.Backup,
            BackupDocuments.Json.BackupDocument,
            () => BackupCommand.BackUpAsync(session, plan, asset, vault, cancellationToken)
        );
        _backups[asset.Id.Value] = document with { Ledger = entry };
    }

    private async Task<SetMember> MemberAsync(
        Vault vault,
        Asset asset,
        SetStreams? streams,
        CancellationToken cancellationToken
    )
    {
        var member = await SetTies.ReadAsync(
            vault,
            asset.Id.Value,
            _backups[asset.Id.Value].Snapshot,
            cancellationToken
        );
        if (streams is null)
        {
            if (IsMoving(member))
                _notes.Add($"{asset.Id} has no stream that runs: it is as of its own snapshot");
            return member;
        }
        if (await streams.ReachAsync(member, cancellationToken) is { } reached)
            return reached;
        _notes.Add(
            $"the stream of {asset.Id} did not bring the moment into the vault in time: it is as of its own snapshot"
        );
        return member;
    }

    private static void WriteText(TextWriter text, SetBackupDocument document)
    {
        var point = document.Point;
        foreach (var member in point.Members)
            text.WriteLine($"  {SetText.Of(member)}");
        text.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"recovery point of {point.Set}: {CliJson.ToText(point.At)}, {point.Members.Count} assets {SetText.Apart(point)}, {document.Duration.TotalSeconds:0.0} s"
            )
        );
    }
}
