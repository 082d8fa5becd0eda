using System.Runtime.InteropServices;

namespace Resurgam.Adapters.Files;

/// <summary>The flags of <c>open</c>. Three of them differ between processors.</summary>
internal static class OpenFlags
{
    public const int WriteOnly = 0x1;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NonBlocking = 0x800;
    public const int NoAccessTime = 0x40000;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64;

    /// <summary>Past the page cache.</summary>
    public static readonly int Direct = IsArm ? 0x10000 : 0x4000;

    /// <summary>Fails when it is no folder.</summary>
    public static readonly int Folder = IsArm ? 0x4000 : 0x10000;

    /// <summary>Fails when it is a symbolic link.</summary>
    public static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;
}
