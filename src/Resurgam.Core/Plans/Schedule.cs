namespace Resurgam.Core.Plans;

/// <summary>Something that is done again and again.</summary>
public sealed record Schedule
{
    public required string Name { get; init; }

    public required ScheduledWork Work { get; init; }

    /// <summary>Which asset, for work on one. Null: every asset that the work fits.</summary>
    public string? Asset { get; init; }

    /// <summary>Which drill, for <see cref="ScheduledWork.Drill"/>.</summary>
    public string? Drill { get; init; }

    public required CronTime Cron { get; init; }

    /// <summary>As the plan's key <c>do</c> has it.</summary>
    public string Do => Sections.ScheduleSection.WordOf(Work);

    /// <summary>Whether this is work on the asset.</summary>
    public bool Covers(AssetId id) => Asset is null || Asset == id.Value;
}

public enum ScheduledWork
{
    /// <summary>A snapshot. Missed, it runs late, once.</summary>
    Backup,

    /// <summary>The newest snapshot is restored in isolation and questioned.</summary>
    Verify,

    /// <summary>The vault is copied to its replicas.</summary>
    Copy,

    /// <summary>The vault's structure is followed.</summary>
    Check,

    /// <summary>Every byte of the vault is read.</summary>
    Scrub,

    /// <summary>What retention no longer keeps goes.</summary>
    Expire,

    /// <summary>A drill. Missed, it does not start unannounced.</summary>
    Drill,
}
