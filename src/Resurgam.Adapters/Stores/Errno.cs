using System.Runtime.InteropServices;

namespace Resurgam.Adapters.Stores;

/// <summary>What the operating system's error numbers mean to us.</summary>
internal static class Errno
{
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;

    public static IOException Last(string doing) => Of(Marshal.GetLastPInvokeError(), doing);

    public static IOException Of(int errno, string doing) =>
        new($"cannot {doing}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);

    public static bool IsNoSpace(IOException e) => e.HResult is NoSpace or QuotaExceeded;

    public static bool IsReadOnly(IOException e) => e.HResult == ReadOnlyFileSystem;
}
