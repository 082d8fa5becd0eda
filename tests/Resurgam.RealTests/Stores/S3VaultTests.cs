using Resurgam.RealTests.Support;

namespace Resurgam.RealTests.Stores;

/// <summary>The program with a vault on a real S3 server, and stock restic on the same one.</summary>
public sealed class S3VaultTests
{
    private const int Fix = 10;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task A_folder_goes_to_a_bucket_and_comes_back_and_stock_restic_reads_it_there()
    {
        var server = await S3Server.RequireAsync();
        using var restic = StockRestic.Create(TestContext.Current.CancellationToken);
        var bucket = await server.MakeBucketAsync(Token);
        var source = Directory.CreateDirectory(Path.Combine(restic.Folder, "source")).FullName;
        await OddFolder.MakeAsync(source);
        await WritePlanAsync(restic, server.Endpoint, bucket, source);

        await RunAsync(restic, "vault", "create");
        await RunAsync(restic, "backup", "odd");
        Assert.Contains("odd", await RunAsync(restic, "snapshots"), StringComparison.Ordinal);
        Assert.Contains("whole", await RunAsync(restic, "vault", "check", "--read-data"), StringComparison.Ordinal);
        var target = Path.Combine(restic.Folder, "target");
        await RunAsync(restic, "restore", "latest", "--to", target);

        Assert.Equal(await FolderListing.OfAsync(source, Token), await FolderListing.OfAsync(target + source, Token));
        var again = await TryRunAsync(restic, "vault", "create");
        Assert.True(again.ExitCode == 22, again.ToString());

        var repository = (await RunAsync(restic, "vault", "password"))
            .Split('\n')
            .Single(line => line.StartsWith("# restic -r ", StringComparison.Ordinal))
            .Split(' ')[3];
        Assert.Contains(
            "no errors were found",
            await restic.RunAsync("-o", "s3.bucket-lookup=path", "-r", repository, "check", "--read-data"),
            StringComparison.Ordinal
        );
    }

    [Fact(Timeout = 300_000)]
    public async Task A_vault_is_not_made_in_a_bucket_that_is_not_there()
    {
        var server = await S3Server.RequireAsync();
        using var restic = StockRestic.Create(TestContext.Current.CancellationToken);
        await WritePlanAsync(restic, server.Endpoint, "no-such-bucket", restic.Folder);

        var exit = await TryRunAsync(restic, "vault", "create");

        Assert.True(exit.ExitCode == Fix, exit.ToString());
        Assert.Contains("code: s3-no-bucket", exit.Error, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(StockRestic restic, params string[] arguments)
    {
        var exit = await TryRunAsync(restic, arguments);
        Assert.True(exit.ExitCode == 0, exit.ToString());
        return exit.Output;
    }

    private static Task<ResurgamExit> TryRunAsync(StockRestic restic, params string[] arguments) =>
        ResurgamProcess.RunAsync(
            ["--plan", "plan.yaml", .. arguments],
            new ResurgamSurroundings
            {
                Folder = restic.Folder,
                Environment = new Dictionary<string, string>
                {
                    ["VAULT_SECRET"] = StockRestic.Password,
                    ["S3_ACCESS"] = S3Server.AccessKey,
                    ["S3_SECRET"] = S3Server.SecretKey,
                },
            },
            Token
        );

    private static Task WritePlanAsync(StockRestic restic, string endpoint, string bucket, string source) =>
        File.WriteAllTextAsync(
            Path.Combine(restic.Folder, "plan.yaml"),
            $$"""
            resurgam: 1
            state: {{restic.Folder}}/state
            vault:
              store: s3://{{bucket}}/some/vault
              secret: { env: VAULT_SECRET }
              s3: { endpoint: "{{endpoint}}", access-key: { env: S3_ACCESS }, secret-key: { env: S3_SECRET } }
            assets:
              odd: { kind: files, path: {{source}} }

            """,
            Token
        );
}
