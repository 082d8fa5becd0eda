using System.Globalization;
using Resurgam.Adapters.Git.Wire;
using Resurgam.Core.Git;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Git.Restore;

/// <summary>Which server repositories are pushed to.</summary>
public sealed record GitPushRequest
{
    /// <summary>An address in which <c>{name}</c> stands for a repository's last name and <c>{path}</c> for its whole one.</summary>
    public required string Address { get; init; }

    /// <summary>Name of the only one that is wanted; null: all.</summary>
    public string? Repository { get; init; }

    public required GitAccess Access { get; init; }

    /// <summary>Folder that they are restored to on the way; removed afterwards.</summary>
    public required string ScratchFolder { get; init; }

    /// <summary>The remote repositories may hold something; what they lack is added.</summary>
    public bool IsDelta { get; init; }

    /// <summary>With <see cref="IsDelta"/>: refs that differ there are replaced.</summary>
    public bool IsForced { get; init; }

    public bool IsDryRun { get; init; }
}

/// <summary>
/// Pushes the repositories of a snapshot to a server, and compares afterwards what it has. Nothing there is deleted, and
/// nothing replaced unless that is asked for.
/// </summary>
public sealed class GitPush(Vault vault, GitPushRequest request, IWorkProgress progress)
{
    /// <summary>Servers make these by themselves, and take them from nobody.</summary>
    private static readonly string[] Hidden =
    [
        "refs/pull/",
        "refs/merge-requests/",
        "refs/keep-around/",
        "refs/pipelines/",
    ];

    private readonly GitProgram _git = new(request.Access, vault.Host.Time);
    private readonly List<string> _notes = [];

    public static bool IsAddress(string target) =>
        target.Contains("://", StringComparison.Ordinal)
        || (
            !target.StartsWith('/')
            && target.Contains('@')
            && target.Contains(':')
            && GitAddress.TryParse(target, out _)
        );

    public async Task<GitRestoreResult> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        RemoveScratch();
        try
        {
            GitRestoreRequest restore = new()
            {
                Target = request.ScratchFolder,
                Repository = request.Repository,
                IsDryRun = request.IsDryRun,
            };
            GitRestore restoring = new(vault, restore, progress);
            var restored = await restoring.RunAsync(snapshot, cancellationToken);
            if (restored.Repositories.Count > 1 && AddressOf("a") == AddressOf("b"))
                throw RestoreProblems.OneAddress(request.Address, restored.Repositories.Count);
            foreach (var repository in restored.Repositories)
                await PushAsync(repository, restoring.PathOf(repository), cancellationToken);
            return restored with { Notes = _notes };
        }
        finally
        {
            RemoveScratch(); // what it holds lies nowhere else in clear
        }
    }

    private string AddressOf(string name) =>
        request
            .Address.Replace("{name}", name[(name.LastIndexOf('/') + 1)..], StringComparison.Ordinal)
            .Replace("{path}", name, StringComparison.Ordinal);

    private async Task PushAsync(RepositoryRecord repository, string folder, CancellationToken cancellationToken)
    {
        var text = AddressOf(repository.Name);
        if (!GitAddress.TryParse(text, out var address))
            throw RestoreProblems.BadAddress(text);
        progress.Stage($"pushing {repository.Name}");
        var (there, _) = await _git.ListRemoteAsync(address, cancellationToken);
        if (there.All.Count > 0 && !request.IsDelta)
            throw RestoreProblems.NotEmpty(address.Text, there.All.Count);
        if (request.IsDryRun)
        {
            _notes.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"would push {repository.Refs} refs of {repository.Name} to {address}, which has {there.All.Count}"
                )
            );
            return;
        }
        var wanted = GitRefs.TryReadPacked(
            await File.ReadAllBytesAsync(Path.Combine(folder, "packed-refs"), cancellationToken)
        );
        Require.That(wanted is not null, "the restore has compared the refs");
        if (repository.LargeFiles > 0)
            await PushLargeFilesAsync(repository, folder, address, cancellationToken);
        var told = await SendAsync(wanted, folder, address, cancellationToken);
        await CompareAsync(repository, wanted, address, told, cancellationToken);
    }

    /// <returns>What git said of refs that were not taken.</returns>
    private async Task<string> SendAsync(
        GitRefs wanted,
        string folder,
        GitAddress address,
        CancellationToken cancellationToken
    )
    {
        var force = request is { IsDelta: true, IsForced: true } ? "+" : "";
        var specs = wanted
            .All.Where(each => !Hidden.Any(hidden => each.Name.StartsWith(hidden, StringComparison.Ordinal)))
            .Select(each => each.Name.Split('/', 3)[1])
            .Distinct(StringComparer.Ordinal)
            .Select(kind => $"{force}refs/{kind}/*:refs/{kind}/*")
            .ToList();
        if (specs.Count == 0)
            return "";
        var result = await _git.TryRunAsync(
            ["push", "--porcelain", "--quiet", "--no-verify", "--", address.Text, .. specs],
            new GitCall { Mirror = folder, Address = address },
            cancellationToken
        );
        var refused = result
            .OutputText.Split('\n')
            .Where(line => line.StartsWith('!'))
            .Select(line => line.Replace('\t', ' ').Trim('!', ' '))
            .ToList();
        if (result.ExitCode != 0 && refused.Count == 0)
            throw GitProblems.From(address.Text, result.Error);
        return string.Join("; ", refused.Take(5));
    }

    private async Task PushLargeFilesAsync(
        RepositoryRecord repository,
        string folder,
        GitAddress address,
        CancellationToken cancellationToken
    )
    {
        if (!GitProgram.HasLargeFileProgram)
            throw RestoreProblems.NotPushed(
                address.Text,
                $"{repository.Name} has {repository.LargeFiles} large files of LFS, and git-lfs is not installed here"
            );
        await _git.RunAsync(
            ["lfs", "push", "--all", address.Text],
            new GitCall { Mirror = folder, Address = address },
            cancellationToken
        );
    }

    private async Task CompareAsync(
        RepositoryRecord repository,
        GitRefs wanted,
        GitAddress address,
        string told,
        CancellationToken cancellationToken
    )
    {
        var (there, _) = await _git.ListRemoteAsync(address, cancellationToken);
        var missing = wanted.ChangedIn(there).Select(each => each.Ref).ToList();
        var own = missing.Where(each => !Hidden.Any(hidden => each.Name.StartsWith(hidden, StringComparison.Ordinal)));
        if (own.FirstOrDefault() is { Name.Length: > 0 } first)
            throw RestoreProblems.NotPushed(address.Text, told.Length > 0 ? told : $"{first.Shown} is not {first.Id}");
        _notes.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{repository.Name}: {wanted.All.Count - missing.Count} refs are at {address}, each as recorded{(missing.Count > 0 ? $"; {missing.Count} that servers make by themselves (pull requests) were left out" : "")}"
            )
        );
        if (repository.Head.StartsWith("ref: ", StringComparison.Ordinal))
            _notes.Add(
                $"{repository.Name}: the default branch was {repository.Head["ref: refs/heads/".Length..]}; set it at the server"
            );
    }

    private void RemoveScratch()
    {
        if (Directory.Exists(request.ScratchFolder))
            Directory.Delete(request.ScratchFolder, recursive: true);
    }
}
