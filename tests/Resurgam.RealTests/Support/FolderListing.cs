using System.Diagnostics;
using System.Text;

namespace Resurgam.RealTests.Support;

/// <summary>A folder and all that is below it as text, one line for each fact: two folders are the same when these are.</summary>
internal static class FolderListing
{
    /// <summary>
    /// Type, mode, owner, time, link target, length and hash of every entry, names that are one file, numbers of
    /// devices, extended attributes. Told by find, sha256sum, stat and getfattr, not by our own code.
    /// </summary>
    private const string Script = """
        cd "$1"
        export LC_ALL=C TZ=UTC
        find . -printf '%p|%y|%m|%U:%G|%T@|%l|' \( -type f -printf '%s' -o -true \) -printf '\0' | sort -z | tr '\0' '\n'
        echo == contents
        find . -type f -exec sha256sum -z {} + | sort -zk 2 | tr '\0' '\n'
        echo == one file
        find . -type f -links +1 -printf '%D:%i %p\0' | sort -z |
          awk -v RS='\0' '{ id = $1; sub(/^[^ ]* /, ""); if (id == last) line = line " = " $0; else { if (line) print line; line = $0 }; last = id } END { if (line) print line }' | sort
        echo == devices
        find . \( -type b -o -type c \) -exec stat -c '%n %t:%T' {} + | sort
        echo == attributes
        getfattr -R -P -h -d -m - -e hex . 2>/dev/null | awk -v RS= '{ print }' | sort
        """;

    /// <param name="folder">The folder itself is in the list, as <c>.</c></param>
    public static async Task<string> OfAsync(string folder, CancellationToken cancellationToken)
    {
        using var process = Process.Start(
            new ProcessStartInfo("bash", ["-euc", Script, "bash", folder])
            {
                RedirectStandardOutput = true,
                StandardOutputEncoding = Encoding.Latin1, // names are bytes
            }
        )!;
        var text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.Equal(0, process.ExitCode);
        return text;
    }
}
