using System.Security.Cryptography;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;
using Resurgam.Core.Runs;

namespace Resurgam.Adapters.Runs;

/// <summary>A role has one password, so that two credentials are two roles: the second is a member of the first and becomes it at its login.</summary>
internal sealed class PostgresRotateWork(StepAction.PostgresRotate action, StepCall call, ActionTools tools)
    : ActionWork(call, tools)
{
    /// <summary>Note: whether the second role could log in before.</summary>
    private const string Was = "role-was";

    private const string Open = "open";

    /// <summary>Their values are lists of names in quotes already: <c>GUC_LIST_QUOTE</c> in PostgreSQL's source.</summary>
    private const string Lists =
        "'search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries'";

    public override async Task<StepReport> LookAsync(CancellationToken cancellationToken)
    {
        await using var server = await ConnectAsync(action.On, cancellationToken);
        var was = await new PostgresRole(server, action.To, Tools).FindLoginAsync(cancellationToken) switch
        {
            null => "absent",
            false => "barred",
            true => Open,
        };
        return StepReport.Done($"{action.To} is {was}, and would be let in", new StepNote(Was, was));
    }

    public override async Task<StepReport> ActAsync(CancellationToken cancellationToken)
    {
        var password = (await Tools.Secrets.ReadAsync(action.Password, cancellationToken)).ToText();
        await using var server = await ConnectAsync(action.On, cancellationToken);
        PostgresRole role = new(server, action.To, Tools);
        if (await new PostgresRole(server, action.From, Tools).FindLoginAsync(cancellationToken) is null)
            throw ActionProblems.NoRole(action.From, action.On);
        if (!await role.ShowsHashAsync(cancellationToken) && Clients is null)
            throw ActionProblems.CredentialUnseen(action.To, action.On);
        var login = await role.FindLoginAsync(cancellationToken);
        if (login == true && !await IsProvenAsync(role, password, cancellationToken))
            throw ActionProblems.CredentialInUse(action.To, action.From, action.On);
        if (login != true)
            await server.QueryAsync(
                string.Join("; ", await StatementsAsync(server, login is null, password, cancellationToken)),
                cancellationToken
            );
        await ProveAsync(role, password, cancellationToken);
        return StepReport.Done($"{action.To} gets in with the new password, and {action.From} as before");
    }

    /// <summary>The first one was never touched.</summary>
    public override async Task<StepReport> UndoAsync(CancellationToken cancellationToken)
    {
        if (Call.FindNote(Was) is null or Open)
            return StepReport.Done($"{action.To} could log in before: it is left alone");
        await using var server = await ConnectAsync(action.On, cancellationToken);
        PostgresRole role = new(server, action.To, Tools);
        if (await role.FindLoginAsync(cancellationToken) is not null)
            await role.BarAsync(cancellationToken);
        return StepReport.Done($"{action.To} is barred");
    }

    public override async Task<bool?> ProbeAsync(CancellationToken cancellationToken)
    {
        var password = (await Tools.Secrets.ReadAsync(action.Password, cancellationToken)).ToText();
        await using var server = await ConnectAsync(action.On, cancellationToken);
        PostgresRole role = new(server, action.To, Tools);
        return await role.FindLoginAsync(cancellationToken) == true
            && await IsProvenAsync(role, password, cancellationToken);
    }

    private string? Clients => Target<Target.Postgres>(action.On).Clients;

    /// <summary>One transaction: the server gets them as one query. It sees a hash of the password, as from psql's <c>\password</c>.</summary>
    private async Task<IReadOnlyList<string>> StatementsAsync(
        PostgresConnection server,
        bool isNew,
        string password,
        CancellationToken cancellationToken
    )
    {
        var (from, to) = (SqlText.Identifier(action.From), SqlText.Identifier(action.To));
        List<string> statements = [];
        if (isNew)
            statements.Add($"create role {to} nologin");
        if (isNew || await IsStrangerAsync(server, cancellationToken))
            statements.AddRange([
                $"grant {from} to {to}",
                $"alter role {to} set role = {SqlText.Literal(action.From)}",
                .. await SettingsAsync(server, cancellationToken),
            ]);
        var replicates = await server.ScalarAsync(
            $"select rolreplication from pg_roles where rolname = {SqlText.Literal(action.From)}",
            cancellationToken
        );
        var verifier = ScramVerifier.Of(password, RandomNumberGenerator.GetBytes(ScramVerifier.SaltLengthBytes));
        statements.Add(
            $"alter role {to} login{(replicates == "t" ? " replication" : "")} valid until 'infinity' password {SqlText.Literal(verifier)}"
        );
        return statements;
    }

    /// <summary>On the way back the first is a member of the second already, and owns what there is.</summary>
    private async Task<bool> IsStrangerAsync(PostgresConnection server, CancellationToken cancellationToken)
    {
        var (from, to) = (SqlText.Literal(action.From), SqlText.Literal(action.To));
        return await server.ScalarAsync(
                $"select count(*) from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles r on r.oid = m.member where (g.rolname, r.rolname) in (({from}, {to}), ({to}, {from}))",
                cancellationToken
            ) == "0";
    }

    /// <summary>What <c>alter role … set</c> has said of the first.</summary>
    private async Task<IReadOnlyList<string>> SettingsAsync(
        PostgresConnection server,
        CancellationToken cancellationToken
    )
    {
        var rows = await server.QueryAsync(
            $"select d.datname, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1), split_part(c, '=', 1) in ({Lists}) from pg_db_role_setting s cross join unnest(s.setconfig) c left join pg_database d on d.oid = s.setdatabase where s.setrole = (select oid from pg_roles where rolname = {SqlText.Literal(action.From)}) and c not like 'role=%'",
            cancellationToken
        );
        List<string> statements = [];
        foreach (var row in rows)
        {
            var (name, value) = (row[1] ?? "", SqlText.Literal(row[2] ?? ""));
            var whose =
                $"alter role {SqlText.Identifier(action.To)}{(row[0] is { } database ? $" in database {SqlText.Identifier(database)}" : "")} set {SqlText.Identifier(name)}";
            statements.AddRange(
                row[3] == "t"
                    ? [$"select set_config({SqlText.Literal(name)}, {value}, true)", $"{whose} from current"]
                    : [$"{whose} = {value}"]
            );
        }
        return statements;
    }

    private async Task ProveAsync(PostgresRole role, string password, CancellationToken cancellationToken)
    {
        if (await role.ShowsHashAsync(cancellationToken) && !await role.KnowsAsync(password, cancellationToken))
            throw ActionProblems.CredentialInUse(action.To, action.From, action.On);
        if (Clients is { } clients)
            await role.LogInAsync(clients, password, cancellationToken);
    }

    private async Task<bool> IsProvenAsync(PostgresRole role, string password, CancellationToken cancellationToken)
    {
        if (await role.ShowsHashAsync(cancellationToken))
            return await role.KnowsAsync(password, cancellationToken);
        if (Clients is not { } clients)
            return false;
        try
        {
            await role.LogInAsync(clients, password, cancellationToken);
            return true;
        }
        catch (ResurgamException e) when (e.Problem.Code == PostgresProblems.AuthenticationFailedCode)
        {
            return false; // another password
        }
    }
}
