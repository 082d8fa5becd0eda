using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Resurgam.Core.Vaults;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Vaults;

/// <summary>People do in an emergency what RESTORE.md says, on whatever machine is left.</summary>
public sealed partial class RestoreGuideTests
{
    [Fact]
    public async Task Its_command_for_a_tablespace_turns_the_link_away_from_the_living_folder()
    {
        using TemporaryFolder folder = new();
        var live = Directory.CreateDirectory(folder.Combine("live")).FullName;
        var to = Directory.CreateDirectory(folder.Combine("new/place/OID")).FullName;
        var links = Directory.CreateDirectory(folder.Combine("restore/pgdata/pg_tblspc")).FullName;
        File.CreateSymbolicLink(Path.Combine(links, "OID"), live); // as restic restores it

        var command = LinkCommand().Match(Encoding.UTF8.GetString(RestoreGuide.Utf8.Span)).Groups[1].Value;
        using var shell = Process.Start(
            "sh",
            ["-c", command.Replace(" /", $" {folder.FullPath}/", StringComparison.Ordinal)]
        );
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, shell.ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(live));
        Assert.Equal(to, new FileInfo(Path.Combine(links, "OID")).LinkTarget);
    }

    [GeneratedRegex("`(ln [^`]*)`")]
    private static partial Regex LinkCommand();
}
