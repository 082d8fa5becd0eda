using Resurgam.Core.Postgres;

namespace Resurgam.Restores;

/// <summary>The command line of a restore.</summary>
internal sealed partial record RestoreRequest
{
    /// <summary>An asset, the first digits of a snapshot's id, or <c>latest</c>.</summary>
    public required string Wanted { get; init; }

    /// <summary>Absolute; or the address of a Git server.</summary>
    public required string Target { get; init; }

    public required RecoveryTarget RecoveryTarget { get; init; }

    /// <summary>As it was written.</summary>
    public required string TargetText { get; init; }

    /// <summary>Only this path of the snapshot; empty: all.</summary>
    public string Path { get; init; } = "";

    public bool IsDelta { get; init; }
    public bool IsForced { get; init; }
    public bool Start { get; init; }
    public bool IsDryRun { get; init; }

    /// <summary>Redis: also to a point before which everything was revoked.</summary>
    public bool AllowsRevoked { get; init; }

    /// <summary>User that the restored files shall belong to; null: as they did.</summary>
    public string? Owner { get; init; }

    /// <summary><c>OID=/folder</c>.</summary>
    public IReadOnlyList<string> Tablespaces { get; init; } = [];

    /// <summary>For a cluster's objects.</summary>
    public ObjectRequest Objects { get; init; } = new();

    /// <summary>For databases.</summary>
    public DatabaseRequest Databases { get; init; } = new();

    /// <summary>Of a recovery set: <c>ASSET=PLACE</c>.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>Redis, as part of a set: commands up to here; null: as <see cref="RecoveryTarget"/> says.</summary>
    public long? RedisOffset { get; init; }

    /// <summary>As part of a set: the moment of the asset.</summary>
    public DateTimeOffset? PointAt { get; init; }

    /// <summary><c>NAME=VALUE</c>, for the start.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <returns>How <c>--at</c> was understood, where it leaves something open: the zone, or the time of the day; null where it does not.</returns>
    public string? FindMoment() =>
        RecoveryTarget is RecoveryTarget.AtTime(var moment) && TextWithoutZone().IsMatch(TargetText)
            ? string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"--at {TargetText} is taken as {moment:yyyy-MM-ddTHH:mm:ss.FFFFFF}Z: UTC{(TargetText.Contains(':', StringComparison.Ordinal) ? "" : ", at the beginning of the day")}"
            )
            : null;

    /// <summary>Nothing behind the time that moves it: no Z, GMT, +02 or -05:00.</summary>
    [System.Text.RegularExpressions.GeneratedRegex(@"^(?!.*(?:[A-Za-z]\s*$|:.*[+-]\d))")]
    private static partial System.Text.RegularExpressions.Regex TextWithoutZone();

    /// <exception cref="Core.Problems.ResurgamException"><c>usage</c></exception>
    public IReadOnlyList<(string Name, string Value)> StartSettings =>
        [
            .. Settings.Select(setting =>
                setting.Split('=', 2) is [var name, var value]
                    ? (name, value)
                    : throw RestoreFlowProblems.BadSetting(setting)
            ),
        ];
}
