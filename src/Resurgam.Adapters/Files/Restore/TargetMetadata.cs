using Resurgam.Core.Vaults.Format;

namespace Resurgam.Adapters.Files.Restore;

/// <summary>Gives restored entries their owner, attributes, mode and times. What the system refuses is noted. Thread-safe.</summary>
internal sealed class TargetMetadata(TargetNotes notes)
{
    /// <summary>setuid and setgid.</summary>
    internal const uint SpecialBits = 0xC00;

    private readonly UserNames _names = UserNames.Read();
    private readonly bool _isRoot = FileNative.UserId() == 0;
    private readonly uint _user = FileNative.UserId();

    /// <exception cref="IOException">Mode or times cannot be set.</exception>
    public void Apply(FolderHandle folder, string name, TreeNode node)
    {
        // This order: a new owner clears capabilities and setuid, attributes need write permission and change times.
        ChangeOwner(folder, name, node);
        ChangeAttributes(folder, name, node);
        if (node.Type != NodeType.SymbolicLink)
            ChangeMode(folder, name, node.Mode);
        folder.ChangeTimes(name, node.AccessedAt, node.ModifiedAt);
    }

    /// <summary>A service that may not make programs of others (systemd's RestrictSUIDSGID) keeps a folder's setgid bit from us.</summary>
    private void ChangeMode(FolderHandle folder, string name, uint mode)
    {
        try
        {
            folder.ChangeMode(name, mode);
        }
        catch (IOException e) when (Stores.Errno.IsNotPermitted(e) && (mode & SpecialBits) != 0)
        {
            folder.ChangeMode(name, mode & ~SpecialBits);
            notes.Add(Withheld.SpecialModes, folder.PathOf(name));
        }
    }

    private void ChangeOwner(FolderHandle folder, string name, TreeNode node)
    {
        if (!_isRoot)
        {
            if (node.UserId != _user)
                notes.Add(Withheld.OtherOwners, folder.PathOf(name));
            return;
        }
        // By name first: numbers differ between machines.
        var user = node.User is { } userName ? _names.FindUser(userName) : null;
        var group = node.Group is { } groupName ? _names.FindGroup(groupName) : null;
        try
        {
            folder.ChangeOwner(name, user ?? node.UserId, group ?? node.GroupId);
        }
        catch (IOException e)
        {
            notes.Add(Withheld.Owners, e.Message);
        }
    }

    private void ChangeAttributes(FolderHandle folder, string name, TreeNode node)
    {
        var there = folder.ReadAttributes(name);
        foreach (var attribute in node.ExtendedAttributes)
        {
            var same = there.Find(other => other.Name == attribute.Name);
            if (same is null || !same.Value.Span.SequenceEqual(attribute.Value.Span))
                Try(() => folder.SetAttribute(name, attribute));
        }
        foreach (var attribute in there)
            if (IsContent(attribute.Name) && node.ExtendedAttributes.All(wanted => wanted.Name != attribute.Name))
                Try(() => folder.RemoveAttribute(name, attribute.Name));

        void Try(Action change)
        {
            try
            {
                change();
            }
            catch (IOException e)
            {
                notes.Add(Withheld.Attributes, e.Message);
            }
        }
    }

    /// <summary>What belongs to the file and not to the machine, as a security label does.</summary>
    private static bool IsContent(string attribute) =>
        attribute.StartsWith("user.", StringComparison.Ordinal)
        || attribute.StartsWith("system.posix_acl_", StringComparison.Ordinal)
        || attribute == "security.capability";
}
