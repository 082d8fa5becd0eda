using System.CommandLine;
using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Vaults;

namespace Resurgam.Ledgers;

/// <summary>After a breach: what an asset held before a moment must not come back.</summary>
internal static class LedgerRevokeCommand
{
    public static Command Create()
    {
        Argument<string> asset = new("asset") { Description = "A Redis server of the plan." };
        Option<string> reason = new("--reason")
        {
            Description = "Why, for the ledger.",
            HelpName = "TEXT",
            Required = true,
        };
        Option<string?> before = new("--before")
        {
            Description = "The moment (2026-11-23T14:05:00Z); without it, now.",
            HelpName = "TIME",
        };
        Command command = new(
            "revoke",
            "Refuse restores of an asset to any point before a moment: its sessions are revoked."
        )
        {
            asset,
            reason,
            before,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetRequiredValue(asset),
                    line.GetRequiredValue(reason),
                    line.GetValue(before),
                    cancellationToken
                )
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        string name,
        string reason,
        string? beforeText,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        if (plan.GetAsset(name) is not Asset.Redis)
            throw LedgerCommandProblems.NothingToRevoke(name, plan.GetAsset(name).Kind);
        Revocation revocation = new()
        {
            Asset = name,
            Before = beforeText is null ? session.Time.GetUtcNow() : MomentOf(beforeText),
            Reason = reason,
        };
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var entry = await LedgerAccess
            .OpenWriter(session, plan, vault)
            .AppendAsync(StreamName.OfAsset(name), revocation.ToFact(), cancellationToken);
        LedgerRevokeDocument document = new(name, revocation.Before, reason, EntryView.Of(entry));
        session.Output.Write(
            document,
            LedgerDocuments.Json.LedgerRevokeDocument,
            text =>
                text.WriteLine(
                    $"{name} is not restored to any point before {CliJson.ToText(document.Before)}: entry {entry.Seq} of stream {entry.Stream.Value}"
                )
        );
        return ExitCode.Success;
    }

    private static DateTimeOffset MomentOf(string text)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, utc, out var moment)
            ? moment
            : throw LedgerCommandProblems.BadMoment(text);
    }
}
