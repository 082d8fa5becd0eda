using System.CommandLine;
using Resurgam.Adapters.Media;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Vaults.Media;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Media;

/// <summary><c>taken</c>, <c>confirmed</c> and <c>destroyed</c>: the hands that volumes go through, in the ledger.</summary>
internal static class CustodyCommand
{
    public static Command Create(MediaAct act)
    {
        Argument<string> set = new("set") { Description = "The set ('vault media list')." };
        Option<int[]> volume = new("--volume")
        {
            Description = "Only this volume; all of the set otherwise. May be given several times.",
            HelpName = "NUMBER",
        };
        Option<string> by = new("--by")
        {
            Description = "Who: the name of a person or of a carrier.",
            HelpName = "PERSON",
            Required = true,
        };
        Option<string?> place = new("--place")
        {
            Description = act == MediaAct.Taken ? "Where it is taken to." : "Where it is.",
            HelpName = "TEXT",
            Required = act == MediaAct.Taken,
        };
        Option<string?> note = new("--note")
        {
            Description =
                act == MediaAct.Destroyed
                    ? "How it was destroyed, or the number of the certificate."
                    : "A seal's number, a waybill; never names of patients.",
            HelpName = "TEXT",
            Required = act == MediaAct.Destroyed,
        };
        Option<string[]> read = new("--read")
        {
            Description = "Read these volumes first: only what is as it was written is confirmed.",
            HelpName = "PATH",
        };
        Command command = new(MediaSheet.WordOf(act), DescriptionOf(act)) { set, volume, by, place, note };
        if (act == MediaAct.Confirmed)
            command.Add(read);
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    new CustodyRequest(
                        act,
                        line.GetRequiredValue(set),
                        line.GetValue(volume) ?? [],
                        line.GetRequiredValue(by),
                        line.GetValue(place),
                        line.GetValue(note),
                        act == MediaAct.Confirmed ? line.GetValue(read) ?? [] : []
                    ),
                    cancellationToken
                )
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        CustodyRequest request,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var set = (await MediaLedger.ReadAsync(vault.OpenLedger(), cancellationToken)).Get(request.Set);
        var isRead = request.Read.Count > 0;
        var volumes =
            isRead ? await ReadAsync(session, set, request.Read, cancellationToken)
            : request.Volumes.Count > 0 ? request.Volumes
            : [.. set.Volumes.Where(volume => !volume.IsDestroyed).Select(volume => volume.Written.Number)];
        foreach (var number in volumes)
            if (set.Get(number).IsDestroyed)
                throw MediaProblems.IsDestroyed(request.Set, number);
        MediaCustody custody = new(
            request.Set,
            [.. volumes.Distinct().Order()],
            request.Act,
            request.By,
            request.Place ?? (request.Act == MediaAct.Confirmed ? LastPlaceOf(set, volumes) : null),
            request.Note,
            isRead
        );
        // Not through the recorder, which would let it wait on this machine: custody is a statement in the ledger, or none.
        var entry = await LedgerAccess
            .OpenWriter(session, plan, vault)
            .AppendAsync(StreamName.Vault, custody.ToFact(), cancellationToken);
        CustodyDocument document = new(
            custody.Set,
            custody.Volumes,
            MediaSheet.WordOf(custody.Act),
            custody.Person,
            custody.Place,
            custody.Note,
            custody.WasRead
        )
        {
            Ledger = EntryView.Of(entry),
        };
        session.Output.Write(
            document,
            MediaDocuments.Json.CustodyDocument,
            text =>
                text.WriteLine(
                    $"set {document.Set}, {(document.Volumes.Count == 1 ? "volume" : "volumes")} {string.Join(", ", document.Volumes)}: {document.Act} by {document.Person}{(document.Place is { } place ? $", {place}" : "")}{(document.Read ? ", read and whole" : "")}"
                )
        );
        return ExitCode.Success;
    }

    /// <returns>The numbers of the volumes, each of them as the ledger knows it.</returns>
    /// <exception cref="Core.Problems.ResurgamException"><c>media-damaged</c>, <c>media-no-volume</c></exception>
    private static async Task<IReadOnlyList<int>> ReadAsync(
        Session session,
        MediaSetState set,
        IReadOnlyList<string> paths,
        CancellationToken cancellationToken
    )
    {
        List<int> numbers = [];
        MediaReading reading = new(target: null, session.Progress);
        foreach (var path in paths.SelectMany(path => VolumePlace.VolumesAt(session.AbsolutePath(path))))
        {
            await using var volume = VolumePlace.OpenToRead(path);
            var report = await reading.ReadAsync(path, volume, cancellationToken);
            if (report.Label is not { } label || label.Set != set.Written.Set)
                throw MediaProblems.NotAsWritten(path, $"it is no volume of set {set.Written.Set}");
            if (report.FaultAgainst(set.Get(label.Number).Written.Sha256) is { } fault)
                throw MediaProblems.NotAsWritten(path, fault);
            numbers.Add(label.Number);
        }
        return numbers;
    }

    private static string? LastPlaceOf(MediaSetState set, IReadOnlyList<int> volumes) =>
        volumes.Select(number => set.Get(number).Moves.LastOrDefault()?.Custody.Place).Distinct().ToList() is [var one]
            ? one
            : null;

    private static string DescriptionOf(MediaAct act) =>
        act switch
        {
            MediaAct.Taken => "Record that somebody took volumes, and where to.",
            MediaAct.Confirmed => "Record that somebody found volumes where they should be, or read them whole.",
            MediaAct.Destroyed => "Record that volumes were destroyed.",
        };
}

/// <param name="Volumes">None: all of the set.</param>
/// <param name="Read">Paths of volumes to read first.</param>
internal sealed record CustodyRequest(
    MediaAct Act,
    string Set,
    IReadOnlyList<int> Volumes,
    string By,
    string? Place,
    string? Note,
    IReadOnlyList<string> Read
);
