using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Vaults;

namespace Resurgam.Demo.Scenarios;

/// <summary>A credential of the platform's services and writers: a role of its own, with a password that the server asks for.</summary>
internal sealed class AppRole(string folder, char name, IEntropy entropy)
{
    /// <summary>What services call themselves to the server; writers do not.</summary>
    public const string NameOfServices = "service";

    /// <summary>What every such role may do.</summary>
    private const string Group = "app";

    private string Role => $"{Group}_{name}";

    /// <summary>Which credential services use: what is handed out.</summary>
    public static string ConninfoFile(string folder) => Path.Combine(folder, "etc", "app.conninfo");

    public ConnectionSettings Settings => ConnectionSettings.Parse(Conninfo, _ => null);

    private string Conninfo => ConninfoAt("socket");

    private string ConninfoAt(string socket) =>
        $"host={folder}/{socket} port=5432 user={Role} dbname={DemoPlatform.Database} passfile={PasswordFile}";

    private string PasswordFile => Path.Combine(folder, "etc", $"{Role}.pgpass");

    /// <summary>Once, before the first role.</summary>
    public static async Task PrepareAsync(
        string dataDirectory,
        PostgresConnection database,
        CancellationToken cancellationToken
    )
    {
        var access = Path.Combine(dataDirectory, "pg_hba.conf");
        var before = await File.ReadAllTextAsync(access, cancellationToken);
        await File.WriteAllTextAsync(access, $"local all +{Group} scram-sha-256\n{before}", cancellationToken);
        foreach (
            var statement in (IReadOnlyList<string>)
                [
                    $"create role {Group}",
                    $"grant all on all tables in schema public to {Group}",
                    // Its own commits wait for nobody: an administrator gets on while the stream is away.
                    "alter system set synchronous_commit = local",
                    "select pg_reload_conf()",
                ]
        )
            await database.QueryAsync(statement, cancellationToken);
    }

    public async Task CreateAsync(PostgresConnection database, CancellationToken cancellationToken)
    {
        var password = await MakePasswordAsync(cancellationToken);
        await database.QueryAsync($"create role {Role} login in role {Group} password '{password}'", cancellationToken);
        await database.QueryAsync($"alter role {Role} set synchronous_commit = on", cancellationToken);
    }

    /// <summary>Where the plan looks for it, and where services do.</summary>
    public async Task<string> MakePasswordAsync(CancellationToken cancellationToken)
    {
        var password = DemoSecret.Make(entropy, 16);
        Directory.CreateDirectory(Path.Combine(folder, "etc"));
        foreach (
            var (file, text) in (IReadOnlyList<(string, string)>)
                [(PasswordFile, $"*:*:*:{Role}:{password}\n"), (Path.Combine(folder, "etc", Role), password)]
        )
            await DemoSecret.WriteAsync(file, text, cancellationToken);
        return password;
    }

    /// <summary>To the services of drills: the place of the restored database, and that of the one before.</summary>
    public async Task HandOutForDrillsAsync(CancellationToken cancellationToken)
    {
        foreach (
            var (name, socket) in (IReadOnlyList<(string, string)>)[("drill", "socket"), ("drill-old", "old-socket")]
        )
            await File.WriteAllTextAsync(
                Path.Combine(folder, "etc", $"{name}.conninfo"),
                ConninfoAt($"drill/{socket}"),
                cancellationToken
            );
    }

    public Task HandOutAsync(CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(
            ConninfoFile(folder),
            $"{Conninfo} application_name={NameOfServices}",
            cancellationToken
        );
}
