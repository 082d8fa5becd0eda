using Resurgam.Adapters.Files;

namespace Resurgam.Adapters.Postgres.Recovery;

/// <summary>
/// This program where another user may run it: PostgreSQL's own user runs <c>restore_command</c>, and may not enter root's home, where
/// root may well keep what it has just downloaded.
/// </summary>
internal static class ReachableProgram
{
    private const uint Execute = 1;
    private const uint ReadAndExecute = 5;

    /// <param name="program">Absolute.</param>
    /// <param name="user">Who is to run it; null: we ourselves.</param>
    /// <param name="folder">Which that user may enter: the program is copied there when it has to be.</param>
    /// <returns>The path to run.</returns>
    public static string Of(string program, (uint User, uint Group)? user, string folder)
    {
        if (user is not { } other || !File.Exists(program) || MayRun(program, other))
            return program;
        var copy = Path.Combine(folder, Path.GetFileName(program));
        var home = Path.GetDirectoryName(program) ?? "/";
        if (File.Exists($"{program}.dll")) // not one file, but a build with all its parts beside it
            CopyParts(home, folder);
        else
            Copy(program, copy);
        return copy;
    }

    /// <summary>By modes alone: where they leave a doubt, it is copied.</summary>
    private static bool MayRun(string program, (uint User, uint Group) user)
    {
        if (!Allows(program, user, ReadAndExecute))
            return false;
        for (var at = Path.GetDirectoryName(program); at is not null; at = Path.GetDirectoryName(at))
            if (!Allows(at, user, Execute))
                return false;
        return true;
    }

    private static bool Allows(string path, (uint User, uint Group) user, uint wanted)
    {
        if (FileStatus.FindTarget(path) is not { } status)
            return false;
        var shift =
            status.UserId == user.User ? 6
            : status.GroupId == user.Group ? 3
            : 0;
        return ((status.Mode >> shift) & wanted) == wanted;
    }

    private static void CopyParts(string home, string folder)
    {
        foreach (var part in Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(home, part));
            var below = Path.GetDirectoryName(copy) ?? folder;
            if (below != folder)
            {
                Directory.CreateDirectory(below);
                File.SetUnixFileMode(below, (UnixFileMode)0b111_101_101);
            }
            Copy(part, copy);
        }
    }

    private static void Copy(string from, string to)
    {
        File.Copy(from, to);
        File.SetUnixFileMode(to, (UnixFileMode)0b111_101_101);
    }
}
