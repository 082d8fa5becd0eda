using System.Collections.Concurrent;
using Resurgam.Core.Assets;
using Resurgam.Core.Postgres;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Postgres.Verify;

/// <summary>Compares every file with the backup's manifest where PostgreSQL's own tool is not installed.</summary>
internal sealed class ManifestVerification(string dataDirectory)
{
    private const int MostNamed = 5;

    /// <summary>A restore writes its recovery settings there; pg_verifybackup passes over it, too.</summary>
    private const string WrittenByRestore = "postgresql.auto.conf";

    public async Task<VerificationCheck> RunAsync(int workers, CancellationToken cancellationToken)
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(dataDirectory, "backup_manifest"), cancellationToken);
        var files = BackupManifest.Read(bytes).Files.Where(file => file.Path != WrittenByRestore).ToList();
        ConcurrentBag<string> wrong = [];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            files,
            parallel,
            (file, _) =>
            {
                if (!Matches(file))
                    wrong.Add(file.Path);
                return ValueTask.CompletedTask;
            }
        );
        return new VerificationCheck(
            "manifest",
            wrong.IsEmpty,
            wrong.IsEmpty
                ? $"{files.Count} files are as they were at the backup"
                : $"{wrong.Count} files differ: {string.Join(", ", wrong.Order(StringComparer.Ordinal).Take(MostNamed))}"
        );
    }

    private bool Matches(ManifestFile file)
    {
        var path = Path.Combine(dataDirectory, file.Path);
        if (!File.Exists(path))
            return false;
        using var handle = File.OpenHandle(path);
        var buffer = new byte[1 << 20];
        var (at, checksum) = (0L, 0u);
        for (int read; (read = RandomAccess.Read(handle, buffer, at)) > 0; at += read)
            checksum = Crc32C.Append(checksum, buffer.AsSpan(0, read));
        return at == file.SizeBytes && (file.Checksum is null || file.Checksum == checksum);
    }
}
