using System.CommandLine;
using Resurgam.Adapters.Media;
using Resurgam.Adapters.Stores;
using Resurgam.Cli;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Media;

namespace Resurgam.Media;

internal static class MediaReadCommand
{
    public static Command Create()
    {
        var volumes = NewVolumesArgument();
        Option<string> to = new("--to")
        {
            Description = "The folder that becomes the vault: empty, or begun from other volumes of it.",
            HelpName = "FOLDER",
            Required = true,
        };
        Command command = new(
            "read",
            "Bring a vault back from its volumes alone, in any order; needs no plan and no secret."
        )
        {
            volumes,
            to,
        };
        command.SetAction(
            (line, cancellationToken) =>
            {
                var session = Session.Of(line);
                var folder = session.AbsolutePath(line.GetRequiredValue(to));
                return RunAsync(
                    session,
                    line.GetRequiredValue(volumes),
                    new FolderStore(folder, session.Entropy),
                    cancellationToken
                );
            }
        );
        return command;
    }

    public static Argument<string[]> NewVolumesArgument() =>
        new("volumes") { Description = "Files, devices, or folders of files.", Arity = ArgumentArity.OneOrMore };

    /// <param name="target">Null: they are only checked.</param>
    /// <returns>Exit code: 0 when everything is there and whole, 20 when a volume is damaged, 25 when a vault still needs others.</returns>
    internal static async Task<int> RunAsync(
        Session session,
        IReadOnlyList<string> paths,
        IStore? target,
        CancellationToken cancellationToken
    )
    {
        MediaReading reading = new(target, session.Progress);
        List<MediaVolumeReport> reports = [];
        List<ErrorView> refused = [];
        var volumes = paths.SelectMany(path => VolumePlace.VolumesAt(session.AbsolutePath(path))).ToList();
        if (volumes.Count == 0)
            throw MediaProblems.NotThere(string.Join(", ", paths));
        foreach (var path in volumes)
        {
            try
            {
                await using var volume = VolumePlace.OpenToRead(path);
                reports.Add(await reading.ReadAsync(path, volume, cancellationToken));
            }
            catch (ResurgamException e) when (e.Problem.Code == MediaProblems.NoVolumeCode)
            {
                refused.Add(ErrorView.Of(e.Problem)); // one that is no volume any more keeps no other from being read
            }
        }
        var sets = await reading.ReportAsync(cancellationToken);
        MediaReadDocument document = new(
            refused.Count == 0
                && (target is null || sets.All(set => set.IsComplete))
                && reports.TrueForAll(report => report.Faults.Count == 0),
            target?.Name,
            [.. reports.Select(MediaReadVolumeView.From)],
            [.. sets.Select(MediaReadSetView.From)],
            refused
        );
        session.Output.Write(document, MediaDocuments.Json.MediaReadDocument, text => WriteText(text, document));
        return document.Passed ? ExitCode.Success
            : refused.Count > 0 || reports.Exists(report => report.Faults.Count > 0) ? ExitCode.VaultDamaged
            : ExitCode.RestoreIncomplete;
    }

    private static void WriteText(TextWriter text, MediaReadDocument document)
    {
        foreach (var volume in document.Volumes)
        {
            var label = volume.Set is null ? "no label" : $"volume {volume.Number} of {volume.Of}, set {volume.Set}";
            var brought = document.To is null ? "" : $", {volume.Brought} of them new";
            text.WriteLine(
                $"{volume.Name}: {label}: {volume.Objects} objects{brought}, {new ByteSize(volume.LengthBytes)}"
            );
            text.WriteLine($"  SHA-256 {volume.Sha256.Hex}");
            foreach (var fault in volume.Faults)
                text.WriteLine($"  DAMAGED: {(fault.Key is null ? "" : $"{fault.Key}: ")}{fault.How}");
        }
        foreach (var problem in document.Refused)
            text.WriteLine($"DAMAGED: {problem.What}");
        foreach (var set in document.Sets)
        {
            if (set.Needed.Count > 0)
                text.WriteLine(
                    $"set {set.Set}: {(document.To is null ? "not among them" : "still needed")}: {(set.Needed.Count == 1 ? "volume" : "volumes")} {string.Join(", ", set.Needed)} of {set.Of}"
                );
            else if (set.Missing.Count == 0)
                text.WriteLine(
                    document.To is null
                        ? $"set {set.Set}: all {set.Of} volumes are here"
                        : $"set {set.Set}: complete; the vault is {document.To}"
                );
            foreach (
                var missing in set.Missing.Where(missing => missing.Volume == 0 || !set.Needed.Contains(missing.Volume))
            )
                text.WriteLine(
                    $"  missing: {missing.Key}{(missing.Volume > 0 ? $", of volume {missing.Volume}" : "")}"
                );
        }
        if (document.To is not null && document.Sets.Any(set => set.Needed.Count == 0 && set.Missing.Count > 0))
            text.WriteLine(
                "what is missing is damaged on its volume: 'resurgam vault check' tells which snapshots are whole without it, 'vault heal' brings it from a replica"
            );
    }
}
