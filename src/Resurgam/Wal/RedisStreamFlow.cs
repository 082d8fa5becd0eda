using Resurgam.Adapters.Redis.Commands;
using Resurgam.Adapters.Wal;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.Assets;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Wal;

/// <summary>Streams a Redis server's commands; bases and gaps are told to the ledger.</summary>
/// <param name="told">Sentences for the log.</param>
internal sealed class RedisStreamFlow(Session session, Plan plan, Asset.Redis asset, Action<string> told)
{
    private readonly StreamName _ledgerStream = StreamName.OfAsset(asset.Id.Value);

    public static async Task<WalStreamStatus> RunAsync(
        Session session,
        Plan plan,
        Asset.Redis asset,
        Vault vault,
        Action<string> told,
        CancellationToken cancellationToken
    )
    {
        RedisStreamFlow flow = new(session, plan, asset, told);
        CommandSurroundings around = new()
        {
            ReadConnection = token => RedisAccess.ConnectionOfAsync(session, asset, token),
            OpenArchive = token => WalAccess.OpenForWritingAsync(vault, asset.Id.Value, token),
            TakeBase = flow.TakeBaseAsync,
            GapFound = flow.TellGapAsync,
            Told = told,
        };
        await using var stream = CommandStream.Open(
            WalAccess.SettingsOf(session, plan, asset),
            await RedisAccess.SourceOfAsync(session, plan, asset, cancellationToken),
            around,
            session.Time,
            session.Progress
        );
        await stream.RunAsync(cancellationToken);
        return stream.Status;
    }

    /// <summary>A backup like any other, on a vault of its own: the stream's is used at the same time.</summary>
    private async Task<BlobId> TakeBaseAsync(
        Func<SnapshotWriter, CancellationToken, Task<CaptureResult>> capture,
        CancellationToken cancellationToken
    )
    {
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var (document, _) = await new LedgerRecorder(session, plan, vault).RunAsync(
            _ledgerStream,
            EntryKind.Backup,
            BackupDocuments.Json.BackupDocument,
            async () =>
            {
                var began = session.Time.GetTimestamp();
                await using var snapshot = await SnapshotWriter.BeginAsync(
                    vault,
                    asset.Id.Value,
                    asset.Kind,
                    cancellationToken
                );
                var result = await capture(snapshot, cancellationToken);
                return BackupCommand.Describe(asset, result, session.Time.GetElapsedTime(began));
            }
        );
        return document.Snapshot;
    }

    private async Task TellGapAsync(StreamGap gap)
    {
        told(
            $"no commands of {gap.Asset} from {CliJson.ToText(gap.From)} to {CliJson.ToText(gap.Until)}: no point between them can be restored"
        );
        using var vault = await VaultAccess.OpenAsync(session, plan, CancellationToken.None);
        await new LedgerRecorder(session, plan, vault).RecordAsync(
            _ledgerStream,
            EntryKind.StreamGap,
            new StreamGapDocument(gap.Asset, gap.From, gap.Until, gap.FromOffset, gap.UntilOffset),
            WalDocuments.Json.StreamGapDocument
        );
    }
}
