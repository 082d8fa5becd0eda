namespace Resurgam.Core.Vaults.Repositories;

/// <summary>The kinds of files of a restic repository that are named after their own SHA-256.</summary>
public enum FileKind
{
    Pack,
    Index,
    Snapshot,
    Key,
    Lock,
}
