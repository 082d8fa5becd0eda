using Resurgam.Adapters.Git.Wire;
using Resurgam.Core.Git;
using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Git.Capture;

/// <summary>The large files that LFS keeps beside a repository: in the mirror's <c>lfs/objects</c>, each named by the SHA-256 of its content.</summary>
internal sealed class LargeFiles(Mirror mirror, GitAddress address, GitProgram git)
{
    private const string StateFile = "resurgam-lfs";

    /// <summary>Paths of the files below the mirror, sorted; none when LFS is not used.</summary>
    public IReadOnlyList<string> All =>
        Directory.Exists(mirror.In("lfs/objects"))
            ?
            [
                .. Directory
                    .EnumerateFiles(mirror.In("lfs/objects"), "*", SearchOption.AllDirectories)
                    .Where(file => Path.GetFileName(file) is { Length: 64 } name && name.All(char.IsAsciiHexDigitLower))
                    .Select(file => Path.GetRelativePath(mirror.Path, file))
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    /// <summary>Fetches those that any ref needs.</summary>
    /// <returns>What is missing and why, in words; null when nothing is.</returns>
    public async Task<string?> UpdateAsync(CancellationToken cancellationToken)
    {
        var state = mirror.ReadRefs().Digest;
        if (
            File.Exists(mirror.In(StateFile))
            && await File.ReadAllTextAsync(mirror.In(StateFile), cancellationToken) == state
        )
            return null;
        if (await IsUsedAsync(cancellationToken))
        {
            if (!GitProgram.HasLargeFileProgram)
                return "it keeps large files with LFS, and git-lfs is not installed here: they are not captured ('apt-get install git-lfs')";
            try
            {
                await git.RunAsync(
                    ["lfs", "fetch", "--all", "origin"],
                    new GitCall { Mirror = mirror.Path, Address = address },
                    cancellationToken
                );
            }
            catch (ResurgamException e) when (e.Problem.Remedy != Remedy.Report)
            {
                return $"large files of LFS are missing: {e.Problem.What}";
            }
        }
        await File.WriteAllTextAsync(mirror.In(StateFile), state, cancellationToken);
        return null;
    }

    /// <summary>Any commit that ever named LFS in a <c>.gitattributes</c>.</summary>
    private async Task<bool> IsUsedAsync(CancellationToken cancellationToken)
    {
        var log = await git.RunAsync(
            ["log", "--all", "-1", "--format=%H", "-Sfilter=lfs", "--", ".gitattributes", ":(glob)**/.gitattributes"],
            new GitCall { Mirror = mirror.Path },
            cancellationToken
        );
        return log.Output.Length > 0;
    }
}
