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
        PlaceRows.Write(text, plan.Vault.Primary);
        text.WriteRow("secret", plan.Vault.Secret.ToString());
        foreach (var (name, place) in plan.Vault.Replicas)
        {
            text.WriteRow("replica", $"{name}: {place.Store}");
            PlaceRows.Write(text, place);
        }
        text.WriteRow("state", document.StateDirectory);
        foreach (var asset in plan.Assets)
            AssetRows.Write(text, asset);
        foreach (var set in plan.RecoverySets)
            RecoverySetRows.Write(text, set);
        if (plan.Assets.Count == 0)
            text.WriteLine("This plan protects nothing yet: it has no assets.");
        LifeRows.Write(text, plan);
        PeopleRows.Write(text, plan);
    }
}
