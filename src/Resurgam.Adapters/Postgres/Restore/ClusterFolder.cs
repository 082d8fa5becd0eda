using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Stores;

namespace Resurgam.Adapters.Postgres.Restore;

/// <summary>Written first and removed last: a folder with it holds an unfinished restore, which a rerun goes on with.</summary>
internal sealed record RestoreMarker(string Asset, string SystemIdentifier, string Snapshot)
{
    public const string FileName = ".resurgam-restore";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RestoreMarker))]
internal sealed partial class MarkerJson : JsonSerializerContext;

/// <summary>A folder that a cluster is restored to: what it holds, and whether that may be replaced.</summary>
internal sealed class ClusterFolder(string path)
{
    private string MarkerPath => Path.Combine(path, RestoreMarker.FileName);

    /// <summary>Refuses whatever would destroy something that nobody said may go.</summary>
    /// <returns>True when the folder holds files to compare with.</returns>
    public bool Check(RestoreMarker wanted, bool isDelta, bool isForced)
    {
        if (File.Exists(path))
            throw RestoreProblems.NoFolder(path);
        if (!Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any())
            return false;
        if (FindServer(path) is { } process)
            throw RestoreProblems.Running(path, process);
        if (FindMarker() is { } marker)
        {
            if (marker.Asset != wanted.Asset || marker.SystemIdentifier != wanted.SystemIdentifier)
                throw RestoreProblems.OtherRestore(path, marker.Asset);
            return true; // our own, cut off
        }
        if (!isDelta)
            throw RestoreProblems.NotEmpty(path);
        var there = FindSystemIdentifier();
        if (there is null && !isForced)
            throw RestoreProblems.NotACluster(path);
        if (there is not null && there != wanted.SystemIdentifier && !isForced)
            throw RestoreProblems.OtherCluster(path, there, wanted.SystemIdentifier);
        if (there != wanted.SystemIdentifier && FindServerBelow() is var (folder, inner))
            throw RestoreProblems.Running(folder, inner);
        return true;
    }

    public void Mark(RestoreMarker marker)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(marker, MarkerJson.Default.RestoreMarker);
        using (var file = File.OpenHandle(MarkerPath, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, json, 0);
            RandomAccess.FlushToDisk(file);
        }
        DirectorySync.Flush(path);
    }

    public void Unmark()
    {
        File.Delete(MarkerPath);
        DirectorySync.Flush(path);
    }

    /// <summary>The process of a server that runs in a data directory, or may run there; null when none does.</summary>
    public static int? FindServer(string dataDirectory) => LookForServer(dataDirectory)?.Process;

    /// <returns>Not known: another program may have the number by now, and we may not look.</returns>
    public static (int Process, bool IsKnown)? LookForServer(string dataDirectory)
    {
        var pidFile = Path.Combine(dataDirectory, "postmaster.pid");
        if (!File.Exists(pidFile))
            return null;
        var first = File.ReadLines(pidFile).FirstOrDefault();
        if (!int.TryParse(first, CultureInfo.InvariantCulture, out var process) || !ThisProcess.IsAlive(process))
            return null;
        try
        {
            // After a crash the number may belong to another program: a server works in its data directory.
            return PhysicalPath.AreSame($"/proc/{process}/cwd", dataDirectory) ? (process, true) : null;
        }
        catch (IOException)
        {
            return (process, false); // another user's
        }
    }

    /// <summary>Whatever else is in the folder would be deleted: a server that runs on a part of it has to be stopped first.</summary>
    private (string Folder, int Process)? FindServerBelow()
    {
        EnumerationOptions all = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var file in Directory.EnumerateFiles(path, "postmaster.pid", all))
            if (Path.GetDirectoryName(file) is { } folder && FindServer(folder) is { } process)
                return (folder, process);
        return null;
    }

    private RestoreMarker? FindMarker()
    {
        if (!File.Exists(MarkerPath))
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(MarkerPath), MarkerJson.Default.RestoreMarker);
        }
        catch (JsonException)
        {
            return null; // torn by a power cut before anything else was written
        }
    }

    private string? FindSystemIdentifier()
    {
        try
        {
            using var control = File.OpenHandle(Path.Combine(path, "global/pg_control"));
            Span<byte> identifier = stackalloc byte[8];
            return RandomAccess.Read(control, identifier, 0) == identifier.Length
                ? BinaryPrimitives.ReadUInt64LittleEndian(identifier).ToString(CultureInfo.InvariantCulture)
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
