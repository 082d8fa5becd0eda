using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults.Media;

namespace Resurgam.Media;

/// <summary>What is on which volume of a set that is not all written yet, in the state folder.</summary>
internal static class SetFile
{
    public static void Save(Session session, Plan plan, MediaSet set)
    {
        var path = PathOf(session, plan, set.Id);
        if (File.Exists(path))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/");
        File.WriteAllBytes($"{path}.new", set.Write());
        File.Move($"{path}.new", path);
    }

    public static MediaSet? Find(Session session, Plan plan, string set)
    {
        var path = PathOf(session, plan, set);
        return set.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && File.Exists(path)
            ? MediaSet.Read(File.ReadAllBytes(path))
            : null;
    }

    public static void Remove(Session session, Plan plan, string set) => File.Delete(PathOf(session, plan, set));

    private static string PathOf(Session session, Plan plan, string set) =>
        Path.Combine(session.StateDirectoryOf(plan), "media", $"{set}.json");
}
