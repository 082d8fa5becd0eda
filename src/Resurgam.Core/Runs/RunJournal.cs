using Resurgam.Core.Ledgers;
using Resurgam.Core.Problems;

namespace Resurgam.Core.Runs;

/// <summary>The stream of one run: read, folded, and written behind what was read. Not thread-safe.</summary>
public sealed class RunJournal
{
    private readonly LedgerWriter _writer;
    private readonly IHeadWitness? _witness;
    private RunState? _state;

    public RunJournal(LedgerWriter writer, RunId run, IHeadWitness? witness = null)
    {
        (_writer, _witness, Run, Stream) = (writer, witness, run, StreamOf(run));
    }

    public RunId Run { get; }

    public StreamName Stream { get; }

    /// <summary>As far as it was read.</summary>
    /// <exception cref="ResurgamException"><c>run-absent</c>: nothing was read yet, or there is no such run.</exception>
    public RunState State => _state ?? throw RunProblems.Absent(Run);

    /// <summary>To be looked at, and no more, when reading on has failed: up to where it failed. Null: nothing could be read.</summary>
    public RunState? StateSoFar { get; private set; }

    /// <exception cref="ArgumentException">It is no run's name.</exception>
    public static StreamName StreamOf(RunId run) =>
        StreamName.TryParse($"run.{run}", out var stream)
            ? stream
            : throw new ArgumentException($"'{run}' is not a run's name", nameof(run));

    /// <summary>Writes the first entry.</summary>
    /// <exception cref="ResurgamException"><c>run-exists</c>: the name is taken; the store's own.</exception>
    public async Task BeginAsync(RunEvent.Begun begun, CancellationToken cancellationToken)
    {
        var entry =
            await _writer.TryAppendAfterAsync(_writer.Ledger.Beginning(Stream), begun.ToFact(), cancellationToken)
            ?? throw RunProblems.Exists(Run);
        _state = RunState.TryBegin(entry);
        Require.That(_state is not null, "a run that was begun here can be read here");
        _witness?.Saw(entry.Head);
    }

    /// <summary>Reads on to the end of the stream.</summary>
    /// <exception cref="ResurgamException">
    /// <c>run-absent</c>, <c>run-unreadable</c>; <c>run-cut</c>: this machine saw entries that are there no more; the store's own.
    /// </exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var seen = _state is null ? _witness?.Find(Stream) : null;
        var before = _state?.Head;
        var state = _state;
        await foreach (var entry in _writer.Ledger.ReadAsync(Stream, (state?.Head.Seq ?? 0) + 1, cancellationToken))
        {
            if (entry.Seq == seen?.Seq && entry.Hash != seen.Hash)
                throw RunProblems.Cut(Run, seen, _witness?.Path ?? "");
            if (state is null)
                StateSoFar = state = RunState.TryBegin(entry) ?? throw RunProblems.Unreadable(Run);
            else
                state.Apply(entry);
        }
        if (seen?.Seq > (state?.Head.Seq ?? 0))
            throw RunProblems.Cut(Run, seen, _witness?.Path ?? "");
        _state = state ?? throw RunProblems.Absent(Run);
        if (_state.Head != before && _state.Head != seen)
            _witness?.Saw(_state.Head);
    }

    /// <summary>Writes right behind what was read, or reads what somebody else has written there.</summary>
    /// <returns>True when it is there, and in <see cref="State"/>. False when others were first.</returns>
    /// <exception cref="ResurgamException">The store's own; the entry may be there all the same: read on before anything is done.</exception>
    public async Task<bool> TryAppendAsync(RunEvent happened, CancellationToken cancellationToken)
    {
        if (await _writer.TryAppendAfterAsync(State.Head, happened.ToFact(), cancellationToken) is { } entry)
        {
            State.Apply(entry);
            _witness?.Saw(entry.Head);
            return true;
        }
        await CatchUpAsync(cancellationToken);
        return false;
    }

    /// <summary>Writes a person's word, behind whatever is there by then, if it still counts there.</summary>
    /// <remarks>What was said before by the same <see cref="RunVerb.Key"/> is not written again, and counts as it did.</remarks>
    /// <returns>Null when it counts; else why it does not: nothing was written.</returns>
    public async Task<string?> SayAsync(RunVerb verb, CancellationToken cancellationToken)
    {
        await CatchUpAsync(cancellationToken);
        while (true)
        {
            if (verb.Key is { } key && State.FindSaid(key) is { } said)
                return said == verb ? null : "something else was said by the same key";
            if (RunRules.Refuses(State, verb) is { } because)
                return because;
            if (await TryAppendAsync(new RunEvent.Said(verb), cancellationToken))
                return null;
        }
    }

    /// <summary>Takes the lead, so that nobody else begins a step from here on.</summary>
    /// <param name="isForced">Also from a process that may still work: the person says that it is dead.</param>
    /// <returns>False when another process works on a step and was heard of within <see cref="RunLead.Lease"/>, or the run has ended.</returns>
    public async Task<bool> TryLeadAsync(
        RunEvent.Led lead,
        bool isForced,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        await CatchUpAsync(cancellationToken);
        while (true)
        {
            if (State.Result is not null)
                return false;
            if (State.Leader == lead.Leader)
                return true;
            if (!isForced && RunLead.IsHeld(State, time.GetUtcNow()))
                return false;
            if (await TryAppendAsync(lead, cancellationToken))
                return true;
        }
    }
}

/// <summary>How long a silent leader is waited for.</summary>
public static class RunLead
{
    /// <summary>Who works on a step writes at least every <see cref="Heartbeat"/>; three are lost before it counts as dead.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(20);

    /// <summary>Longest between reading that we lead and the start of an effect; it is read again after that.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    /// <summary>Somebody works on a step and was heard of. Between steps anybody may take the lead: the chain is the fence.</summary>
    public static bool IsHeld(RunState state, DateTimeOffset now) =>
        state.Steps.Any(step => step.IsRunning) && now - state.LeaderSeenAt < Lease;
}
