using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Files;

/// <summary>Who we are on this machine.</summary>
public static class ThisProcess
{
    public static WriterIdentity Identity(UserNames names)
    {
        var user = FileNative.UserId();
        return new WriterIdentity(
            Environment.MachineName,
            names.UserOf(user) ?? Environment.UserName,
            user,
            FileNative.GroupId(),
            Environment.ProcessId,
            IsAlive
        );
    }

    /// <summary>Asks a process to end: .NET itself can only kill. A process that is gone already has ended.</summary>
    public static void Terminate(int process)
    {
        const int term = 15;
        _ = FileNative.Kill(process, term);
    }

    /// <summary>True when a process of this number runs on this machine, whoever owns it.</summary>
    public static bool IsAlive(int process) => Directory.Exists($"/proc/{process}");
}
