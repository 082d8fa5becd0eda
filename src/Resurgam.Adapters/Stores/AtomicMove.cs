using System.Runtime.InteropServices;

namespace Resurgam.Adapters.Stores;

/// <summary>Moves a file so that of several movers to one name exactly one wins.</summary>
internal static class AtomicMove
{
    private const int CurrentFolder = -100;
    private const uint NoReplace = 1;
    private const int FileExists = 17;
    private const int InvalidArgument = 22;
    private const int NotImplemented = 38;

    /// <returns>False when the target exists; both files are then as they were.</returns>
    public static bool WithoutReplacing(string source, string target)
    {
        if (Native.RenameAt2(CurrentFolder, source, CurrentFolder, target, NoReplace) == 0)
            return true;
        var errno = Marshal.GetLastPInvokeError();
        if (errno is InvalidArgument or NotImplemented) // a file system without it, NFS for one: link has the same guarantee
        {
            if (Native.Link(source, target) == 0)
            {
                File.Delete(source);
                return true;
            }
            errno = Marshal.GetLastPInvokeError();
        }
        return errno == FileExists ? false : throw Errno.Of(errno, $"move {source} to {target}");
    }
}
