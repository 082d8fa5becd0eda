using System.Text;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.LogicalPostgres.Restore;

/// <summary>Makes the roles that a server lacks. One that is there keeps its password and its rights.</summary>
internal static class MissingRoles
{
    /// <returns>What could not be set, in words.</returns>
    /// <exception cref="ResurgamException">A role could not be made at all.</exception>
    public static async Task<IReadOnlyList<string>> MakeAsync(
        PostgresConnection admin,
        SnapshotReader reader,
        SnapshotEntry snapshot,
        LogicalRecord record,
        CancellationToken cancellationToken
    )
    {
        var missing = await FindAsync(admin, record, cancellationToken);
        if (missing.Count == 0)
            return [];
        var globals = await reader.FindFileAsync(snapshot, LogicalRecord.GlobalsPath, cancellationToken) ?? [];
        List<string> notes = [];
        foreach (var statement in GlobalStatements.For(Encoding.UTF8.GetString(globals), missing))
            try
            {
                await admin.QueryAsync(statement, cancellationToken);
            }
            catch (ResurgamException e) when (!statement.StartsWith("CREATE", StringComparison.Ordinal))
            {
                // Its words may hold a password's hash: what is told is the server's answer alone.
                notes.Add($"a right or a setting of a new role could not be set: {e.Problem.What}");
            }
        notes.Add($"new roles: {string.Join(", ", missing.Order(StringComparer.Ordinal))}");
        if (!record.HasRolePasswords)
            notes.Add("the new roles have no password: set them before they are needed");
        return notes;
    }

    public static async Task<IReadOnlySet<string>> FindAsync(
        PostgresConnection admin,
        LogicalRecord record,
        CancellationToken cancellationToken
    )
    {
        var there = await admin.QueryAsync("select rolname from pg_roles", cancellationToken);
        return record.Roles.Except(there.Select(row => row[0] ?? "")).ToHashSet(StringComparer.Ordinal);
    }
}
