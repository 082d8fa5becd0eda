using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>A person, or a team that answers as one.</summary>
public sealed record Person
{
    public required string Name { get; init; }

    /// <summary>For people: <c>SRE on call</c>.</summary>
    public string? Role { get; init; }

    /// <summary>Names of channels, the first tried first.</summary>
    public ValueList<string> Reach { get; init; } = [];

    /// <summary>Their user on the daemon's machine, by which its unix socket knows them. Null: one of their name.</summary>
    public string? Login { get; init; }

    /// <summary>Where the token is found by which the daemon's HTTP interface knows them. Null: they have none.</summary>
    public SecretSource? Token { get; init; }

    /// <summary>What they may do there. Empty: everything.</summary>
    public ValueList<PersonRight> May { get; init; } = [];

    /// <summary>No two people of a plan have the same.</summary>
    public string User => Login ?? Name;
}

/// <summary>What somebody may do through the daemon's HTTP interface.</summary>
public enum PersonRight
{
    /// <summary>Look at runs and orders, and no more.</summary>
    Look,
    Backup,
    Verify,
    Drill,

    /// <summary>Begin runs, and go on with them.</summary>
    Run,

    /// <summary>Say words to runs: approve, reject, retry, skip, done, abort.</summary>
    Decide,
}

public static class PersonRights
{
    /// <summary>As the plan has it.</summary>
    public static string ToWord(this PersonRight right) =>
        right switch
        {
            PersonRight.Look => "look",
            PersonRight.Backup => "backup",
            PersonRight.Verify => "verify",
            PersonRight.Drill => "drill",
            PersonRight.Run => "run",
            PersonRight.Decide => "decide",
        };
}

/// <summary>A way to reach somebody.</summary>
public sealed record Channel
{
    public required string Name { get; init; }

    public required ChannelKind Kind { get; init; }

    /// <summary>Number or address. Null when it is a secret.</summary>
    public string? Address { get; init; }

    /// <summary>Where the address is found, when who knows it can write there.</summary>
    public SecretSource? Secret { get; init; }
}

public enum ChannelKind
{
    Phone,
    Email,
    Pager,
    Webhook,
    Chat,
    Portal,
}

/// <summary>Who is called, and who after whom.</summary>
public sealed record Escalation
{
    /// <summary>Name of a person.</summary>
    public required string Who { get; init; }

    /// <summary>So long after the first call.</summary>
    public TimeSpan After { get; init; }
}

/// <summary>How bad an incident is, and what then follows.</summary>
public sealed record Severity
{
    public required string Name { get; init; }

    public string? About { get; init; }

    public required TimeSpan RespondWithin { get; init; }

    /// <summary>Next word to those who wait. Null: none is promised.</summary>
    public TimeSpan? UpdateEvery { get; init; }

    /// <summary>Names of people and channels.</summary>
    public ValueList<string> Notify { get; init; } = [];
}

/// <summary>A notice. <c>{{ word }}</c> stands for what the incident knows.</summary>
public sealed record NoticeTemplate
{
    public required string Name { get; init; }

    public required string Subject { get; init; }

    public required string Body { get; init; }
}

/// <summary>Somebody who helps for money.</summary>
public sealed record Vendor
{
    public required string Name { get; init; }

    public string? About { get; init; }

    /// <summary>Contract or level of support.</summary>
    public string? Contract { get; init; }

    /// <summary>Names of channels.</summary>
    public ValueList<string> Reach { get; init; } = [];
}

/// <summary>What is measured, and the value it should have.</summary>
public sealed record MetricTarget
{
    public required string Name { get; init; }

    public required string About { get; init; }

    /// <summary>For people: <c>under 2h</c>, <c>99.9 %</c>.</summary>
    public required string Target { get; init; }
}
