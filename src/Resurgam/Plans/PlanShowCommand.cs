using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Plans;

internal static class PlanShowCommand
{
    public static Command Create()
    {
        Command command = new("show", "Show the plan as it is understood, with every default.");
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    /// <returns>Exit code: 0; a plan with problems is an error (3).</returns>
    internal static async Task<int> RunAsync(Session session, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var canonical = JsonDocument.Parse(PlanJson.Canonical(plan));
        var document = new PlanShowDocument(
            session.PlanPath,
            plan.Hash,
            session.StateDirectoryOf(plan),
            canonical.RootElement
        );
        session.Output.Write(document, PlanDocuments.Json.PlanShowDocument, text => WriteText(text, document, plan));
        return ExitCode.Success;
    }

    private static void WriteText(TextWriter text, PlanShowDocument document, Plan plan)
    {
        WriteRow(text, "plan", plan.Name);
        WriteRow(text, "file", document.File);
        WriteRow(text, "hash", document.Hash);
        WriteRow(text, "vault", plan.Vault.Store.ToString());
        WriteStore(text, plan.Vault);
        WriteRow(text, "secret", plan.Vault.Secret.ToString());
        WriteRow(text, "state", document.StateDirectory);
        foreach (var asset in plan.Assets)
            WriteAsset(text, asset);
        if (plan.Assets.Count == 0)
            text.WriteLine("This plan protects nothing yet: it has no assets.");
    }

    private static void WriteStore(TextWriter text, VaultPlace vault)
    {
        var folder = vault.Store.Value;
        if (vault.Store.Kind == StoreKind.Folder && vault.Store.Written != StoreAddress.Folder(folder).Written)
            WriteRow(text, "", $"that is {folder}");
        if (vault.S3 is not { } s3)
            return;
        WriteRow(
            text,
            "server",
            $"{s3.Endpoint ?? "Amazon's"}, region {s3.Region}, bucket in the {(s3.IsPathStyle ? "path" : "host name")}"
        );
        WriteRow(text, "access key", s3.AccessKey?.ToString() ?? "the AWS variables or credentials file");
        if (s3.SecretKey is { } secretKey)
            WriteRow(text, "secret key", secretKey.ToString());
        if (s3.SessionToken is { } token)
            WriteRow(text, "token", token.ToString());
    }

    private static void WriteAsset(TextWriter text, Asset asset)
    {
        text.WriteLine();
        WriteRow(text, "asset", $"{asset.Id} ({asset.Kind})");
        switch (asset)
        {
            case Asset.Postgres postgres:
                WriteRow(text, "connection", postgres.Connection);
                WriteRow(text, "read from", postgres.DataDirectory ?? "the replication protocol");
                WriteRow(text, "binaries", postgres.Binaries ?? "found by the cluster's version");
                WriteRow(text, "max rate", postgres.MaxRate is { } rate ? $"{rate}/s" : "no limit");
                WriteRow(text, "slot", postgres.Wal.Slot);
                WriteRow(
                    text,
                    "WAL",
                    $"to the store every {Duration.Format(postgres.Wal.FragmentInterval)} or {postgres.Wal.FragmentSize}; commits wait {Duration.Format(postgres.Wal.SynchronousWait)} at most"
                );
                foreach (var question in postgres.Questions)
                    WriteRow(
                        text,
                        "question",
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{question.Name}: {question.Sql.ReplaceLineEndings(" ")} = {question.Expect ?? "as at the snapshot"}"
                        )
                    );
                break;
            case Asset.Redis redis:
                WriteRedis(text, redis);
                break;
            case Asset.Files files:
                WriteRow(text, "path", files.Path);
                foreach (var pattern in files.Exclude)
                    WriteRow(text, "without", pattern);
                break;
            case Asset.Git git:
                WriteGit(text, git);
                break;
            case Asset.Secret secret:
                WriteRow(text, "from", secret.From.ToString());
                break;
            default:
                throw new UnreachableException($"no text is written for {asset.Kind}");
        }
    }

    private static void WriteRedis(TextWriter text, Asset.Redis redis)
    {
        WriteRow(
            text,
            "server",
            redis.Socket
                ?? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{redis.Host}:{redis.Port}, {(redis.Tls is null ? "without TLS" : "TLS")}"
                )
        );
        WriteRow(text, "user", redis.User ?? "the server's default user");
        WriteRow(text, "password", redis.Password?.ToString() ?? "none");
        WriteRow(text, "binaries", redis.Binaries ?? "found in PATH");
        WriteRow(text, "restore", redis.StartEmpty ? "starts empty" : "with its keys");
        WriteRow(
            text,
            "AOF",
            redis.AppendOnly switch
            {
                null => "as the captured server has it",
                true => "yes",
                false => "no",
            }
        );
    }

    private static void WriteGit(TextWriter text, Asset.Git git)
    {
        foreach (var address in git.Repositories)
            WriteRow(text, "repository", address.Text);
        if (git.GitHub is { } gitHub)
        {
            WriteRow(text, "all of", $"{gitHub.Organisation}, as {gitHub.Api} lists them");
            WriteRow(text, "token", gitHub.Token?.ToString() ?? "none");
            foreach (var pattern in gitHub.Exclude)
                WriteRow(text, "without", pattern);
        }
        WriteRow(text, "user", git.User ?? "what git's own configuration says");
        WriteRow(text, "password", git.Password?.ToString() ?? "none");
        WriteRow(text, "SSH key", git.SshKey ?? "what ssh finds by itself");
        WriteRow(text, "hosts", git.KnownHosts ?? "ssh's own file of known hosts");
        WriteRow(text, "LFS", git.WithLargeFiles ? "large files too" : "without large files");
        WriteRow(text, "timeout", $"{Duration.Format(git.Timeout)} for each");
    }

    private static void WriteRow(TextWriter text, string name, string value) => text.WriteLine($"{name, -11}{value}");
}
