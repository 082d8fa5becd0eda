using System.Globalization;

namespace Resurgam.Core.Postgres;

/// <summary>The moment that a cluster is brought back to. Closed: the private constructor keeps other cases out.</summary>
public abstract record RecoveryTarget
{
    private RecoveryTarget() { }

    /// <summary>The last record that the vault holds.</summary>
    public sealed record Latest : RecoveryTarget;

    /// <summary>The end of the backup: no WAL but the snapshot's own.</summary>
    public sealed record Consistent : RecoveryTarget;

    /// <summary>The last commit at or before a moment.</summary>
    public sealed record AtTime(DateTimeOffset Moment) : RecoveryTarget;

    /// <summary>Up to and with the record that ends at a position.</summary>
    public sealed record AtLsn(Lsn Lsn) : RecoveryTarget
    {
        /// <summary>The history in which the position is meant; null: the newest one.</summary>
        public uint? Timeline { get; init; }
    }

    /// <summary>A point made with <c>pg_create_restore_point</c>.</summary>
    public sealed record AtName(string Name) : RecoveryTarget;

    /// <summary>Just before a transaction's commit.</summary>
    public sealed record BeforeTransaction(uint Id) : RecoveryTarget;

    /// <summary>What <c>--at</c> takes, for help and messages.</summary>
    public const string Forms =
        "latest, consistent, a time (2026-11-23T14:05:00Z), an LSN (0/3000060), name:POINT or before-xid:NUMBER";

    /// <returns>Null when the text is none of <see cref="Forms"/>. A time without zone is UTC.</returns>
    public static RecoveryTarget? TryParse(string text)
    {
        const string name = "name:";
        const string transaction = "before-xid:";
        if (text == "latest")
            return new Latest();
        if (text == "consistent")
            return new Consistent();
        if (text.StartsWith(name, StringComparison.Ordinal) && text.Length > name.Length)
            return new AtName(text[name.Length..]);
        if (text.StartsWith(transaction, StringComparison.Ordinal))
            return uint.TryParse(text.AsSpan(transaction.Length), CultureInfo.InvariantCulture, out var id)
                ? new BeforeTransaction(id)
                : null;
        if (Lsn.TryParse(text, out var lsn))
            return new AtLsn(lsn);
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, utc, out var moment)
            ? new AtTime(moment)
            : null;
    }

    /// <summary>The server's settings, name and value.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings =>
        this switch
        {
            Latest => [("recovery_target_timeline", "latest")],
            // The backup's own timeline: a newer one may not lead through it, and none is needed.
            Consistent =>
            [
                ("recovery_target", "immediate"),
                ("recovery_target_timeline", "current"),
                ("recovery_target_action", "promote"),
            ],
            AtTime(var moment) =>
            [
                (
                    "recovery_target_time",
                    moment.ToString("yyyy-MM-dd HH:mm:ss.ffffff+00", CultureInfo.InvariantCulture)
                ),
                ("recovery_target_action", "promote"),
            ],
            AtLsn { Lsn: var lsn, Timeline: var timeline } =>
            [
                ("recovery_target_lsn", lsn.ToString()),
                .. timeline is { } number
                    ? new[] { ("recovery_target_timeline", number.ToString(CultureInfo.InvariantCulture)) }
                    : [],
                ("recovery_target_action", "promote"),
            ],
            AtName(var point) => [("recovery_target_name", point), ("recovery_target_action", "promote")],
            BeforeTransaction(var id) =>
            [
                ("recovery_target_xid", id.ToString(CultureInfo.InvariantCulture)),
                ("recovery_target_inclusive", "off"),
                ("recovery_target_action", "promote"),
            ],
            _ => throw new System.Diagnostics.UnreachableException($"no settings are written for {this}"),
        };

    /// <summary>False when a snapshot ends after the target: it cannot be used to get there.</summary>
    public bool CanStartFrom(PostgresRecord record) =>
        this switch
        {
            AtTime(var moment) => record.StoppedAt <= moment,
            AtLsn(var lsn) => record.Stop <= lsn,
            _ => true,
        };
}
