using System.Globalization;
using System.Text.RegularExpressions;
using Resurgam.Adapters.Git.Wire;

namespace Resurgam.Adapters.Git.Capture;

/// <summary>Lets git look at the objects of a bare repository, and judges what it says.</summary>
internal sealed partial class ObjectCheck(string path, GitProgram git)
{
    private readonly List<string> _notes = [];

    /// <summary>What is odd about objects, and no reason to refuse them.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Reads every object.</summary>
    /// <returns>Null when all are whole; else what is wrong.</returns>
    public Task<string?> FindDamageAsync(CancellationToken cancellationToken) => FsckAsync("--full", cancellationToken);

    /// <summary>Reads every object of some packs, and follows every ref to the last of its objects.</summary>
    /// <param name="packs">Names without ending.</param>
    /// <param name="cancellationToken">Ends git, too.</param>
    /// <inheritdoc cref="FindDamageAsync(CancellationToken)"/>
    public async Task<string?> FindDamageAsync(IReadOnlyList<string> packs, CancellationToken cancellationToken)
    {
        if (packs.Count > 0)
        {
            var verified = await git.TryRunAsync(
                ["verify-pack", "--", .. packs.Select(pack => Path.Combine(path, $"objects/pack/{pack}.idx"))],
                new GitCall { Mirror = path },
                cancellationToken
            );
            if (verified.ExitCode != 0)
                return $"git verify-pack: {FirstOf(LinesOf(verified.Error))}";
        }
        return await FsckAsync("--connectivity-only", cancellationToken);
    }

    private async Task<string?> FsckAsync(string depth, CancellationToken cancellationToken)
    {
        var check = await git.TryRunAsync(
            ["fsck", depth, "--no-dangling", "--no-progress"],
            new GitCall { Mirror = path },
            cancellationToken
        );
        return Judge($"{check.OutputText}\n{check.Error}", check.ExitCode) is { } damage ? $"git fsck: {damage}" : null;
    }

    /// <summary>
    /// Objects of an unusual form (<c>error in commit ...: missingEmail</c>) are as their authors made them, and every
    /// git reads them; anything else is damage.
    /// </summary>
    private string? Judge(string told, int exitCode)
    {
        var lines = LinesOf(told);
        var odd = lines.Where(line => OddObject.IsMatch(line)).ToList();
        if (odd.Count > 0)
            _notes.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"git fsck finds {odd.Count} objects of an unusual form, which are kept as they are: {odd[0]}"
                )
            );
        if (exitCode == 0)
            return null;
        var damage = lines
            .Where(line => !OddObject.IsMatch(line) && !line.StartsWith("notice:", StringComparison.Ordinal))
            .ToList();
        if (damage.Count > 0)
            return FirstOf(damage);
        return odd.Count > 0 ? null : string.Create(CultureInfo.InvariantCulture, $"it ended with {exitCode}");
    }

    private static List<string> LinesOf(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static string FirstOf(IEnumerable<string> lines) => string.Join(" | ", lines.Take(3));

    [GeneratedRegex("^(error|warning) in (commit|tree|tag|blob) [0-9a-f]+: ", RegexOptions.CultureInvariant)]
    private static partial Regex OddObject { get; }
}
