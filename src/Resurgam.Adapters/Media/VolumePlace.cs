using System.Globalization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Stores;
using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Media;

namespace Resurgam.Adapters.Media;

/// <summary>Where volumes are written: a folder (a disk, an LTFS mount), which takes a whole set as files, or a device (a tape), which takes one.</summary>
public sealed class VolumePlace
{
    private const string Partial = ".partial";

    /// <summary>What a tape gets at once: <c>tar -b 128</c>.</summary>
    private const int RecordBytes = 64 << 10;

    private const int BufferBytes = 1 << 20;

    private const string SheetStart = "resurgam-";
    private const string SheetEnd = ".txt";

    private readonly string _path;

    private VolumePlace(string path, bool isFolder) => (_path, IsFolder) = (path, isFolder);

    public bool IsFolder { get; }

    /// <param name="path">Absolute.</param>
    /// <exception cref="Core.Problems.ResurgamException"><c>media-not-written</c>: there is nothing of that name, or it is an ordinary file.</exception>
    public static VolumePlace Open(string path)
    {
        if (Directory.Exists(path))
            return new VolumePlace(path, isFolder: true);
        if (!File.Exists(path))
            throw MediaProblems.NoPlace(path, "there is no folder and no device of that name");
        // A device and a pipe have no length that could be set; an ordinary file is somebody's data.
        return IsOrdinary(path)
            ? throw MediaProblems.NoPlace(path, "it is a file")
            : new VolumePlace(path, isFolder: false);
    }

    /// <summary>Where that volume is, or will be.</summary>
    public string PathOf(string set, int number) =>
        IsFolder
            ? Path.Combine(_path, string.Create(CultureInfo.InvariantCulture, $"resurgam-{set}-{number:D3}.tar"))
            : _path;

    public string SheetPathOf(string set) => Path.Combine(_path, $"{SheetStart}{set}{SheetEnd}");

    /// <summary>Writes one volume. A file has its name only when all of it is on the disk.</summary>
    /// <exception cref="Core.Problems.ResurgamException"><c>media-not-written</c>: it is full, or refuses.</exception>
    public async Task<MediaVolume> WriteAsync(
        MediaWriter writer,
        string set,
        int number,
        CancellationToken cancellationToken
    )
    {
        var path = PathOf(set, number);
        try
        {
            return IsFolder
                ? await WriteFileAsync(writer, path, number, cancellationToken)
                : await WriteDeviceAsync(writer, path, number, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw MediaProblems.NotWritten(path, e.Message);
        }
    }

    /// <summary>
    /// Every volume that a path stands for: a folder's files in their order, else the path itself; none for a sheet of ours,
    /// which <c>box/*</c> names too.
    /// </summary>
    /// <exception cref="Core.Problems.ResurgamException"><c>media-no-volume</c>: there is none.</exception>
    public static IReadOnlyList<string> VolumesAt(string path)
    {
        if (!Directory.Exists(path))
            return IsSheet(path) ? []
                : File.Exists(path) ? [path]
                : throw MediaProblems.NotThere(path);
        var volumes = Directory.GetFiles(path, "*.tar").Order(StringComparer.Ordinal).ToList();
        return volumes.Count > 0 ? volumes : throw MediaProblems.NotThere(path);
    }

    /// <summary>To read a volume from its start; from the medium, not from the memory of what was just written.</summary>
    /// <exception cref="Core.Problems.ResurgamException"><c>media-no-volume</c>: it cannot be opened.</exception>
    public static Stream OpenToRead(string path)
    {
        try
        {
            FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BufferBytes);
            if (IsOrdinary(path))
                _ = Native.Advise((int)file.SafeFileHandle.DangerousGetHandle(), 0, 0, Native.WillNotNeed);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw MediaProblems.NotRead(path, e.Message);
        }
    }

    private static bool IsSheet(string path) =>
        Path.GetFileName(path) is var name
        && name.StartsWith(SheetStart, StringComparison.Ordinal)
        && name.EndsWith(SheetEnd, StringComparison.Ordinal)
        && File.Exists(path);

    private static bool IsOrdinary(string path) => FileStatus.FindTarget(path) is { Type: NodeType.File };

    private static async Task<MediaVolume> WriteFileAsync(
        MediaWriter writer,
        string path,
        int number,
        CancellationToken cancellationToken
    )
    {
        var partial = path + Partial;
        try
        {
            MediaVolume volume;
            await using (FileStream file = new(partial, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes))
            {
                volume = await writer.WriteAsync(number, file, cancellationToken);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }
            File.Move(partial, path, overwrite: true);
            DirectorySync.Flush(Path.GetDirectoryName(path) ?? "/");
            return volume;
        }
        catch
        {
            File.Delete(partial); // it would take the room that the next try needs
            throw;
        }
    }

    private static async Task<MediaVolume> WriteDeviceAsync(
        MediaWriter writer,
        string path,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using FileStream device = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        await using RecordStream records = new(device, RecordBytes);
        return await writer.WriteAsync(number, records, cancellationToken);
    }
}
