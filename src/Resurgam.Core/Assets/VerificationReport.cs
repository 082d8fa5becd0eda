namespace Resurgam.Core.Assets;

/// <param name="Passed">False: the copy must not be relied on.</param>
/// <param name="Detail">What was seen, in words.</param>
public sealed record VerificationCheck(string Name, bool Passed, string Detail)
{
    /// <summary>False: it could not be made, and nothing is known.</summary>
    public bool IsMade { get; private init; } = true;

    /// <summary>One that could not be made: it fails no verification, and is told.</summary>
    public static VerificationCheck NotMade(string name, string why) =>
        new(name, Passed: true, $"not checked: {why}") { IsMade = false };
}

/// <param name="Duration">How long it took: what predictions of the recovery time are made of.</param>
public sealed record VerificationStep(string Name, TimeSpan Duration);

/// <summary>Takes the time of the steps of a verification. One step at a time.</summary>
public sealed class VerificationClock(TimeProvider time)
{
    private readonly List<VerificationStep> _steps = [];

    /// <summary>Those that ended well, in their order.</summary>
    public IReadOnlyList<VerificationStep> Steps => _steps;

    public async Task<T> TimeAsync<T>(string step, Func<Task<T>> work)
    {
        var began = time.GetTimestamp();
        var result = await work();
        _steps.Add(new VerificationStep(step, time.GetElapsedTime(began)));
        return result;
    }

    /// <inheritdoc cref="TimeAsync{T}(string, Func{Task{T}})"/>
    public async Task TimeAsync(string step, Func<Task> work)
    {
        var began = time.GetTimestamp();
        await work();
        _steps.Add(new VerificationStep(step, time.GetElapsedTime(began)));
    }
}

/// <summary>What a verification says, whatever the asset.</summary>
/// <param name="Lsn">Of a cluster: the end of the WAL that the copy replayed. Null for all else.</param>
/// <param name="LastCommitAt">Time of the last transaction in the copy; null when none was replayed.</param>
public sealed record VerificationReport(
    IReadOnlyList<VerificationCheck> Checks,
    IReadOnlyList<VerificationStep> Steps,
    string? Lsn,
    DateTimeOffset? LastCommitAt
)
{
    /// <summary>The moment whose state the copy has; null of a cluster, whose last commit tells.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Bytes that were restored; null when not counted.</summary>
    public long? BytesTotal { get; init; }

    /// <summary>Of these, what the scratch folder did not hold already.</summary>
    public long? BytesWritten { get; init; }

    /// <summary>WAL that was replayed, from where the snapshot begins; null for anything but a cluster.</summary>
    public long? WalBytes { get; init; }

    /// <summary>What it could not prove with what is here, in words; null: nothing.</summary>
    public string? Unproven { get; init; }

    public bool Passed => Checks.All(check => check.Passed);
}
