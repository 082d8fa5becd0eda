using System.Text.Json;

namespace Resurgam.RealTests.Support;

/// <summary>A folder to protect, a plan for it, and the program to do it with; gone afterwards.</summary>
internal sealed class FilesWorld : IDisposable
{
    private const string Variable = "RESURGAM_TEST_SECRET";

    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<string, string> _variables = new() { [Variable] = StockRestic.Password };

    private FilesWorld(StockRestic restic, CancellationToken cancellationToken)
    {
        Restic = restic;
        _cancellationToken = cancellationToken;
        Source = Directory.CreateDirectory(Path.Combine(restic.Folder, "source")).FullName;
    }

    public StockRestic Restic { get; }

    public string Source { get; }

    public string Vault => Path.Combine(Restic.Folder, "vault");

    /// <summary>The path of <see cref="Source"/> in a snapshot.</summary>
    public string SourcePath => Source.TrimStart('/');

    /// <summary>The one generation of the vault, for stock restic.</summary>
    public string Generation => Assert.Single(Directory.GetDirectories(Path.Combine(Vault, "generations")));

    /// <summary>A new vault and the plan of an asset <c>odd</c>.</summary>
    public static async Task<FilesWorld> CreateAsync(CancellationToken cancellationToken, string options = "")
    {
        FilesWorld world = new(StockRestic.Create(cancellationToken), cancellationToken);
        await world.WritePlanAsync($"store: 'file://{world.Vault}'", options);
        await world.RunAsync("vault", "create");
        return world;
    }

    /// <summary>The same with a vault elsewhere.</summary>
    /// <param name="keys">Of the plan's <c>vault</c>, but for the secret.</param>
    /// <param name="variables">What they speak of.</param>
    /// <param name="cancellationToken">Of the test.</param>
    public static async Task<FilesWorld> CreateInAsync(
        string keys,
        IReadOnlyDictionary<string, string> variables,
        CancellationToken cancellationToken
    )
    {
        FilesWorld world = new(StockRestic.Create(cancellationToken), cancellationToken);
        foreach (var (name, value) in variables)
            world._variables[name] = value;
        await world.WritePlanAsync(keys, "");
        await world.RunAsync("vault", "create");
        return world;
    }

    /// <summary>A plan whose store is a plain repository of stock restic.</summary>
    public static async Task<FilesWorld> CreateForeignAsync(CancellationToken cancellationToken)
    {
        FilesWorld world = new(StockRestic.Create(cancellationToken), cancellationToken);
        await world.WritePlanAsync($"store: 'file://{world.Restic.Repository}'", "");
        await world.Restic.RunAsync("init");
        return world;
    }

    public string Combine(string name) => Path.Combine(Restic.Folder, name);

    /// <summary>Runs the program, which has to succeed.</summary>
    /// <returns>Its standard output.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var exit = await TryRunAsync(arguments);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        return exit.Output;
    }

    public Task<ResurgamExit> TryRunAsync(params string[] arguments) =>
        ResurgamProcess.RunAsync(Arguments(arguments), Around, _cancellationToken);

    /// <summary>Runs it as a user who may do nothing; only root can.</summary>
    public Task<ResurgamExit> TryRunAsNobodyAsync(params string[] arguments) =>
        ResurgamProcess.RunAsync(
            ["--reuid=65534", "--regid=65534", "--clear-groups", ResurgamProcess.Program, .. Arguments(arguments)],
            Around with
            {
                Program = "setpriv",
            },
            _cancellationToken
        );

    /// <summary>Runs it with its standard output in a file.</summary>
    public Task<ResurgamExit> TryRunIntoAsync(string file, params string[] arguments) =>
        ResurgamProcess.RunAsync(
            ["-c", "exec \"$@\" > \"$0\"", file, ResurgamProcess.Program, .. Arguments(arguments)],
            Around with
            {
                Program = "bash",
            },
            _cancellationToken
        );

    /// <summary>Runs it where nobody knows the vault's secret.</summary>
    public Task<ResurgamExit> TryRunWithoutSecretAsync(params string[] arguments) =>
        ResurgamProcess.RunAsync(
            Arguments(arguments),
            Around with
            {
                Environment = new Dictionary<string, string>(),
            },
            _cancellationToken
        );

    /// <summary>Lets the plan name replicas of its vault.</summary>
    /// <param name="replicas">Each as YAML in braces.</param>
    public async Task SetReplicasAsync(params string[] replicas)
    {
        var plan = await File.ReadAllTextAsync(Combine("plan.yaml"), _cancellationToken);
        const string End = $"{{ env: {Variable} }}";
        var at = plan.IndexOf(End, StringComparison.Ordinal) + End.Length;
        plan = $"{plan[..at]}, replicas: [{string.Join(", ", replicas)}]{plan[at..]}";
        await File.WriteAllTextAsync(Combine("plan.yaml"), plan, _cancellationToken);
    }

    /// <summary>Lets the plan name another secret of its vault.</summary>
    public async Task SetSecretAsync(string file)
    {
        var plan = await File.ReadAllTextAsync(Combine("plan.yaml"), _cancellationToken);
        plan = plan.Replace($"{{ env: {Variable} }}", $"{{ file: {Combine(file)} }}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Combine("plan.yaml"), plan, _cancellationToken);
    }

    public ResurgamProcess Start(params string[] arguments) => ResurgamProcess.Start(Arguments(arguments), Around);

    /// <summary>With one more variable in its environment.</summary>
    public ResurgamProcess StartWith(string variable, string value, params string[] arguments) =>
        StartWith(new Dictionary<string, string> { [variable] = value }, arguments);

    /// <summary>With more variables in its environment.</summary>
    public ResurgamProcess StartWith(IReadOnlyDictionary<string, string> variables, params string[] arguments) =>
        ResurgamProcess.Start(
            Arguments(arguments),
            Around with
            {
                Environment = Around.Environment.Concat(variables).ToDictionary(),
            }
        );

    /// <returns>The document that <c>backup</c> prints.</returns>
    public async Task<JsonElement> BackUpAsync()
    {
        using var document = JsonDocument.Parse(await RunAsync("backup", "odd", "--output", "json"));
        return document.RootElement.Clone();
    }

    public Task<string> ListAsync(string folder) => FolderListing.OfAsync(folder, _cancellationToken);

    public void Dispose() => Restic.Dispose();

    private ResurgamSurroundings Around => new() { Folder = Restic.Folder, Environment = _variables };

    private static string[] Arguments(string[] arguments) => ["--plan", "plan.yaml", .. arguments];

    private Task WritePlanAsync(string vaultKeys, string options) =>
        File.WriteAllTextAsync(
            Combine("plan.yaml"),
            $$"""
            resurgam: 1
            state: {{Combine("state")}}
            vault: { {{vaultKeys}}, secret: { env: {{Variable}} } }
            assets:
              odd: { kind: files, path: {{Source}}{{options}} }

            """,
            _cancellationToken
        );
}
