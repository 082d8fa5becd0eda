using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Orders;
using Resurgam.Core.Problems;

namespace Resurgam.Serve;

/// <summary>An order, and what came of it.</summary>
/// <param name="Do"><c>backup</c>, <c>verify</c>, <c>run</c>, <c>resume</c>, <c>drill</c>.</param>
/// <param name="Run">The run that it began or goes on with.</param>
/// <param name="State"><c>working</c>, <c>passed</c>, <c>failed</c>; <c>left</c> while no daemon works on it.</param>
/// <param name="What">How it ended, in words.</param>
/// <param name="Code">Of the problem that kept it from being done.</param>
internal sealed record OrderView(
    string Order,
    string Do,
    string Of,
    string Person,
    string Reason,
    string? Run,
    string State,
    string? What,
    string? Code,
    DateTimeOffset AskedAt,
    DateTimeOffset? EndedAt
)
{
    public static OrderView OfState(OrderState state, bool isWorking) =>
        new(
            state.Order.Id,
            Core.Orders.Order.NameOf(state.Order.Kind),
            state.Order.Of,
            state.Order.Person,
            state.Order.Reason,
            state.Order.Run?.Value,
            state.Ending switch
            {
                { Passed: true } => "passed",
                { Passed: false } => "failed",
                null => isWorking ? "working" : "left",
            },
            state.Ending?.What,
            state.Ending?.Code,
            state.AskedAt,
            state.Ending?.At
        );
}

/// <summary>RFC 9457, with the code, the hint and the remedy that the command line gives.</summary>
internal sealed record ProblemDocument(
    string Type,
    string Title,
    int Status,
    string Detail,
    string Code,
    string Hint,
    string Remedy
)
{
    public static ProblemDocument Of(Problem problem, int status)
    {
        var view = ErrorView.Of(problem);
        return new ProblemDocument(
            $"urn:resurgam:problem:{view.Code}",
            view.What,
            status,
            view.Hint,
            view.Code,
            view.Hint,
            view.Remedy
        );
    }
}

/// <param name="Of">An asset or a recovery set.</param>
internal sealed record BackupBody(string Of, string? Reason = null);

/// <param name="Of">An asset or a recovery set.</param>
/// <param name="Snapshot">First digits of its id; null: the newest.</param>
internal sealed record VerifyBody(string Of, string? Reason = null, string? Snapshot = null, bool SnapshotOnly = false);

/// <param name="Runbook">A runbook, or a scenario.</param>
internal sealed record RunBody(string Runbook, string Reason, string? At = null, bool Drill = false);

internal sealed record DrillBody(string Drill, string? Reason = null, string? At = null);

internal sealed record ResumeBody(string Reason, bool TakeOver = false);

internal sealed record WordBody(string Reason);

/// <param name="Keep">Leave what was done as it is.</param>
internal sealed record AbortBody(string Reason, bool Keep = false);

[JsonSerializable(typeof(OrderView))]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class HttpDocuments : JsonSerializerContext
{
    public static readonly HttpDocuments Json = new(CliJson.NewOptions());
}

/// <summary>Bodies of requests: a misspelt member is refused, as a misspelt option is.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    NumberHandling = JsonNumberHandling.Strict,
    AllowDuplicateProperties = false
)]
[JsonSerializable(typeof(BackupBody))]
[JsonSerializable(typeof(VerifyBody))]
[JsonSerializable(typeof(RunBody))]
[JsonSerializable(typeof(DrillBody))]
[JsonSerializable(typeof(ResumeBody))]
[JsonSerializable(typeof(WordBody))]
[JsonSerializable(typeof(AbortBody))]
internal sealed partial class HttpBodies : JsonSerializerContext;
