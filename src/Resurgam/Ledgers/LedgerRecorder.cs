using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Resurgam.Adapters.Traces;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Vaults;

namespace Resurgam.Ledgers;

/// <summary>Tells the ledger what a command did. A ledger that cannot be written never undoes or hides the work.</summary>
/// <remarks>
/// What cannot be written waits in the state folder, and the next command that records something writes it first:
/// docs/adr/0009-ledger.md.
/// </remarks>
internal sealed class LedgerRecorder(Session session, Plan plan, Vault vault)
{
    /// <summary>Does the work and records its result, or how it failed.</summary>
    /// <param name="snapshot">What it failed at, as far as it was known by then.</param>
    /// <returns>The result, and where it stands in the ledger; null when it could not be written yet.</returns>
    public async Task<(T Document, EntryView? Entry)> RunAsync<T>(
        StreamName stream,
        string kind,
        JsonTypeInfo<T> type,
        Func<Task<T>> work,
        Func<BlobId?>? snapshot = null
    )
    {
        T document;
        try
        {
            document = await Spans.RunAsync(kind, [("resurgam.stream", stream.Value)], _ => work());
        }
        catch (ResurgamException e)
        {
            await RecordFailureAsync(stream, kind, e, snapshot);
            throw;
        }
        catch (Exception e) when (session.FindFileFault(e) is { } fault)
        {
            await RecordFailureAsync(stream, kind, fault, snapshot);
            throw fault;
        }
        return (document, await RecordAsync(stream, kind, document, type));
    }

    private Task<EntryView?> RecordFailureAsync(
        StreamName stream,
        string kind,
        ResurgamException failure,
        Func<BlobId?>? snapshot
    ) =>
        RecordAsync(
            stream,
            kind + EntryKind.FailedEnding,
            new FailureDocument(failure.Problem.Code, failure.Problem.What, snapshot?.Invoke()?.Hex),
            LedgerDocuments.Json.FailureDocument
        );

    /// <returns>Null when it could not be written yet; the operator was told.</returns>
    public Task<EntryView?> RecordAsync<T>(StreamName stream, string kind, T document, JsonTypeInfo<T> type) =>
        vault.Descriptor is null // a plain repository, which we only read
            ? Task.FromResult<EntryView?>(null)
            : RecordAsync(stream, LedgerFact.Of(kind, JsonSerializer.SerializeToUtf8Bytes(document, type)));

    /// <returns>Null when it could not be written yet; the operator was told.</returns>
    public async Task<EntryView?> RecordAsync(StreamName stream, LedgerFact fact)
    {
        var at = session.Time.GetUtcNow();
        // The work is done: a Ctrl-C must not keep it from being told.
        using CancellationTokenSource limit = new(
            vault.HasLedgerElsewhere ? LedgerHome.WriteLimit : Timeout.InfiniteTimeSpan,
            session.Time
        );
        try
        {
            var writer = LedgerAccess.OpenWriter(session, plan, vault);
            var pending = LedgerAccess.PendingOf(session, plan, writer.Ledger);
            await pending.DrainAsync((late, lateFact) => writer.AppendAsync(late, lateFact, limit.Token));
            var entry = await writer.AppendAsync(stream, fact, limit.Token);
            await AnchorAsync(writer, limit.Token);
            LedgerAccess.SeenOf(session, plan, writer.Ledger).Add([entry.Head, writer.Ring.Head]);
            return EntryView.Of(entry);
        }
        catch (ResurgamException e)
        {
            Keep(stream, fact, at, e.Problem);
            return null;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            Keep(stream, fact, at, PlaceProblems.Silent(vault.LedgerStore.Name, LedgerHome.WriteLimit).Problem);
            return null;
        }
    }

    private void Keep(StreamName stream, LedgerFact fact, DateTimeOffset at, Problem problem)
    {
        try
        {
            LedgerAccess.PendingOf(session, plan, vault.OpenLedger()).Add(stream, fact, at);
            session.Output.Warn(
                $"the ledger does not tell of this yet: {problem.What}; the next command writes it ({problem.Code})"
            );
        }
        catch (ResurgamException e)
        {
            session.Output.Warn($"the ledger does not tell of this: {problem.What} ({problem.Code})");
            session.Output.Warn($"and it cannot wait here: {e.Problem.What} ({e.Problem.Code})");
        }
    }

    private async Task AnchorAsync(LedgerWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            await writer.AnchorAsync(cancellationToken);
        }
        catch (ResurgamException e)
        {
            session.Output.Warn($"today's anchor of the ledger is not written: {e.Problem.What} ({e.Problem.Code})");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The entry is there; the next one is anchored.
        }
    }
}
