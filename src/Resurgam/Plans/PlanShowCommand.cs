using System.CommandLine;
using System.Text.Json;
using Resurgam.Cli;
using Resurgam.Core.Plans;

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
        text.WriteRow("plan", plan.Name);
        text.WriteRow("file", document.File);
        text.WriteRow("hash", document.Hash);
        text.WriteRow("vault", plan.Vault.Store.ToString());
        WriteStore(text, plan.Vault);
        text.WriteRow("secret", plan.Vault.Secret.ToString());
        text.WriteRow("state", document.StateDirectory);
        foreach (var asset in plan.Assets)
            AssetRows.Write(text, asset);
        if (plan.Assets.Count == 0)
            text.WriteLine("This plan protects nothing yet: it has no assets.");
    }

    private static void WriteStore(TextWriter text, VaultPlace vault)
    {
        var folder = vault.Store.Value;
        if (vault.Store.Kind == StoreKind.Folder && vault.Store.Written != StoreAddress.Folder(folder).Written)
            text.WriteRow("", $"that is {folder}");
        if (vault.S3 is not { } s3)
            return;
        text.WriteRow(
            "server",
            $"{s3.Endpoint ?? "Amazon's"}, region {s3.Region}, bucket in the {(s3.IsPathStyle ? "path" : "host name")}"
        );
        text.WriteRow("access key", s3.AccessKey?.ToString() ?? "the AWS variables or credentials file");
        if (s3.SecretKey is { } secretKey)
            text.WriteRow("secret key", secretKey.ToString());
        if (s3.SessionToken is { } token)
            text.WriteRow("token", token.ToString());
    }
}
