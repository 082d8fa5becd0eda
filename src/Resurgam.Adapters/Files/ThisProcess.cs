using System.Globalization;
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

    /// <summary>Names this process and no other, ever: boot of the machine, namespace of its number, and when it began. Null: the kernel does not tell.</summary>
    public static string? Mark { get; } =
        FindBoot() is { } boot && FindNamespace() is { } space && FindStart(Environment.ProcessId) is { } start
            ? $"{boot}.{space}.{start}"
            : null;

    /// <summary>The process of this number that had this <see cref="Mark"/> has ended. False also when it cannot be seen from here.</summary>
    public static bool IsGone(int process, string mark)
    {
        if (
            mark.Split('.') is not [var boot, var space, var start]
            || Mark?.Split('.') is not [var ourBoot, var ourSpace, _]
        )
            return false;
        if (boot != ourBoot)
            return true;
        // Another container has numbers of its own: what runs there is not seen here.
        return space == ourSpace && (!IsAlive(process) || (FindStart(process) is { } seen && seen != start));
    }

    /// <summary>True when a process of this number runs on this machine, whoever owns it.</summary>
    public static bool IsAlive(int process) => Directory.Exists($"/proc/{process}");

    private static string? FindBoot() => TryRead("/proc/sys/kernel/random/boot_id")?.Trim();

    /// <returns>For example <c>4026531836</c>.</returns>
    private static string? FindNamespace()
    {
        try
        {
            return new FileInfo("/proc/self/ns/pid").LinkTarget is { } link
                ? string.Concat(link.Where(char.IsAsciiDigit))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>In ticks since the boot: field 22 of proc(5). The second field may hold anything, and ends with the last bracket.</summary>
    /// <returns>Null when it cannot be read; empty when it has ended, and only waits to be asked how.</returns>
    private static string? FindStart(int process)
    {
        const int startField = 19; // counted from the third
        var text = TryRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        var fields = text?[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields is ["Z" or "X", ..])
            return "";
        return fields?.Length > startField ? fields[startField] : null;
    }

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // no such process, or one that ends just now
        }
    }
}
