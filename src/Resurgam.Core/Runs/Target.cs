using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>
/// Something that steps act on. Closed: the kinds below, and those with files of their own below <c>Targets</c>;
/// <see cref="TargetForms"/> lists them.
/// </summary>
public abstract partial record Target
{
    private Target() { }

    public required TargetId Id { get; init; }

    /// <summary>As the plan's key <c>kind</c> has it.</summary>
    public abstract string Kind { get; }

    /// <summary>In canonical JSON with the keys of the plan: what a run embeds. Empty for what takes a place in a drill.</summary>
    public string Text { get; init; } = "";

    /// <summary>What takes its place in a drill. Null: then no drill touches it.</summary>
    public Target? Drill { get; init; }

    /// <summary>A PostgreSQL server.</summary>
    public sealed record Postgres : Target
    {
        public const string KindName = "postgres";

        public override string Kind => KindName;

        /// <summary>As libpq has it, without a password.</summary>
        public required string Connection { get; init; }

        /// <summary>As <see cref="Connection"/>: how clients reach it. Null: unknown.</summary>
        public string? Clients { get; init; }

        /// <summary>Absolute path; null: it is on another machine.</summary>
        public string? DataDirectory { get; init; }

        /// <summary>Folder with <c>pg_ctl</c>. Null: found by the cluster's version.</summary>
        public string? Binaries { get; init; }
    }

    /// <summary>A server that speaks HTTP.</summary>
    public sealed record Web : Target
    {
        public const string KindName = "web";

        public override string Kind => KindName;

        /// <summary>Scheme, host and port.</summary>
        public required string Url { get; init; }

        /// <summary>Sent as <c>Authorization: Bearer</c>. Null: none.</summary>
        public SecretSource? Token { get; init; }
    }

    /// <summary>An address that takes messages for people.</summary>
    public sealed record Webhook : Target
    {
        public const string KindName = "webhook";

        public override string Kind => KindName;

        /// <summary>Where the whole address is found: who has it can write there.</summary>
        public required SecretSource Url { get; init; }
    }

    /// <summary>A program that runs on this machine, as systemd or programs of its own start and stop it.</summary>
    public sealed record Service : Target
    {
        public const string KindName = "service";

        public override string Kind => KindName;

        /// <summary>Of systemd. Null: the programs below.</summary>
        public string? Unit { get; init; }

        /// <summary>Ends when the service runs.</summary>
        public ValueList<string>? Start { get; init; }

        /// <summary>Ends when the service is down.</summary>
        public ValueList<string>? Stop { get; init; }

        /// <summary>Exit code 0: it runs.</summary>
        public ValueList<string>? Probe { get; init; }
    }
}
