using System.Globalization;
using System.Security.Cryptography;
using Resurgam.Adapters.Git.Restore;
using Resurgam.Adapters.Git.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Git;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Git.Verify;

/// <summary>What is verified, and where.</summary>
public sealed record GitVerificationRequest
{
    /// <summary>Folder of this asset's verifications; emptied before and after each.</summary>
    public required string Folder { get; init; }

    /// <summary>Longest that one run of git may take.</summary>
    public required TimeSpan Timeout { get; init; }
}

/// <summary>Restores a snapshot into a scratch folder, lets git check and clone each repository, and compares every ref.</summary>
public sealed class GitVerify(Vault vault, GitVerificationRequest request, IWorkProgress progress)
{
    private readonly TimeProvider _time = vault.Host.Time;
    private readonly GitProgram _git = new(new GitAccess { Timeout = request.Timeout }, vault.Host.Time);
    private readonly List<VerificationCheck> _checks = [];
    private readonly VerificationClock _clock = new(vault.Host.Time);
    private readonly string _data = Path.Combine(request.Folder, "data");
    private long _bytes;
    private DateTimeOffset? _asOf;
    private readonly string _clone = Path.Combine(request.Folder, "clone");

    public async Task<VerificationReport> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        RemoveData();
        Directory.CreateDirectory(
            request.Folder,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        try
        {
            GitRestore restoring = new(vault, new GitRestoreRequest { Target = _data }, progress);
            var restored = await _clock.TimeAsync(
                RecoverySteps.Restore,
                () => restoring.RunAsync(snapshot, cancellationToken)
            );
            (_bytes, _asOf) = (restored.BytesTotal, restored.Record.StartedAt);
            _checks.Add(
                new VerificationCheck(
                    "restore",
                    true,
                    $"{restored.Repositories.Count} repositories, {new ByteSize(restored.BytesTotal)} restored"
                )
            );
            await _clock.TimeAsync(
                "check objects",
                () => ForEachAsync(restored, restoring, CheckObjectsAsync, cancellationToken)
            );
            await _clock.TimeAsync(
                "clone and compare",
                () => ForEachAsync(restored, restoring, CompareAsync, cancellationToken)
            );
        }
        finally
        {
            RemoveData(); // what it holds lies nowhere else in clear
        }
        return new VerificationReport(_checks, _clock.Steps, Lsn: null, LastCommitAt: null)
        {
            AsOf = _asOf,
            BytesTotal = _bytes,
            BytesWritten = _bytes, // into an empty folder
        };
    }

    private async Task<int> ForEachAsync(
        GitRestoreResult restored,
        GitRestore restoring,
        Func<RepositoryRecord, string, CancellationToken, Task> work,
        CancellationToken cancellationToken
    )
    {
        foreach (var repository in restored.Repositories)
        {
            progress.Stage($"verifying {repository.Name}");
            await work(repository, restoring.PathOf(repository), cancellationToken);
        }
        return restored.Repositories.Count;
    }

    private async Task CheckObjectsAsync(RepositoryRecord repository, string path, CancellationToken cancellationToken)
    {
        var damage = await new Capture.ObjectCheck(path, _git).FindDamageAsync(cancellationToken);
        var (files, wrong) = await HashLargeFilesAsync(path, cancellationToken);
        _checks.Add(
            new VerificationCheck(
                $"{repository.Name}: objects",
                damage is null,
                damage ?? "git fsck finds all of them whole"
            )
        );
        if (repository.LargeFiles > 0)
            _checks.Add(
                new VerificationCheck(
                    $"{repository.Name}: large files",
                    wrong is null && files == repository.LargeFiles,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{files} of LFS, recorded {repository.LargeFiles}{(wrong is null ? ", each with its own hash" : $"; {wrong} has another content")}"
                    )
                )
            );
    }

    /// <summary>As a person would: a clone of all refs, over a transport, by the distribution's git.</summary>
    private async Task CompareAsync(RepositoryRecord repository, string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(_clone))
            Directory.Delete(_clone, recursive: true);
        var name = $"{repository.Name}: refs";
        try
        {
            await _git.RunAsync(
                ["clone", "--mirror", "--quiet", "--no-local", "--template=", "--", $"file://{path}", _clone],
                new GitCall { Marked = _clone },
                cancellationToken
            );
        }
        catch (ResurgamException e) when (e.Problem.Code.StartsWith("git-", StringComparison.Ordinal))
        {
            _checks.Add(new VerificationCheck(name, false, e.Problem.What));
            return;
        }
        var refs = await _git.RunAsync(
            ["for-each-ref", "--format=%(objectname)%09%(refname)"],
            new GitCall { Mirror = _clone },
            cancellationToken
        );
        var cloned = GitRefs.TryReadRemote(refs.Output.Span, out _);
        var head = (await File.ReadAllTextAsync(Path.Combine(_clone, "HEAD"), cancellationToken)).Trim();
        var isEqual = cloned?.Digest == repository.RefsDigest && (head == repository.Head || repository.Refs == 0);
        _checks.Add(
            new VerificationCheck(
                name,
                isEqual,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{cloned?.All.Count ?? 0} in a clone, {repository.Refs} recorded{(isEqual ? ", each the same" : $"; they differ, or HEAD does ('{head}', recorded '{repository.Head}')")}"
                )
            )
        );
    }

    /// <returns>Number of files, and the first that does not hash to its name.</returns>
    private static async Task<(int Files, string? Wrong)> HashLargeFilesAsync(
        string path,
        CancellationToken cancellationToken
    )
    {
        var folder = Path.Combine(path, "lfs/objects");
        if (!Directory.Exists(folder))
            return (0, null);
        var files = 0;
        string? wrong = null;
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            await using var content = File.OpenRead(file);
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
            files++;
            if (hash != Path.GetFileName(file))
                wrong ??= Path.GetFileName(file);
        }
        return (files, wrong);
    }

    private void RemoveData()
    {
        foreach (var folder in (string[])[_data, _clone])
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
    }
}
