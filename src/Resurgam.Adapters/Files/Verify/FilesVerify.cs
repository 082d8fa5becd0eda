using System.Globalization;
using Resurgam.Adapters.Files.Restore;
using Resurgam.Core.Assets;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files.Verify;

/// <summary>
/// Restores a snapshot of files into a scratch folder, compares every entry there with what the snapshot says of it, and
/// reads every byte back. What the files are good for, only their owner knows.
/// </summary>
/// <param name="folder">Of this asset's verifications; what is restored there is gone afterwards.</param>
public sealed class FilesVerify(Vault vault, string folder, IWorkProgress progress)
{
    private const long LeastReserveBytes = 64 << 20;

    private readonly List<VerificationCheck> _checks = [];
    private readonly VerificationClock _clock = new(vault.Host.Time);
    private readonly string _data = Path.Combine(folder, "data");

    public async Task<VerificationReport> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        FolderRemoval.Remove(_data);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            await CheckRoomAsync(snapshot, cancellationToken);
            var restored = await _clock.TimeAsync(
                "restore",
                () => RestoreAsync(snapshot, isDelta: false, cancellationToken)
            );
            var notes = restored.Notes.Count == 0 ? "" : $"; {string.Join("; ", restored.Notes)}";
            Check("restore", passed: true, $"{new ByteSize(restored.BytesTotal)} restored{notes}");
            await _clock.TimeAsync("compare", () => CompareAsync(snapshot, restored.Withheld, cancellationToken));
            var read = await _clock.TimeAsync(
                "read back",
                () => RestoreAsync(snapshot, isDelta: true, cancellationToken)
            );
            Check(
                "contents",
                read.BytesWritten == 0,
                read.BytesWritten == 0
                    ? $"{new ByteSize(read.BytesTotal)} read back, and as the snapshot's hashes say"
                    : $"{new ByteSize(read.BytesWritten)} read back otherwise than they were written"
            );
            return new VerificationReport(_checks, _clock.Steps, Lsn: null, LastCommitAt: null)
            {
                AsOf = snapshot.TakenAt,
                BytesTotal = restored.BytesTotal,
                BytesWritten = restored.BytesWritten,
            };
        }
        finally
        {
            FolderRemoval.Remove(_data); // what it holds lies nowhere else in clear
        }
    }

    private Task<FilesRestoreResult> RestoreAsync(
        SnapshotEntry snapshot,
        bool isDelta,
        CancellationToken cancellationToken
    ) =>
        new FilesRestore(vault, new FilesRestoreRequest { Target = _data, IsDelta = isDelta }, progress).RunAsync(
            snapshot,
            cancellationToken
        );

    /// <summary>The state folder has other things to hold, such as the spool of a stream: it is not filled up for this.</summary>
    private async Task CheckRoomAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        FilesRestore restore = new(vault, new FilesRestoreRequest { Target = _data }, progress);
        var needed = await restore.MeasureRoomAsync(snapshot, cancellationToken);
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free - needed < Math.Max(needed / 10, LeastReserveBytes))
            throw TargetProblems.NoRoomToVerify(folder, free, needed);
    }

    private async Task<int> CompareAsync(SnapshotEntry snapshot, Withheld withheld, CancellationToken cancellationToken)
    {
        progress.Stage("comparing what was restored");
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        using var root = FolderHandle.Open(_data);
        using EntryComparison comparison = new(root, withheld);
        await foreach (var (path, node) in reader.WalkAsync(snapshot, "", cancellationToken))
            comparison.Add(path, node);
        var count = comparison.Differences.Count;
        Check(
            "entries",
            count == 0,
            count == 0
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{comparison.Entries} files, folders and links, each as the snapshot has it{(withheld == Withheld.None ? ": type, length, mode, time of change, owner, attributes" : ", but for what the restore could not give back")}"
                )
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{count} of {comparison.Entries} differ: {string.Join("; ", comparison.Differences.Take(3))}"
                )
        );
        return count;
    }

    private void Check(string name, bool passed, string detail) =>
        _checks.Add(new VerificationCheck(name, passed, detail));
}
