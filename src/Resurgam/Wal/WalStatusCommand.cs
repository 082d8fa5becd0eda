using System.CommandLine;
using System.Globalization;
using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Adapters.Redis.Commands;
using Resurgam.Adapters.Wal;
using Resurgam.Backups;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Wal;
using Resurgam.Restores;
using Resurgam.Vaults;

namespace Resurgam.Wal;

internal static class WalStatusCommand
{
    public static Command Create()
    {
        Argument<string> asset = new("asset") { Description = "A PostgreSQL cluster or a Redis server of the plan." };
        Command command = new("status", "What would be lost if it happened now.") { asset };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetRequiredValue(asset), cancellationToken)
        );
        return command;
    }

    /// <returns>Exit code: 0 when the stream runs and nothing is missing, 30 otherwise (docs/exit-codes.md).</returns>
    internal static async Task<int> RunAsync(Session session, string name, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var asset = plan.GetAsset(name);
        using VaultOnDemand vault = new(session, plan);
        if (asset is Asset.LogicalPostgres)
            return await TellElsewhereAsync(session, await vault.GetAsync(cancellationToken), name, cancellationToken);
        var document = asset switch
        {
            Asset.Postgres postgres => await ReadAsync(session, plan, postgres, vault, cancellationToken),
            Asset.Redis redis => await ReadAsync(session, plan, redis, vault, cancellationToken),
            _ => throw WalCommandProblems.NoStream(name, asset.Kind),
        };
        session.Output.Write(document, WalDocuments.Json.WalStatusDocument, text => WriteText(text, document));
        return document is { IsStreaming: true, Gaps: [], Problems: [] } ? ExitCode.Success : ExitCode.Retry;
    }

    /// <summary>What a managed server does with its WAL is its provider's affair: from here it comes back as of a snapshot.</summary>
    private static async Task<int> TellElsewhereAsync(
        Session session,
        Vault vault,
        string asset,
        CancellationToken cancellationToken
    )
    {
        var newest = await vault.ListSnapshotsAsync(asset, cancellationToken) is [.., var last] ? last : null;
        var now = session.Time.GetUtcNow();
        WalElsewhereDocument document = new(
            asset,
            now,
            newest?.TakenAt,
            newest is null ? null : (now - newest.TakenAt).TotalSeconds
        );
        session.Output.Write(
            document,
            WalDocuments.Json.WalElsewhereDocument,
            text =>
            {
                text.WriteLine($"stream            none: WAL of a database that is captured by SQL is its provider's");
                text.WriteLine(
                    newest is null
                        ? "loss              everything: the vault holds no snapshot"
                        : $"loss              {Duration.Rough(now - newest.TakenAt)}: from here it comes back as of its newest snapshot, of {CliJson.ToText(newest.TakenAt)}"
                );
            }
        );
        return newest is null ? ExitCode.Retry : ExitCode.Success;
    }

    private static async Task<WalStatusDocument> ReadAsync(
        Session session,
        Plan plan,
        Asset.Postgres asset,
        VaultOnDemand vault,
        CancellationToken cancellationToken
    )
    {
        var status = await WalStatus.ReadAsync(
            WalAccess.SettingsOf(session, plan, asset),
            WalAccess.ConnectionOf(session, asset),
            async token => await WalAccess.OpenArchiveAsync(await vault.GetAsync(token), asset.Id.Value, token),
            session.Time,
            cancellationToken
        );
        if (status.Gaps.Count > 0)
            status = status with { NewestBackup = await FindBackupAsync(vault, asset, cancellationToken) };
        return Describe(asset.Id.Value, status);
    }

    private static async Task<WalRange?> FindBackupAsync(
        VaultOnDemand vault,
        Asset.Postgres asset,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var open = await vault.GetAsync(cancellationToken);
            if (await open.ListSnapshotsAsync(asset.Id.Value, cancellationToken) is not [.., var newest])
                return null;
            var record = await PostgresRestoreFlow.ReadRecordAsync(open, newest, cancellationToken);
            return new WalRange(record.Timeline, record.Start, record.Stop);
        }
        catch (ResurgamException)
        {
            return null; // then every gap counts
        }
    }

    private static async Task<WalStatusDocument> ReadAsync(
        Session session,
        Plan plan,
        Asset.Redis asset,
        VaultOnDemand vault,
        CancellationToken cancellationToken
    )
    {
        var status = await CommandStatus.ReadAsync(
            WalAccess.SettingsOf(session, plan, asset),
            token => RedisAccess.ConnectionOfAsync(session, asset, token),
            async token => await WalAccess.OpenArchiveAsync(await vault.GetAsync(token), asset.Id.Value, token),
            session.Time,
            cancellationToken
        );
        var stream = status.Stream is { } said ? WalStreamView.Of(said) : null;
        return new WalStatusDocument(
            asset.Id.Value,
            status.At,
            status.IsStreaming,
            Loss(status.LossOfDatabase),
            Loss(status.LossOfSite),
            stream,
            status.ServerOffset is { } offset
                ? new WalServerView(TextOf(offset), null, false, false, null, null, null)
                : null,
            status.StoreEnd is { } end ? TextOf(end.Offset) : null,
            [.. status.Holes.Select(hole => hole.ToString())],
            [
                .. new[] { status.ServerProblem?.What, status.StoreProblem?.What }.OfType<string>(),
                .. stream?.Problems ?? [],
            ]
        )
        {
            RecoveryPoints = [.. status.Spans.Select(span => new RecoverySpanView(span.From, span.Until))],
        };
    }

    private static string TextOf(long offset) => offset.ToString(CultureInfo.InvariantCulture);

    private static WalStatusDocument Describe(string asset, WalStatus status)
    {
        var stream = status.Stream is { } said ? WalStreamView.Of(said) : null;
        return new WalStatusDocument(
            asset,
            status.At,
            status.IsStreaming,
            Loss(status.LossOfDatabase),
            Loss(status.LossOfSite),
            stream,
            status.Server is { } server ? Server(server) : null,
            status.StoreEnd?.ToString(),
            [.. status.Gaps.Select(gap => gap.ToString())],
            [
                .. new[]
                {
                    status.ServerProblem?.What,
                    status.StoreProblem?.What,
                    Whole(status.HangProblem),
                    Whole(status.SlotProblem),
                }.OfType<string>(),
                .. stream?.Problems ?? [],
            ]
        )
        {
            CoveredGaps = [.. status.CoveredGaps.Select(gap => gap.ToString())],
        };
    }

    private static string? Whole(Problem? problem) =>
        problem is null ? null : $"{problem.What}: {problem.Hint} ({problem.Code})";

    private static LossView Loss(LossBound bound) => new(bound.Size?.Bytes, bound.Duration?.TotalSeconds);

    private static WalServerView Server(WalServerStatus server) =>
        new(
            server.End.ToString(),
            server.SyncState,
            server.Slot is not null,
            server.Slot?.IsActive ?? false,
            server.Slot?.WalState,
            server.Slot?.Restart?.ToString(),
            server.Slot?.Retained?.Bytes
        );

    private static void WriteText(TextWriter text, WalStatusDocument document)
    {
        text.WriteLine(
            $"stream            {StateOf(document)}{(document.Stream is { } s ? $", {s.State}{(s.Slot is null ? "" : $", slot {s.Slot}")}" : "")}"
        );
        text.WriteLine($"loss of database  {Words(document.LossOfDatabase)}");
        text.WriteLine($"loss of site      {Words(document.LossOfSite)}");
        if (document is { Server: { } redis, RecoveryPoints: not null })
            text.WriteLine($"server            at {redis.End}");
        else if (document.Server is { } server)
            text.WriteLine(
                $"server            at {server.End}, slot {(server.HasSlot ? $"{(server.IsActive ? "active" : "inactive")}, {server.WalState}" : "MISSING")}{(server.SyncState is null ? "" : $", {server.SyncState}")}"
            );
        text.WriteLine($"spool             at {document.Stream?.SpooledLsn ?? "-"}");
        text.WriteLine($"store             at {document.StoreEnd ?? "-"}");
        foreach (var span in document.RecoveryPoints ?? [])
            text.WriteLine($"recovery points   {CliJson.ToText(span.From)} to {CliJson.ToText(span.Until)}");
        foreach (var gap in document.Gaps)
            text.WriteLine($"GAP               {gap}");
        foreach (var gap in document.CoveredGaps)
            text.WriteLine($"past gap          {gap}; a later snapshot makes up for it");
        foreach (var problem in document.Problems)
            text.WriteLine($"problem           {problem}");
    }

    private static string StateOf(WalStatusDocument document) =>
        document.IsStreaming ? "runs"
        : document.Stream?.IsAliveAt(document.At) == true ? "RUNS AND BRINGS NOTHING"
        : "DOES NOT RUN";

    private static string Words(LossView loss) =>
        loss is { Bytes: null, Seconds: null }
            ? "not known"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{(loss.Bytes is { } bytes ? new ByteSize(bytes).ToString() : "?")}, {(loss.Seconds is { } seconds ? $"{seconds:0.0} s" : "?")}"
            );

    /// <summary>A vault that cannot be opened is one more problem to show: what the spool holds is worth more now than ever.</summary>
    private sealed class VaultOnDemand(Session session, Plan plan) : IDisposable
    {
        private Vault? _vault;

        public async Task<Vault> GetAsync(CancellationToken cancellationToken) =>
            _vault ??= await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);

        public void Dispose() => _vault?.Dispose();
    }
}
