using System.CommandLine;
using System.Globalization;
using Resurgam.Adapters.Git.Restore;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;
using Resurgam.Ledgers;
using Resurgam.RecoverySets;
using Resurgam.Snapshots;
using Resurgam.Vaults;

namespace Resurgam.Restores;

internal static class RestoreCommand
{
    public static Command Create()
    {
        Argument<string> wanted = new("what")
        {
            Description = "An asset, a recovery set, or the first digits of a snapshot's id.",
        };
        var to = PlaceOption();
        Option<string> at = new("--at")
        {
            Description =
                $"Recovery point of a cluster: {RecoveryTarget.Forms}; of a Redis server: latest, consistent or a time; of anything else the same, by its newest snapshot of that time or before.",
            HelpName = "POINT",
            DefaultValueFactory = _ => "latest",
        };
        Option<string?> path = new("--path") { Description = "Only this file or folder of the snapshot." };
        Option<bool> delta = Flag("--delta", "The folder holds it already: keep what is equal, replace the rest.");
        Option<bool> force = Flag("--force", "With --delta: even when the folder holds something else.");
        Option<bool> start = Flag("--start", "Start the cluster or Redis server, and wait until it is recovered.");
        Option<bool> revoked = Flag("--revoked", "Redis: even what 'ledger revoke' has revoked since.");
        Option<bool> dryRun = Flag("--dry-run", "Say what would be touched, and touch nothing.");
        var owner = Text<string?>("--owner", "User that the restored files shall belong to (root only).", "NAME");
        var tablespace = Text<string[]>("--tablespace", "New folder of a tablespace: OID=FOLDER.", "MAP");
        const string settings = "With --start: a setting for the server, to run it beside another: port=5433.";
        var set = Text<string[]>("--set", settings, "NAME=VALUE");
        Command command = new("restore", "Bring an asset or a snapshot back.")
        {
            wanted,
            to,
            at,
            path,
            delta,
            force,
            start,
            revoked,
            dryRun,
            owner,
            tablespace,
            set,
        };
        var objects = ObjectOptions.AddTo(command);
        var databases = DatabaseOptions.AddTo(command);
        var sets = SetOptions.AddTo(command);
        command.SetAction(
            (line, cancellationToken) =>
            {
                var session = Session.Of(line);
                RestoreRequest request = new()
                {
                    Wanted = line.GetRequiredValue(wanted),
                    Target = TargetOf(session, line.GetRequiredValue(to)),
                    RecoveryTarget = PointOf(line.GetRequiredValue(at)),
                    TargetText = line.GetRequiredValue(at),
                    Path = line.GetValue(path)?.Trim('/') ?? "",
                    IsDelta = line.GetValue(delta),
                    IsForced = line.GetValue(force),
                    Start = line.GetValue(start),
                    IsDryRun = line.GetValue(dryRun),
                    AllowsRevoked = line.GetValue(revoked),
                    Owner = line.GetValue(owner),
                    Tablespaces = line.GetValue(tablespace) ?? [],
                    Settings = line.GetValue(set) ?? [],
                    Objects = objects.Read(line),
                    Databases = databases.Read(line),
                    Places = sets.Read(line),
                };
                return RunAsync(session, request, cancellationToken);
            }
        );
        return command;
    }

    private static Option<string> PlaceOption() =>
        new("--to")
        {
            Description =
                "The folder to restore to; for Git also an address to push to, with {name} or {path} in it; objects of Kubernetes: 'cluster:' for the cluster of the plan, 'cluster:CONTEXT' for another; dumped databases: 'server:' for the server of the plan, 'server:CONNECTION' for another.",
            HelpName = "PLACE",
            Required = true,
        };

