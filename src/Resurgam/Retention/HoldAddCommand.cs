using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Vaults;

namespace Resurgam.Retention;

internal static class HoldAddCommand
{
    public static Command Create()
    {
        Option<string?> asset = new("--asset")
        {
            Description = "Only generations that hold this asset; all otherwise.",
            HelpName = "NAME",
        };
        Option<string?> generation = new("--generation")
        {
            Description = "Only this one; all otherwise, those to come as well.",
            HelpName = "YYYY-MM",
        };
        var reason = HoldCommand.NewReasonOption();
        Command command = new("add", "Let nothing expire that it covers, until it is released.")
        {
            asset,
            generation,
            reason,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetValue(asset),
                    line.GetValue(generation),
                    line.GetRequiredValue(reason),
                    cancellationToken
                )
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        string? asset,
        string? generation,
        string reason,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        if (asset is not null && !plan.Assets.Any(known => known.Id.Value == asset))
            session.Output.Warn(
                $"the plan has no asset {asset}; the hold covers what the vault has of one by that name"
            );
        var id = new byte[4];
        session.Entropy.Fill(id);
        HoldDocument hold = new(Convert.ToHexStringLower(id), asset, generation, reason);
        return await HoldCommand.RecordAsync(
            session,
            plan,
            vault,
            EntryKind.HoldAdded,
            hold,
            $"legal hold {hold.Id} on {hold.Scope}",
            cancellationToken
        );
    }
}
