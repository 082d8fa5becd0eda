using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Demo.Scenarios;

namespace Resurgam.Demo;

/// <summary>What <c>demo</c> prints.</summary>
/// <param name="Committed">Transactions that the writer was told were committed.</param>
/// <param name="Recovered">Of these, found in the recovered cluster with the content that was written.</param>
/// <param name="Lost">Of these, missing or different: 0, or the promise is broken.</param>
/// <param name="RecoverySeconds">From the destruction to a cluster that answers.</param>
/// <param name="LossSeconds">From the last recovered commit to the last acknowledged one.</param>
/// <param name="Folder">Null when it was removed.</param>
internal sealed record DemoDocument(
    long Committed,
    long Recovered,
    long Lost,
    double RecoverySeconds,
    double LossSeconds,
    long DatabaseBytes,
    long VaultBytes,
    long FirstBackupStored,
    long SecondBackupStored,
    bool VerificationPassed,
    double VerificationSeconds,
    double Duration,
    string PostgresVersion,
    string? Folder
)
{
    /// <summary>Of <c>--all</c>: every asset, the database first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DemoAsset>? Assets { get; init; }

    /// <summary>Of <c>--all</c>: what could not be shown here, and why.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DemoLeftOut>? LeftOut { get; init; }

    [JsonIgnore]
    public bool IsWhole => Lost == 0 && VerificationPassed && (Assets ?? []).All(asset => asset.Lost == 0);
}

/// <param name="Lost">Transactions, sessions, commits or objects that were acknowledged and are missing or different.</param>
/// <param name="RecoverySeconds">From the destruction until it was back.</param>
internal sealed record DemoAsset(string Asset, string Kind, long Lost, double RecoverySeconds);

internal sealed record DemoLeftOut(string Asset, string Kind, string Reason);

[JsonSerializable(typeof(DemoDocument))]
[JsonSerializable(typeof(ScenarioDocument))]
[JsonSerializable(typeof(DemoDrillDocument))]
internal sealed partial class DemoDocuments : JsonSerializerContext
{
    public static readonly DemoDocuments Json = new(CliJson.NewOptions());
}