    internal static async Task<int> RunAsync(
        Session session,
        RestoreRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.StartSettings.Count > 0 && !request.Start)
            throw RestoreFlowProblems.SettingWithoutStart();
        var plan = await session.LoadPlanAsync(cancellationToken);
        if (request.FindMoment() is { } moment)
            session.Output.Note(moment);
        if (plan.FindRecoverySet(request.Wanted) is { } set)
            return await SetRestore.RunAsync(session, plan, set, request, cancellationToken);
        if (request.Places.Count > 0)
            throw SetProblems.OnlyForSets("--place");
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var snapshot = await ChooseAsync(vault, plan, request, cancellationToken);
        LedgerRecorder recorder = new(session, plan, vault);
        var (result, entry) = request.IsDryRun
            ? (await DescribeAsync(), null)
            : await recorder.RunAsync(
                LedgerAccess.StreamOf(snapshot.Asset),
                EntryKind.Restore,
                RestoreDocuments.Json.RestoreDocument,
                DescribeAsync
            );
        var document = result with { Ledger = entry };
        foreach (var note in document.Notes)
            session.Output.Note(note);
        session.Output.Write(
            document,
            RestoreDocuments.Json.RestoreDocument,
            text => WriteText(text, document, request)
        );
        return document.Objects is { IsWhole: false } ? ExitCode.RestoreIncomplete : ExitCode.Success;

