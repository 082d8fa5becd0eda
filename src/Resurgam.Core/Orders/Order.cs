using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Resurgam.Core.Predictions;
using Resurgam.Core.Runs;

namespace Resurgam.Core.Orders;

public enum OrderKind
{
    Backup,
    Verify,

    /// <summary>Begin a run.</summary>
    Run,

    /// <summary>Go on with a run.</summary>
    Resume,
    Drill,
}

/// <summary>What a person asks a daemon to do, once.</summary>
public sealed record Order
{
    /// <summary>Of <see cref="IdOf"/>.</summary>
    public required string Id { get; init; }

    public required OrderKind Kind { get; init; }

    /// <summary>Name of an asset or a recovery set; of a runbook or a scenario; of a run; of a drill.</summary>
    public required string Of { get; init; }

    /// <summary>Who asks.</summary>
    public required string Person { get; init; }

    public required string Reason { get; init; }

    /// <summary>Recovery point; null: the latest.</summary>
    public string? At { get; init; }

    /// <summary>First digits of the snapshot that is to be verified; null: the newest.</summary>
    public string? Snapshot { get; init; }

    /// <summary>A verification without what the stream brought later.</summary>
    public bool IsSnapshotOnly { get; init; }

    /// <summary>A run on the targets of the drill.</summary>
    public bool IsDrill { get; init; }

    /// <summary>Although another process may still lead the run.</summary>
    public bool TakesOver { get; init; }

    /// <summary>The run that comes of it, or goes on. Null: none does.</summary>
    public RunId? Run { get; init; }

    /// <summary>The daemon that took it.</summary>
    public required string Owner { get; init; }

    /// <summary>The same key of the same person names the same order, for ever and at every daemon.</summary>
    public static string IdOf(string person, string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{person}\n{key}")).AsSpan(0, 12));

    /// <summary>It asks for the same, whoever took it and whatever run came of it.</summary>
    public bool IsSameAs(Order other) => this with { Owner = other.Owner, Run = other.Run } == other;

    public static string NameOf(OrderKind kind) =>
        kind switch
        {
            OrderKind.Backup => "backup",
            OrderKind.Verify => "verify",
            OrderKind.Run => "run",
            OrderKind.Resume => "resume",
            OrderKind.Drill => "drill",
        };

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("order", Id);
        json.WriteString("do", NameOf(Kind));
        json.WriteString("of", Of);
        json.WriteString("person", Person);
        json.WriteString("reason", Reason);
        if (At is not null)
            json.WriteString("at", At);
        if (Snapshot is not null)
            json.WriteString("snapshot", Snapshot);
        if (IsSnapshotOnly)
            json.WriteBoolean("snapshotOnly", true);
        if (IsDrill)
            json.WriteBoolean("drill", true);
        if (TakesOver)
            json.WriteBoolean("takeOver", true);
        if (Run is { } run)
            json.WriteString("run", run.Value);
        json.WriteString("owner", Owner);
    }

    /// <returns>Null for what a newer program wrote.</returns>
    internal static Order? TryRead(JsonElement body)
    {
        foreach (var kind in Enum.GetValues<OrderKind>())
            if (NameOf(kind) == body.FindText("do"))
                return new Order
                {
                    Id = body.FindText("order") ?? "",
                    Kind = kind,
                    Of = body.FindText("of") ?? "",
                    Person = body.FindText("person") ?? "",
                    Reason = body.FindText("reason") ?? "",
                    At = body.FindText("at"),
                    Snapshot = body.FindText("snapshot"),
                    IsSnapshotOnly = body.FindFlag("snapshotOnly") == true,
                    IsDrill = body.FindFlag("drill") == true,
                    TakesOver = body.FindFlag("takeOver") == true,
                    Run = body.FindText("run") is { } run ? new RunId(run) : null,
                    Owner = body.FindText("owner") ?? "",
                };
        return null;
    }
}

/// <summary>How an order ended.</summary>
/// <param name="Code">Of the problem that kept it from being done; null: it was done, well or badly.</param>
/// <param name="What">In words.</param>
public sealed record OrderEnding(bool Passed, string What, string? Code)
{
    /// <summary>When the ledger got it.</summary>
    public DateTimeOffset At { get; init; }
}
