using System.Globalization;

namespace Resurgam.Adapters.Files;

/// <summary>Names of users and groups of this machine, from its files: read once.</summary>
public sealed class UserNames
{
    private readonly Dictionary<uint, string> _users;
    private readonly Dictionary<uint, string> _groups;

    private UserNames(Dictionary<uint, string> users, Dictionary<uint, string> groups) =>
        (_users, _groups) = (users, groups);

    public static UserNames Read() => new(ReadFile("/etc/passwd"), ReadFile("/etc/group"));

    /// <returns>Null when the id has no name.</returns>
    public string? UserOf(uint id) => _users.GetValueOrDefault(id);

    /// <returns>Null when the id has no name.</returns>
    public string? GroupOf(uint id) => _groups.GetValueOrDefault(id);

    /// <returns>The id of a user, or null when there is no such user here.</returns>
    public uint? FindUser(string name) => Find(_users, name);

    /// <returns>The id of a group, or null when there is no such group here.</returns>
    public uint? FindGroup(string name) => Find(_groups, name);

    /// <summary>Who owns a path, when we are root and have to act as that user; null: we act as ourselves.</summary>
    public static (uint User, uint Group)? FindOwnerToBe(string path) =>
        Environment.IsPrivilegedProcess && FileStatus.Find(path) is { } status ? (status.UserId, status.GroupId) : null;

    /// <summary>Gives a path to another user; only root may.</summary>
    public static void Give(string path, (uint User, uint Group) owner) => FileMetadata.ChangeOwner(path, owner);

    private static uint? Find(Dictionary<uint, string> names, string wanted)
    {
        foreach (var (id, name) in names)
            if (name == wanted)
                return id;
        return null;
    }

    private static Dictionary<uint, string> ReadFile(string path)
    {
        Dictionary<uint, string> names = [];
        foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
            if (
                line.Split(':') is [var name, _, var id, ..]
                && uint.TryParse(id, CultureInfo.InvariantCulture, out var number)
            )
                names.TryAdd(number, name);
        return names;
    }
}
