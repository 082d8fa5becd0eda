using System.Runtime.InteropServices;

namespace Resurgam.Demo;

/// <summary>Asks a process to end: .NET can only kill.</summary>
internal static partial class DemoSignal
{
    private const int Term = 15;

    public static void Terminate(int process) => Kill(process, Term);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
