using Resurgam.Core.Vaults.Format;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Files;

/// <summary>Regular files that are only compared with what a restore would write there.</summary>
/// <param name="paths">Absolute, in the order of the files.</param>
internal sealed class ComparedTarget(IReadOnlyList<string> paths) : IRestoreTarget
{
    public bool Begin(int file) => FileStatus.Find(paths[file]) is { Type: NodeType.File, SizeBytes: > 0 };

    public int Read(int file, long offset, Span<byte> buffer)
    {
        try
        {
            using var handle = File.OpenHandle(paths[file]);
            return FileReads.ReadFully(handle, offset, buffer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TargetProblems.Refused(paths[file], e);
        }
    }

    public IRestoreWriter OpenWriter() =>
        throw new System.Diagnostics.UnreachableException("a comparison writes nothing");

    public void Complete(int file) { }
}

/// <summary>What a restore over a folder would do to it, in words.</summary>
internal static class DeltaWords
{
    private const int MostNamed = 10;

    public static string Written(int files, IReadOnlyCollection<string> changed, Core.Values.ByteSize bytes) =>
        changed.Count == 0
            ? $"would write no content: all {files} files are as in the snapshot"
            : $"would write {bytes} in {changed.Count} of {files} files: {Names(changed)}";

    public static string Deleted(IReadOnlyCollection<string> extra) =>
        extra.Count == 0
            ? "would delete nothing"
            : $"would delete {extra.Count} files and folders that the snapshot does not have: {Names(extra)}";

    private static string Names(IReadOnlyCollection<string> all) =>
        string.Join(", ", all.Take(MostNamed)) + (all.Count > MostNamed ? ", …" : "");
}
