using Resurgam.Adapters.Files;
using Resurgam.Core.Postgres;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Blobs;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Postgres.Restore;

/// <summary>Configuration of a cluster whose files lay outside of its data directory, as Debian has it.</summary>
public sealed class ConfigurationFiles(Vault vault, string dataDirectory, (uint User, uint Group)? owner)
{
    /// <summary>Settings that name places of the old machine.</summary>
    private static readonly string[] PlacesOfOld =
    [
        "data_directory",
        "hba_file",
        "ident_file",
        "external_pid_file",
        "include",
        "include_dir",
        "include_if_exists",
    ];

    /// <summary>Puts the files that a start needs into the data directory, where they are not there.</summary>
    public async Task RestoreMissingAsync(
        SnapshotEntry snapshot,
        PostgresRecord record,
        List<string> notes,
        CancellationToken cancellationToken
    )
    {
        using BlobReader blobs = new(snapshot.Repository, vault.Host.Entropy);
        SnapshotReader reader = new(snapshot.Repository, blobs);
        foreach (var file in record.Configuration)
        {
            var target = Path.Combine(dataDirectory, file.Name);
            if (File.Exists(target))
                continue;
            var content = await reader.FindFileAsync(snapshot, $"resurgam/config/{file.Name}", cancellationToken);
            if (content is null)
                continue;
            await WriteAsync(target, WithoutOldPlaces(System.Text.Encoding.UTF8.GetString(content)), cancellationToken);
            notes.Add($"{file.Name} was outside of the data directory ({file.Source}); it is in {target} now");
        }
        // A cluster captured over the network has none: the server's defaults, and nobody gets in but by the socket's owner.
        await WriteIfMissingAsync("postgresql.conf", "# written by resurgam restore\n", cancellationToken);
        await WriteIfMissingAsync("pg_hba.conf", "local all all peer\n", cancellationToken);
        await WriteIfMissingAsync("pg_ident.conf", "", cancellationToken);
    }

    /// <summary>A folder for the server's user.</summary>
    public static void MakeFolder(string path, (uint User, uint Group)? owner)
    {
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(path, mode);
        if (owner is { } to)
            FileMetadata.ChangeOwner(path, to);
    }

    private Task WriteIfMissingAsync(string name, string content, CancellationToken cancellationToken)
    {
        var path = Path.Combine(dataDirectory, name);
        return File.Exists(path) ? Task.CompletedTask : WriteAsync(path, content, cancellationToken);
    }

    private async Task WriteAsync(string path, string content, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(path, content, cancellationToken);
        if (owner is { } to)
            FileMetadata.ChangeOwner(path, to);
    }

    private static string WithoutOldPlaces(string configuration) =>
        string.Join(
            '\n',
            configuration.Split('\n').Select(line => PlacesOfOld.Contains(NameOf(line)) ? $"#{line}" : line)
        );

    private static string NameOf(string line) => line.Split([' ', '=', '\t'], 2)[0];
}