        async Task<RestoreDocument> DescribeAsync()
        {
            var outcome = await RestoreAsync(session, plan, vault, request, snapshot, cancellationToken);
            return RestoreDocument.Of(snapshot.Asset, request.Target, outcome);
        }
    }

    /// <summary>A cluster as a cluster, a server as a server; anything else, and a path of a cluster's snapshot, as files.</summary>
    internal static Task<RestoreOutcome> RestoreAsync(
        Session session,
        Plan plan,
        Vault vault,
        RestoreRequest request,
        SnapshotEntry snapshot,
        CancellationToken cancellationToken
    )
    {
        if (IsCluster(request.Target))
            return snapshot.Kind == Asset.Kubernetes.KindName
                ? new KubernetesRestoreFlow(session, plan, vault, request).RunAsync(snapshot, cancellationToken)
                : throw RestoreFlowProblems.NoCluster(request.Target);
        if (request.Objects.Given is { } given)
            throw RestoreFlowProblems.OnlyForClusters(given);
        if (IsServer(request.Target))
            return snapshot.Kind == Asset.LogicalPostgres.SnapshotKindName
                ? new LogicalRestoreFlow(session, plan, vault, request).RunAsync(snapshot, cancellationToken)
                : throw RestoreFlowProblems.NoServer(request.Target);
        if (request.Databases.Given is { } databases)
            throw RestoreFlowProblems.OnlyForServers(databases);
        var isPostgres = snapshot.Kind == Asset.Postgres.KindName && request.Path.Length == 0;
        if (!GitPush.IsAddress(request.Target))
            RestoreGuard.Check(session, plan, request.Target, isReplaced: isPostgres && request.IsDelta);
        if (isPostgres)
            return new PostgresRestoreFlow(session, plan, vault, request).RunAsync(snapshot, cancellationToken);
        if (snapshot.Kind == Asset.Redis.KindName && request.Path.Length == 0)
            return new RedisRestoreFlow(session, plan, vault, request).RunAsync(snapshot, cancellationToken);
        if (snapshot.Kind == Asset.Git.KindName && GitRestoreFlow.Takes(request))
            return new GitRestoreFlow(session, plan, vault, request).RunAsync(snapshot, cancellationToken);
        if (GitPush.IsAddress(request.Target))
            throw RestoreFlowProblems.NoFolder(request.Target);
        if (snapshot.Kind == Asset.Secret.KindName && request.Path.Length == 0)
            return SecretRestoreFlow.RunAsync(session, vault, request, snapshot, cancellationToken);
        if (OptionForClusters(request) is { } option)
            throw RestoreFlowProblems.NotForFiles(option);
        return FilesRestoreFlow.RunAsync(
            session,
            vault,
            snapshot,
            request.Path,
            isWhole: request.Path.Length == 0 || request.Path == FolderOf(plan, snapshot.Asset),
            request.Target,
            request.IsDelta,
            request.IsDryRun,
            cancellationToken
        );
    }

    /// <returns>The asset's folder as a path of its snapshot; null when it is no folder of the plan.</returns>
    private static string? FolderOf(Plan plan, string? asset) =>
        asset is not null && AssetId.TryParse(asset, out var id) && plan.FindAsset(id) is Asset.Files files
            ? files.Path.Trim('/')
            : null;

    internal static string TargetOf(Session session, string text) =>
        GitPush.IsAddress(text) || IsCluster(text) || IsServer(text) ? text
        : text.Length > 0 ? session.AbsolutePath(text)
        : throw RestoreFlowProblems.NoTarget();

    private static bool IsCluster(string target) =>
        target.StartsWith(KubernetesRestoreFlow.TargetScheme, StringComparison.Ordinal);

    private static bool IsServer(string target) =>
        target.StartsWith(LogicalRestoreFlow.TargetScheme, StringComparison.Ordinal);

    internal static string? OptionForClusters(RestoreRequest request) =>
        request switch
        {
            { Start: true } => "--start",
            { Owner: not null } => "--owner",
            { Tablespaces.Count: > 0 } => "--tablespace",
            _ => null,
        };

    private static Option<T> Text<T>(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName };

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    private static RecoveryTarget PointOf(string text) =>
        RecoveryTarget.TryParse(text) ?? throw RestoreFlowProblems.BadTarget(text);

    internal static Task<SnapshotEntry> ChooseAsync(
        Vault vault,
        Plan plan,
        RestoreRequest request,
        CancellationToken cancellationToken
    ) =>
        (AssetId.TryParse(request.Wanted, out var id) ? plan.FindAsset(id) : null) switch
        {
            Asset.Postgres => PostgresRestoreFlow.ChooseAsync(
                vault,
                request.Wanted,
                request.RecoveryTarget,
                request.TargetText,
                cancellationToken
            ),
            Asset.Redis { StartEmpty: false } => RedisRestoreFlow.ChooseAsync(vault, request, cancellationToken),
            Asset.Redis => SnapshotChoice.GetAsync(vault, plan, request.Wanted, cancellationToken),
            null => ChooseNamedAsync(vault, plan, request, cancellationToken),
            _ => ChooseOfTimeAsync(vault, request, cancellationToken),
        };

    /// <summary>What has no log is brought back to its snapshots alone.</summary>
    private static async Task<SnapshotEntry> ChooseOfTimeAsync(
        Vault vault,
        RestoreRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.RecoveryTarget is RecoveryTarget.Latest or RecoveryTarget.Consistent)
            return await vault.GetSnapshotAsync("latest", request.Wanted, cancellationToken);
        if (request.RecoveryTarget is not RecoveryTarget.AtTime(var moment))
            throw RestoreFlowProblems.NotForSnapshots(request.Wanted, request.TargetText);
        var snapshots = await vault.ListSnapshotsAsync(request.Wanted, cancellationToken);
        return snapshots.LastOrDefault(snapshot => snapshot.TakenAt <= moment)
            ?? throw RestoreFlowProblems.NoSnapshotOf(request.Wanted, request.TargetText);
    }

    private static async Task<SnapshotEntry> ChooseNamedAsync(
        Vault vault,
        Plan plan,
        RestoreRequest request,
        CancellationToken cancellationToken
    )
    {
        var snapshot = await SnapshotChoice.GetAsync(vault, plan, request.Wanted, cancellationToken);
        var hasLog = snapshot.Kind is Asset.Postgres.KindName or Asset.Redis.KindName && request.Path.Length == 0;
        return hasLog || request.RecoveryTarget is RecoveryTarget.Latest
            ? snapshot
            : throw RestoreFlowProblems.NotForFiles("--at");
    }

    private static void WriteText(TextWriter text, RestoreDocument document, RestoreRequest request)
    {
        if (document.Objects is { } objects)
            KubernetesRestoreFlow.WriteText(text, objects);
        text.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"snapshot {document.Snapshot.Short} {(request.IsDryRun ? "would be restored" : "restored")} to {PlaceOf(document.Target)}: {new ByteSize(document.BytesWritten)} written, {document.Duration.TotalSeconds:0.0} s{(request.Start ? $"; running, recovered to {document.RecoveredTo.InWords ?? request.TargetText}" : "")}"
            )
        );
    }

    /// <summary>A target in words: of a scheme alone, what the plan has.</summary>
    internal static string PlaceOf(string target) =>
        target switch
        {
            KubernetesRestoreFlow.TargetScheme => "the cluster of the plan",
            LogicalRestoreFlow.TargetScheme => "the server of the plan",
            _ => target,
        };
}
