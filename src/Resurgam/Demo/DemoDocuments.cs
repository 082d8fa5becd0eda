using System.Text.Json.Serialization;
using Resurgam.Cli;

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
);

[JsonSerializable(typeof(DemoDocument))]
internal sealed partial class DemoDocuments : JsonSerializerContext
{
    public static readonly DemoDocuments Json = new(CliJson.NewOptions());
}
