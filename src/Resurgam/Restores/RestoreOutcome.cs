using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Vaults;

namespace Resurgam.Restores;

/// <param name="RecoveredTo">The recovery point that was reached, or that the cluster will recover to.</param>
internal sealed record RestoreOutcome(
    BlobId Snapshot,
    string? RecoveredTo,
    long BytesWritten,
    TimeSpan Duration,
    IReadOnlyList<string> Notes
);

/// <summary>What <c>restore</c> prints.</summary>
internal sealed record RestoreDocument(
    string? Asset,
    BlobId Snapshot,
    string Target,
    string? RecoveredTo,
    long BytesWritten,
    TimeSpan Duration,
    IReadOnlyList<string> Notes
);

[JsonSerializable(typeof(RestoreDocument))]
internal sealed partial class RestoreDocuments : JsonSerializerContext
{
    public static readonly RestoreDocuments Json = new(CliJson.NewOptions());
}
