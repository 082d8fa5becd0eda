using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Replicas;
using Resurgam.Ledgers;

namespace Resurgam.Vaults;

internal static class VaultCopyCommand
{
    private static readonly TimeSpan DefaultEvery = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        Argument<string?> replica = new("replica")
        {
            Description = "Name of one place, 'primary' for the vault's own; without it all others are copied to.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> follow = new("--follow") { Description = "Go on copying what is new, until stopped." };
        Option<TimeSpan> every = new("--every")
        {
            Description = "How often --follow looks; 30s unless said otherwise.",
            HelpName = "DURATION",
            DefaultValueFactory = _ => DefaultEvery,
            CustomParser = result =>
            {
                if (Duration.TryParse(result.Tokens[0].Value, out var duration) && duration > TimeSpan.Zero)
                    return duration;
                result.AddError($"'{result.Tokens[0].Value}' is not a duration; write for example 30s or 5m");
                return DefaultEvery;
            },
        };
        Option<bool> verify = new("--verify") { Description = "Read the whole copy back afterwards and compare." };
        Option<bool> dryRun = new("--dry-run") { Description = "Only say what would be copied." };
        Command command = new("copy", "Bring the vault's replicas up to date: byte for byte, without its secret.")
        {
            replica,
            follow,
            every,
            verify,
            dryRun,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    new VaultCopyRequest(
                        line.GetValue(replica),
                        line.GetValue(follow) ? line.GetValue(every) : null,
                        line.GetValue(verify),
                        line.GetValue(dryRun)
                    ),
                    cancellationToken
                )
        );
        return command;
    }

    /// <returns>Exit code: 0 when every replica has all, 20 when something is damaged or differs, else that of the first failure.</returns>
    internal static async Task<int> RunAsync(
        Session session,
        VaultCopyRequest request,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var places = PlaceAccess.Others(session, plan, request.Replica);
        var source = await VaultAccess.OpenStoreAsync(session, plan, cancellationToken);
        ReplicaRecord record = new(session, plan);
        VaultCopyDocument document;
        while (true)
        {
            try
            {
                document = await CopyOnceAsync(session, plan, request, source, places, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                await record.TellAsync(); // what the copies before this one did
                throw;
            }
            record.Add(document);
            if (request.Every is not { } every)
                break;
            await record.TellWhenDueAsync();
            foreach (var copy in document.Replicas.Where(copy => copy.Objects > 0 || !copy.Passed))
                session.Output.Note($"{CliJson.ToText(session.Time.GetUtcNow())} {LineOf(copy, request.IsDryRun)}");
            try
            {
                await Task.Delay(every, session.Time, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break; // stopped between two copies, when all is done: the last one is told below
            }
        }
        var entries = await record.TellAsync();
        document = document with
        {
            Replicas =
            [
                .. document.Replicas.Select(copy => copy with { Ledger = entries.GetValueOrDefault(copy.Name) }),
            ],
        };
        session.Output.Write(document, VaultDocuments.Json.VaultCopyDocument, text => WriteText(text, document));
        return ExitCodeOf(document);
    }

    private static async Task<VaultCopyDocument> CopyOnceAsync(
        Session session,
        Plan plan,
        VaultCopyRequest request,
        IStore source,
        IReadOnlyList<ReplicaPlace> places,
        CancellationToken cancellationToken
    )
    {
        List<ReplicaCopyView> copies = [];
        foreach (var place in places)
            copies.Add(await CopyAsync(session, plan, request, source, place, cancellationToken));
        return new VaultCopyDocument(copies.TrueForAll(copy => copy.Passed), source.Name, request.IsDryRun, copies);
    }

    /// <summary>One replica that cannot be reached keeps no other from being copied to.</summary>
    internal static async Task<ReplicaCopyView> CopyAsync(
        Session session,
        Plan plan,
        VaultCopyRequest request,
        IStore source,
        ReplicaPlace place,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        try
        {
            var target = await VaultAccess.OpenStoreAsync(session, place.Place, cancellationToken);
            var chosen = PlaceAccess.Chosen(session, plan).Name;
            var isLeading = chosen == ReplicaPlace.Primary;
            // The primary takes from a replica only what the vault's key opens: anybody may write in that one's store.
            using var vault = isLeading
                ? null
                : await PlaceAccess.TryOpenAsync(session, plan, source, cancellationToken);
            ReplicaCopySettings settings = new()
            {
                IsDryRun = request.IsDryRun,
                ReadsBack = request.IsVerified,
                IsSourceLeading = isLeading,
                OpenLedger = vault is null ? null : vault.OpenLedger,
                Ends = LedgerAccess.EndsOf(
                    session,
                    plan,
                    await Vault.FindDescriptorAsync(source, cancellationToken),
                    chosen,
                    place.Name
                ),
                FindExpired = PlaceAccess.FindExpired(session, plan, source, target),
                FindWithdrawn = PlaceAccess.FindWithdrawn(session, plan, source, target),
                FinishWithdrawals = PlaceAccess.FinishWithdrawals(session, plan, target),
            };
            var result = await new ReplicaCopy(source, target, settings, session.Progress).RunAsync(cancellationToken);
            return new ReplicaCopyView(
                place.Name,
                place.Place.Store.Written,
                result.Passed,
                result.Objects,
                result.Bytes,
                result.Comparison.Objects,
                result.Comparison.Bytes,
                result.RemovedObjects,
                result.ExpiredGenerations,
                result.WithdrawnKeys,
                result.ReadBackBytes,
                [.. result.Findings.Select(ReplicaFindingView.Of)],
                Problem: null,
                session.Time.GetElapsedTime(began)
            )
            {
                PlaceEntries = result.PlaceEntries,
            };
        }
        catch (ResurgamException e)
        {
            session.Abandon();
            return ReplicaCopyView.Failed(place, e.Problem, session.Time.GetElapsedTime(began));
        }
    }

    private static int ExitCodeOf(VaultCopyDocument document)
    {
        if (document.Replicas.FirstOrDefault(copy => copy.Problem is not null)?.Problem is { } problem)
            return ExitCode.Of(problem.ToProblem());
        return document.Passed ? ExitCode.Success : ExitCode.VaultDamaged;
    }

    /// <summary>What became of it, for people.</summary>
    internal static string LineOf(ReplicaCopyView copy, bool isDryRun)
    {
        if (copy.Problem is { } problem)
            return $"{copy.Name}: failed: {problem.What}";
        var verb = isDryRun ? "would get" : "got";
        var all = $"of {copy.SourceObjects} objects, {new ByteSize(copy.SourceBytes)}";
        return copy.Objects == 0
            ? $"{copy.Name}: has all {all}"
            : $"{copy.Name}: {verb} {copy.Objects} objects, {new ByteSize(copy.Bytes)}, {all}";
    }

    private static void WriteText(TextWriter text, VaultCopyDocument document)
    {
        foreach (var copy in document.Replicas)
        {
            text.WriteLine(LineOf(copy, document.DryRun));
            if (copy.RemovedObjects > 0)
                text.WriteLine($"  removed {copy.RemovedObjects} objects that {document.From} let go");
            foreach (var generation in copy.Expired)
                text.WriteLine($"  expired {generation}, as the ledger says");
            foreach (var key in copy.WithdrawnKeys)
                text.WriteLine($"  withdrew key {key[..8]}");
            if (copy.ReadBackBytes > 0)
                text.WriteLine($"  read back {new ByteSize(copy.ReadBackBytes)}");
            foreach (var finding in copy.Findings)
                text.WriteLine($"  {finding.Fault}: {finding.Key}: {finding.How}");
            if (copy.Problem is { } problem)
                text.WriteLine($"  hint: {problem.Hint}");
        }
        if (
            document.Replicas.Any(copy =>
                copy.Findings.Any(finding => finding.Fault.StartsWith("damaged", StringComparison.Ordinal))
            )
        )
            text.WriteLine("'resurgam vault heal [REPLICA]' replaces what is damaged by another place's copy");
        foreach (var copy in document.Replicas.Where(copy => copy.Findings.Any(finding => finding.Fault == "forked")))
            text.WriteLine(
                $"'resurgam ledger settle {copy.Name} --reason TEXT' ends a fork, and keeps what was told there"
            );
    }
}

/// <param name="Replica">Null: all.</param>
/// <param name="Every">Null: once.</param>
internal sealed record VaultCopyRequest(string? Replica, TimeSpan? Every, bool IsVerified, bool IsDryRun);
