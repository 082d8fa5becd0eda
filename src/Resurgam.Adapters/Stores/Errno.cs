using System.Runtime.InteropServices;

namespace Resurgam.Adapters.Stores;

/// <summary>What the operating system's error numbers mean to us.</summary>
internal static class Errno
{
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int InputOutput = 5;
    private const int NoAccess = 13;
    private const int Exists = 17;
    private const int NotAFolder = 20;
    private const int TooManyFiles = 24;
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int NameTooLong = 36;
    private const int TooManyLinks = 40; // ELOOP: a link where none may be
    private const int QuotaExceeded = 122;

    public static IOException Last(string doing) => Of(Marshal.GetLastPInvokeError(), doing);

    public static IOException Of(int errno, string doing) =>
        new($"cannot {doing}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);

    public static bool IsNoSpace(IOException e) => e.HResult is NoSpace or QuotaExceeded;

    /// <summary>It is not there, or what leads to it is no folder.</summary>
    public static bool IsAbsent(IOException e) => e.HResult is NoEntry or NotAFolder or TooManyLinks;

    public static bool IsNotPermitted(IOException e) => e.HResult == NotPermitted;

    /// <summary>Rights, mounts, limits, a disk that fails, a file where a folder has to be: what only a person outside can change.</summary>
    public static bool IsOfSurroundings(IOException e) =>
        e is PathTooLongException or DirectoryNotFoundException
        || e.HResult
            is NotPermitted
                or InputOutput
                or NoAccess
                or Exists
                or NotAFolder
                or TooManyFiles
                or ReadOnlyFileSystem
                or NameTooLong
                or TooManyLinks;

    public static bool IsReadOnly(IOException e) => e.HResult == ReadOnlyFileSystem;
}
