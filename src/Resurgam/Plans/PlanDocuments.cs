using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Plans;

namespace Resurgam.Plans;

/// <summary>What <c>plan check</c> prints.</summary>
/// <param name="Hash">Of the plan; null when it cannot be read.</param>
internal sealed record PlanCheckDocument(string File, string? Hash, IReadOnlyList<FindingView> Findings);

/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Severity"><c>error</c> or <c>warning</c>.</param>
internal sealed record FindingView(string Code, string Severity, int Line, int Column, string Message, string Hint);

/// <summary>What <c>plan show</c> prints.</summary>
/// <param name="Plan">The canonical form, defaults written out.</param>
/// <param name="StateDirectory">The folder that holds on this machine.</param>
internal sealed record PlanShowDocument(string File, string Hash, string StateDirectory, JsonElement Plan);

/// <summary>What <c>plan render</c> prints.</summary>
/// <param name="Hash">Of the plan that is signed.</param>
internal sealed record PlanRenderDocument(string Hash, string Document);

/// <summary>What <c>plan diff</c> prints.</summary>
/// <param name="Before">Hash of the old plan.</param>
/// <param name="After">Hash of the new one.</param>
internal sealed record PlanDiffDocument(string Before, string After, IReadOnlyList<PlanChange> Changes);

[JsonSerializable(typeof(PlanCheckDocument))]
[JsonSerializable(typeof(PlanRenderDocument))]
[JsonSerializable(typeof(PlanDiffDocument))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(PlanShowDocument))]
internal sealed partial class PlanDocuments : JsonSerializerContext
{
    public static readonly PlanDocuments Json = new(CliJson.NewOptions());
}
