using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.LogicalPostgres.Capture;

/// <summary>What a server says of itself, as far as a role without rights may ask.</summary>
internal sealed record ServerFacts
{
    /// <summary>Databases that a provider keeps for its own work; their customers cannot read them.</summary>
    private static readonly string[] OfProviders =
    [
        "rdsadmin",
        "cloudsqladmin",
        "azure_maintenance",
        "azure_sys",
        "alloydbadmin",
    ];

    /// <summary>Settings whose value is a list of quoted names, and not one text.</summary>
    private static readonly string[] Lists =
    [
        "search_path",
        "temp_tablespaces",
        "local_preload_libraries",
        "session_preload_libraries",
    ];

    public required int ServerVersion { get; init; }
    public required bool IsStandby { get; init; }
    public required bool ShowsPasswords { get; init; }
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Without dumps, tables and moments.</summary>
    public required IReadOnlyList<LogicalDatabase> Databases { get; init; }

    /// <summary>There, and we may not connect to them.</summary>
    public required IReadOnlyList<string> Refused { get; init; }

    /// <summary>There, and a managed service's own.</summary>
    public required IReadOnlyList<string> OfProvider { get; init; }

    public static async Task<ServerFacts> ReadAsync(PostgresConnection session, CancellationToken cancellationToken)
    {
        var one = await session.QueryAsync(
            "select pg_is_in_recovery(), has_table_privilege('pg_catalog.pg_authid', 'select')",
            cancellationToken
        );
        var roles = await session.QueryAsync(
            "select rolname from pg_roles where rolname !~ '^pg_' order by 1",
            cancellationToken
        );
        var properties = await ReadPropertiesAsync(session, cancellationToken);
        // As JSON: what a version does not have yet is null, and no error.
        var rows = await session.QueryAsync(
            """
            select datname, pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype,
                   to_jsonb(d) ->> 'datlocprovider', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'),
                   shobj_description(oid, 'pg_database'), has_database_privilege(oid, 'CONNECT')
            from pg_database d where datallowconn and not datistemplate order by 1
            """,
            cancellationToken
        );
        List<LogicalDatabase> databases = [];
        List<string> refused = [];
        List<string> ofProvider = [];
        foreach (var row in rows)
        {
            var name = row[0] ?? "";
            if (OfProviders.Contains(name))
                ofProvider.Add(name);
            else if (row[8] != "t")
                refused.Add(name);
            else
                databases.Add(DatabaseOf(name, row, properties[name]));
        }
        return new ServerFacts
        {
            ServerVersion = session.ServerVersion,
            IsStandby = one[0][0] == "t",
            ShowsPasswords = one[0][1] == "t",
            Roles = [.. roles.Select(row => row[0] ?? "")],
            Databases = databases,
            Refused = refused,
            OfProvider = ofProvider,
        };
    }

    private static LogicalDatabase DatabaseOf(string name, string?[] row, IEnumerable<string> properties) =>
        new()
        {
            Name = name,
            File = $"{LogicalRecord.DatabaseFolder}/{FileNameOf(name)}.dump",
            Owner = row[1] ?? "",
            Encoding = row[2] ?? "",
            Collation = row[3] ?? "",
            CharacterType = row[4] ?? "",
            LocaleProvider = row[5],
            Locale = row[6],
            Comment = row[7],
            Properties = [.. properties],
            Moment = 0,
            Sees = "",
            Lsn = "",
            At = default,
            Counts = new LogicalCounts(0, 0, 0, 0),
        };

    /// <summary>A file's name for any name that a database may have.</summary>
    private static string FileNameOf(string database) =>
        Uri.EscapeDataString(database).Replace(".", "%2E", StringComparison.Ordinal);

    private static async Task<ILookup<string, string>> ReadPropertiesAsync(
        PostgresConnection session,
        CancellationToken cancellationToken
    )
    {
        const string mark = LogicalDatabase.DatabaseMark;
        var grants = await session.QueryAsync(
            """
            select datname, case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
                   a.privilege_type, a.is_grantable
            from pg_database d, aclexplode(d.datacl) a where a.grantee <> d.datdba order by 1, 2, 3
            """,
            cancellationToken
        );
        var closed = await session.QueryAsync(
            "select datname from pg_database where datacl is not null",
            cancellationToken
        );
        var settings = await session.QueryAsync(
            """
            select d.datname, quote_ident(r.rolname), split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)
            from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
                 left join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) c order by 1, 2, 3
            """,
            cancellationToken
        );
        return closed
            .Select(row => (row[0] ?? "", $"revoke all on database {mark} from public"))
            .Concat(
                grants.Select(row =>
                    (
                        row[0] ?? "",
                        $"grant {row[2]} on database {mark} to {row[1]}{(row[3] == "t" ? " with grant option" : "")}"
                    )
                )
            )
            .Concat(settings.Select(row => (row[0] ?? "", SettingOf(row))))
            .ToLookup(pair => pair.Item1, pair => pair.Item2);
    }

    private static string SettingOf(string?[] row)
    {
        var (name, value) = (row[2] ?? "", row[3] ?? "");
        var written = Lists.Contains(name) && value.Length > 0 ? value : SqlText.Literal(value);
        var whose = row[1] is { } role ? $"role {role} in database" : "database";
        return $"alter {whose} {LogicalDatabase.DatabaseMark} set {SqlText.Identifier(name)} to {written}";
    }
}
