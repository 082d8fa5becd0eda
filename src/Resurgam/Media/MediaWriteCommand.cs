using System.CommandLine;
using Resurgam.Adapters.Media;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Media;
using Resurgam.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Media;

internal static class MediaWriteCommand
{
    public static Command Create()
    {
        Option<string> to = new("--to")
        {
            Description =
                "A folder (a disk, an LTFS mount), which gets a file for each volume, or a device (a tape), which gets one.",
            HelpName = "PATH",
            Required = true,
        };
        Option<ByteSize?> size = new("--volume-size")
        {
            Description = "The most that one volume may have: 100GB, 2.5TB.",
            HelpName = "SIZE",
            CustomParser = result =>
            {
                if (ByteSize.TryParse(result.Tokens[0].Value, out var bytes) && bytes.Bytes > 0)
                    return bytes;
                result.AddError($"'{result.Tokens[0].Value}' is not a size; write for example 100GB or 2.5TB");
                return null;
            },
        };
        Option<string[]> generation = new("--generation")
        {
            Description =
                "Only this month of the vault, with the keys and the ledger; all otherwise. May be given several times.",
            HelpName = "YYYY-MM",
        };
        Option<string?> set = new("--set")
        {
            Description = "Go on with the volumes of a set that was begun.",
            HelpName = "SET",
        };
        Option<bool> dryRun = new("--dry-run") { Description = "Only say which volumes there would be." };
        Command command = new("write", "Write the vault to numbered volumes.") { to, size, generation, set, dryRun };
        command.Validators.Add(line =>
        {
            if ((line.GetValue(size) is null) == (line.GetValue(set) is null))
                line.AddError("'vault media write' takes --volume-size for a new set, or --set to go on with one");
        });
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    new MediaWriteRequest(
                        line.GetRequiredValue(to),
                        line.GetValue(size),
                        line.GetValue(generation) is { Length: > 0 } some ? some : null,
                        line.GetValue(set),
                        line.GetValue(dryRun)
                    ),
                    cancellationToken
                )
        );
        return command;
    }

    /// <returns>Exit code: 0 when all volumes are written and whole, 20 when the vault has damage, 40 when another medium is wanted.</returns>
    internal static async Task<int> RunAsync(
        Session session,
        MediaWriteRequest request,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var to = session.AbsolutePath(request.To);
        var place = VolumePlace.Open(to);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var set = await SetOfAsync(session, plan, vault, request, cancellationToken);
        var media = await MediaLedger.ReadAsync(vault.OpenLedger(), cancellationToken);
        var done = media.Find(set.Id)?.Volumes.Select(volume => volume.Written.Number).ToHashSet() ?? [];
        List<int> left = [.. Enumerable.Range(1, set.Volumes.Count).Where(number => !done.Contains(number))];
        List<MediaVolumeView> written = [];
        if (!request.IsDryRun)
        {
            SetFile.Save(session, plan, set);
            MediaWriter writer = new(vault.Store, set, session.Progress);
            foreach (var number in place.IsFolder ? left : left.Take(1).ToList())
                written.Add(await WriteAsync(session, plan, vault, set, writer, place, number, cancellationToken));
            left.RemoveAll(number => written.Exists(volume => volume.Number == number));
            if (left.Count == 0)
            {
                SetFile.Remove(session, plan, set.Id);
                if (place.IsFolder)
                    await WriteSheetAsync(vault, set, place, cancellationToken);
            }
        }
        MediaWriteDocument document = new(
            set.Id,
            request.IsDryRun,
            set.Generations,
            set.Volumes.Count,
            set.TotalBytes,
            to,
            written,
            left
        );
        session.Output.Write(
            document,
            MediaDocuments.Json.MediaWriteDocument,
            text => WriteText(text, document, place)
        );
        return written.Exists(volume => volume.Damaged.Count > 0) ? ExitCode.VaultDamaged
            : left.Count > 0 && !request.IsDryRun ? ExitCode.RunWaits
            : ExitCode.Success;
    }

    private static async Task<MediaSet> SetOfAsync(
        Session session,
        Plan plan,
        Vault vault,
        MediaWriteRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.Set is { } begun)
            return SetFile.Find(session, plan, begun) ?? throw MediaProblems.NotBegun(begun);
        Require.That(request.VolumeSize is not null, "a new set has a volume size");
        var id = new byte[4];
        session.Entropy.Fill(id);
        return await MediaSet.PlanAsync(
            vault.Store,
            request.Generations,
            request.VolumeSize.Value.Bytes,
            Convert.ToHexStringLower(id),
            session.Time.GetUtcNow(),
            cancellationToken
        );
    }

    /// <summary>Writes a volume, reads it back, and tells the ledger.</summary>
    private static async Task<MediaVolumeView> WriteAsync(
        Session session,
        Plan plan,
        Vault vault,
        MediaSet set,
        MediaWriter writer,
        VolumePlace place,
        int number,
        CancellationToken cancellationToken
    )
    {
        var volume = await place.WriteAsync(writer, set.Id, number, cancellationToken);
        var path = place.PathOf(set.Id, number);
        if (place.IsFolder)
            await ReadBackAsync(session, path, volume, cancellationToken);
        MediaWritten fact = new(
            set.Id,
            set.Volumes.Count,
            set.Generations,
            path,
            [
                new MediaWrittenVolume(
                    number,
                    volume.LengthBytes,
                    volume.Sha256.Hex,
                    volume.Objects,
                    volume.Lost.Count + volume.Damaged.Count
                ),
            ]
        );
        await new LedgerRecorder(session, plan, vault).RecordAsync(StreamName.Vault, fact.ToFact());
        return new MediaVolumeView(
            number,
            path,
            volume.Objects,
            volume.LengthBytes,
            volume.Sha256,
            place.IsFolder,
            volume.Lost,
            volume.Damaged
        );
    }

    private static async Task ReadBackAsync(
        Session session,
        string path,
        MediaVolume volume,
        CancellationToken cancellationToken
    )
    {
        await using var file = VolumePlace.OpenToRead(path);
        var report = await new MediaReading(target: null, session.Progress).ReadAsync(path, file, cancellationToken);
        if (report.FaultAgainst(volume.Sha256.Hex) is { } fault)
            throw MediaProblems.NotAsWritten(path, fault);
    }

    private static async Task WriteSheetAsync(
        Vault vault,
        MediaSet set,
        VolumePlace place,
        CancellationToken cancellationToken
    )
    {
        var ledger = await MediaLedger.ReadAsync(vault.OpenLedger(), cancellationToken);
        if (ledger.Find(set.Id) is not { } state)
            return; // the ledger waits on this machine: 'vault media sheet' prints it later
        var path = place.SheetPathOf(set.Id);
        try
        {
            await File.WriteAllTextAsync(path, MediaSheet.Of(state, set.VaultId), cancellationToken);
        }
        catch (IOException e)
        {
            throw MediaProblems.NotWritten(path, e.Message);
        }
    }

    private static void WriteText(TextWriter text, MediaWriteDocument document, VolumePlace place)
    {
        text.WriteLine(
            $"set {document.Set}: {document.Of} {(document.Of == 1 ? "volume" : "volumes")}, {new ByteSize(document.TotalBytes)} of generations {string.Join(", ", document.Generations)}"
        );
        foreach (var volume in document.Written)
        {
            text.WriteLine(
                $"volume {volume.Number}  {volume.Objects} objects, {new ByteSize(volume.LengthBytes)}, SHA-256 {volume.Sha256.Hex[..16]}...{(volume.ReadBack ? ", read back" : "")}"
            );
            foreach (var key in volume.Damaged)
                text.WriteLine($"          damaged in the vault, left out: {key}");
            foreach (var key in volume.Lost)
                text.WriteLine($"          merged meanwhile, in none of these volumes: {key}");
        }
        if (document.DryRun)
            text.WriteLine("nothing was written (--dry-run)");
        else if (document.Left.Count > 0)
            text.WriteLine(
                $"next is volume {document.Left[0]}: put the next medium in, then 'resurgam vault media write --set {document.Set} --to {document.To}'"
            );
        else if (place.IsFolder)
            text.WriteLine($"the sheet for the box is {place.SheetPathOf(document.Set)}");
        else
            text.WriteLine($"'resurgam vault media sheet {document.Set}' prints the sheet for the box");
    }
}

/// <param name="VolumeSize">Of a new set.</param>
/// <param name="Generations">Null: all.</param>
/// <param name="Set">One that was begun.</param>
internal sealed record MediaWriteRequest(
    string To,
    ByteSize? VolumeSize,
    IReadOnlyList<string>? Generations,
    string? Set,
    bool IsDryRun
);
