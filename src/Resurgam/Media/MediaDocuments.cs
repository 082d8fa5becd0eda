using System.Text.Json.Serialization;
using Resurgam.Cli;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Media;
using Resurgam.Ledgers;

namespace Resurgam.Media;

/// <summary>What <c>vault media write</c> prints.</summary>
/// <param name="Of">How many volumes the set has.</param>
/// <param name="TotalBytes">Of all objects, those on every volume not counted.</param>
/// <param name="Written">Now.</param>
/// <param name="Left">Numbers of the volumes that are still to be written.</param>
internal sealed record MediaWriteDocument(
    string Set,
    bool DryRun,
    IReadOnlyList<string> Generations,
    int Of,
    long TotalBytes,
    string To,
    IReadOnlyList<MediaVolumeView> Written,
    IReadOnlyList<int> Left
);

/// <param name="ReadBack">It was read again and compared; a device has to be rewound for that.</param>
/// <param name="Lost">Objects that were merged while the volume was written, and are on none.</param>
/// <param name="Damaged">Objects that are damaged in the vault.</param>
internal sealed record MediaVolumeView(
    int Number,
    string Path,
    int Objects,
    long LengthBytes,
    BlobId Sha256,
    bool ReadBack,
    IReadOnlyList<string> Lost,
    IReadOnlyList<string> Damaged
);

/// <summary>What <c>vault media read</c> and <c>check</c> print.</summary>
/// <param name="To">Null: nothing was brought anywhere.</param>
/// <param name="Refused">What was named and is no volume, or not any more.</param>
internal sealed record MediaReadDocument(
    bool Passed,
    string? To,
    IReadOnlyList<MediaReadVolumeView> Volumes,
    IReadOnlyList<MediaReadSetView> Sets,
    IReadOnlyList<ErrorView> Refused
);

/// <param name="Set">Null when the label is damaged.</param>
internal sealed record MediaReadVolumeView(
    string Name,
    string? Set,
    int? Number,
    int? Of,
    int Objects,
    int Brought,
    long LengthBytes,
    BlobId Sha256,
    IReadOnlyList<MediaFault> Faults
)
{
    public static MediaReadVolumeView From(MediaVolumeReport report) =>
        new(
            report.Name,
            report.Label?.Set,
            report.Label?.Number,
            report.Label?.Of,
            report.Objects,
            report.Brought,
            report.LengthBytes,
            report.Sha256,
            report.Faults
        );
}

/// <param name="Needed">Volumes that have something that is not there yet.</param>
internal sealed record MediaReadSetView(
    string Set,
    int Of,
    IReadOnlyList<string> Generations,
    IReadOnlyList<int> Needed,
    IReadOnlyList<int> Damaged,
    IReadOnlyList<MediaMissing> Missing
)
{
    public static MediaReadSetView From(MediaSetReport report) =>
        new(report.Label.Set, report.Label.Of, report.Label.Generations, report.Needed, report.Damaged, report.Missing);
}

/// <summary>What <c>vault media list</c> prints.</summary>
internal sealed record MediaListDocument(IReadOnlyList<MediaSetView> Sets);

/// <param name="ExpiredGenerations">Of its generations, those that are destroyed in the vault: these volumes should be, too.</param>
internal sealed record MediaSetView(
    string Set,
    DateTimeOffset WrittenAt,
    string WrittenBy,
    int Of,
    IReadOnlyList<string> Generations,
    IReadOnlyList<string> ExpiredGenerations,
    IReadOnlyList<MediaVolumeCustodyView> Volumes
)
{
    public static MediaSetView From(MediaSetState set, IReadOnlyCollection<string> expired) =>
        new(
            set.Written.Set,
            set.WrittenAt,
            set.WrittenBy,
            set.Written.Of,
            set.Written.Generations,
            [.. set.Written.Generations.Where(expired.Contains)],
            [.. set.Volumes.Select(MediaVolumeCustodyView.From)]
        );
}

/// <param name="State"><c>written</c>, <c>taken</c>, <c>confirmed</c> or <c>destroyed</c>.</param>
internal sealed record MediaVolumeCustodyView(
    int Number,
    string State,
    string WrittenTo,
    long LengthBytes,
    string Sha256,
    IReadOnlyList<MediaMoveView> Moves
)
{
    public static MediaVolumeCustodyView From(MediaVolumeState volume) =>
        new(
            volume.Written.Number,
            volume.Moves is [.., var last] ? MediaSheet.WordOf(last.Custody.Act) : MediaWords.Written,
            volume.WrittenTo,
            volume.Written.LengthBytes,
            volume.Written.Sha256,
            [
                .. volume.Moves.Select(move => new MediaMoveView(
                    MediaSheet.WordOf(move.Custody.Act),
                    move.Custody.Person,
                    move.Custody.Place,
                    move.Custody.Note,
                    move.Custody.WasRead,
                    move.At,
                    move.RecordedBy
                )),
            ]
        );
}

/// <param name="Read">It was read from end to end and was as it was written.</param>
internal sealed record MediaMoveView(
    string Act,
    string Person,
    string? Place,
    string? Note,
    bool Read,
    DateTimeOffset At,
    string RecordedBy
);

/// <summary>What <c>vault media sheet</c> prints.</summary>
internal sealed record MediaSheetDocument(string Set, string Sheet);

/// <summary>What <c>vault media taken</c>, <c>confirmed</c> and <c>destroyed</c> print.</summary>
internal sealed record CustodyDocument(
    string Set,
    IReadOnlyList<int> Volumes,
    string Act,
    string Person,
    string? Place,
    string? Note,
    bool Read
)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntryView? Ledger { get; init; }
}

internal static class MediaWords
{
    public const string Written = "written";

    public static readonly string Destroyed = MediaSheet.WordOf(MediaAct.Destroyed);
}

[JsonSerializable(typeof(MediaWriteDocument))]
[JsonSerializable(typeof(MediaReadDocument))]
[JsonSerializable(typeof(MediaListDocument))]
[JsonSerializable(typeof(MediaSheetDocument))]
[JsonSerializable(typeof(CustodyDocument))]
internal sealed partial class MediaDocuments : JsonSerializerContext
{
    public static readonly MediaDocuments Json = new(CliJson.NewOptions());
}
