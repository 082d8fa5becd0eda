using System.Runtime.InteropServices;

namespace Resurgam.Core.Values;

/// <summary>How the C library keeps the memory of <see cref="NativeBuffer"/>.</summary>
public static partial class NativeHeap
{
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;

    /// <summary>Larger pieces go back to the system as soon as they are freed.</summary>
    private const int KeptBytes = 256 << 10;

    /// <summary>
    /// Left to itself glibc keeps the more the larger the pieces are that it has seen freed, in one arena for each thread: 15 MiB
    /// during a restore. Once, at the start; where the C library has no such settings, nothing happens. Source: mallopt(3).
    /// </summary>
    public static void GiveBackSoon()
    {
        try
        {
            _ = SetOption(MapThreshold, KeptBytes);
            _ = SetOption(TrimThreshold, KeptBytes);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: it keeps what it keeps.
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
