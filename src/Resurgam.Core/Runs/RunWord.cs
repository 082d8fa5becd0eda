using Resurgam.Core.Ledgers;

namespace Resurgam.Core.Runs;

/// <summary>A person's word as it stands in the ledger.</summary>
/// <param name="At">By the clock of the machine where it was said.</param>
/// <param name="Actor">Who was logged in there: <c>user@host</c>.</param>
/// <param name="Kind">Null: the person went on with the run.</param>
/// <param name="Step">Null: the whole run.</param>
public sealed record RunWord(
    DateTimeOffset At,
    string Actor,
    RunVerbKind? Kind,
    StepId? Step,
    string Person,
    string Reason
)
{
    /// <summary>As <see cref="RunVerb.IsBreakGlass"/>.</summary>
    public bool IsBreakGlass { get; private init; }

    /// <summary>As <see cref="RunVerb.KeepsEffects"/>.</summary>
    public bool KeepsEffects { get; private init; }

    internal static RunWord Of(RunVerb verb, LedgerEntry entry) =>
        new(entry.Time, entry.Actor, verb.Kind, verb.Step, verb.Person, verb.Reason)
        {
            IsBreakGlass = verb.IsBreakGlass,
            KeepsEffects = verb.KeepsEffects,
        };

    internal static RunWord Of(RunEvent.Led led, LedgerEntry entry) =>
        new(entry.Time, entry.Actor, Kind: null, Step: null, led.Person, led.Reason);

    public static string NameOf(RunVerbKind? kind) => kind is { } said ? RunVerb.NameOf(said) : "resumed";
}
