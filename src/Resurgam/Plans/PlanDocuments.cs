using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Cli;

namespace Resurgam.Plans;

/// <summary>What <c>plan check</c> prints.</summary>
/// <param name="Hash">Of the plan; null when it cannot be read.</param>
internal sealed record PlanCheckDocument(string File, string? Hash, IReadOnlyList<FindingView> Findings);

/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
internal sealed record FindingView(string Code, int Line, int Column, string Message, string Hint);

/// <summary>What <c>plan show</c> prints.</summary>
/// <param name="Plan">The canonical form, defaults written out.</param>
/// <param name="StateDirectory">The folder that holds on this machine.</param>
internal sealed record PlanShowDocument(string File, string Hash, string StateDirectory, JsonElement Plan);

[JsonSerializable(typeof(PlanCheckDocument))]
[JsonSerializable(typeof(PlanShowDocument))]
internal sealed partial class PlanDocuments : JsonSerializerContext
{
    public static readonly PlanDocuments Json = new(CliJson.NewOptions());
}
