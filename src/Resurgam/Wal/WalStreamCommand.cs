using System.CommandLine;
using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Cli;
using Resurgam.Vaults;

namespace Resurgam.Wal;

internal static class WalStreamCommand
{
    public static Command Create()
    {
        Argument<string> asset = new("asset") { Description = "Name of a PostgreSQL asset of the plan." };
        Option<bool> acceptGap = new("--accept-gap")
        {
            Description = "Go on behind WAL that the server has removed; take a new backup then.",
        };
        Command command = new("stream", "Copy every WAL record as it is written, until stopped.") { asset, acceptGap };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(Session.Of(line), line.GetRequiredValue(asset), line.GetValue(acceptGap), cancellationToken)
        );
        return command;
    }

    internal static async Task<int> RunAsync(
        Session session,
        string name,
        bool isGapAccepted,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        var asset = WalAccess.GetAsset(plan, name);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        await using var stream = WalStream.Open(
            WalAccess.SettingsOf(session, plan, asset) with
            {
                AcceptGap = isGapAccepted,
            },
            WalAccess.ConnectionOf(session, asset),
            token => WalAccess.OpenForWritingAsync(vault, name, token),
            session.Time,
            told => session.Output.Note($"{CliJson.ToText(session.Time.GetUtcNow())} {told}")
        );
        await stream.RunAsync(cancellationToken);
        var document = WalStreamView.Of(stream.Status);
        session.Output.Write(
            document,
            WalDocuments.Json.WalStreamView,
            text => text.WriteLine($"stopped; the store has everything up to {document.ShippedLsn ?? "nothing yet"}")
        );
        return ExitCode.Success;
    }
}
