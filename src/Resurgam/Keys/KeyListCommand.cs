using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Vaults.Keys;
using Resurgam.Vaults;

namespace Resurgam.Keys;

internal static class KeyListCommand
{
    public static Command Create()
    {
        Command command = new("list", "Every key of the vault, and what it opens.");
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(Session session, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var generations = (await vault.ListGenerationsAsync(cancellationToken)).Count;
        KeyListDocument document = new(
            generations,
            [.. (await new VaultKeys(vault).ListAsync(cancellationToken)).Select(KeyView.Of)]
        );
        session.Output.Write(document, KeyDocuments.Json.KeyListDocument, text => WriteText(text, document));
        return ExitCode.Success;
    }

    private static void WriteText(TextWriter text, KeyListDocument document)
    {
        foreach (var key in document.Keys)
            text.WriteLine(
                $"{key.Id[..8]}  {CliJson.ToText(key.CreatedAt)}  {(key.Name.Length == 0 ? "(without a name)" : key.Name)}, by {key.CreatedBy}: {StateOf(key, document.Generations)}"
            );
    }

    private static string StateOf(KeyView key, int generations)
    {
        var opens = key.Missing switch
        {
            null => "what stock restic opens with it is not known",
            [] => $"opens the vault and all {generations} generations",
            var missing =>
                $"does not open {string.Join(", ", missing)} with stock restic: 'vault key add' completes it",
        };
        return !key.IsWhole ? "was being added or withdrawn: run the same command again"
            : key.IsCurrent ? $"{opens}; the plan names it"
            : opens;
    }
}
