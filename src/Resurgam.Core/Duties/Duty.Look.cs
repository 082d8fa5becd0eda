using Resurgam.Core.Ledgers;

namespace Resurgam.Core.Duties;

public abstract partial record Duty
{
    /// <summary>The plan is held against what is really there: every half hour, and when it has changed.</summary>
    public sealed record Look : Duty
    {
        private static readonly TimeSpan Period = TimeSpan.FromMinutes(30);

        public override StreamName Stream => StreamName.OfDuty("readiness");

        public override string Name => "readiness";

        public override DutyLane Lane => DutyLane.Look;

        /// <param name="changedAt">Since when the plan is as it is; null: nobody saw it change.</param>
        /// <param name="now">The moment.</param>
        internal static Look Due(DateTimeOffset? changedAt, DateTimeOffset now)
        {
            DateTimeOffset slot = new(now.UtcTicks - (now.UtcTicks % Period.Ticks), TimeSpan.Zero);
            return new Look { DueAt = changedAt > slot && changedAt <= now ? changedAt.Value : slot };
        }
    }
}
