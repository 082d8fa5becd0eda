using System.CommandLine;
using Resurgam.Adapters.Wal;
using Resurgam.Cli;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;
using Resurgam.Vaults;

namespace Resurgam.Wal;

internal static class WalStreamCommand
{
    public static Command Create()
    {
        Argument<string> asset = new("asset") { Description = "A PostgreSQL cluster or a Redis server of the plan." };
        Option<bool> acceptGap = new("--accept-gap")
        {
            Description = "PostgreSQL: go on behind WAL that the server has removed; take a new backup then.",
        };
        Command command = new("stream", "Copy every change of an asset as it is written, until stopped.")
        {
            asset,
            acceptGap,
        };
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
        var asset = plan.GetAsset(name);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var status = asset switch
        {
            Asset.Postgres postgres => await StreamAsync(
                session,
                plan,
                postgres,
                vault,
                isGapAccepted,
                cancellationToken
            ),
            Asset.Redis redis when !isGapAccepted => await RedisStreamFlow.RunAsync(
                session,
                plan,
                redis,
                vault,
                told => Tell(session, told),
                cancellationToken
            ),
            Asset.Redis => throw WalCommandProblems.NoGapToAccept(name),
            _ => throw WalCommandProblems.NoStream(name, asset.Kind),
        };
        var document = WalStreamView.Of(status);
        session.Output.Write(
            document,
            WalDocuments.Json.WalStreamView,
            text => text.WriteLine($"stopped; the store has everything up to {document.ShippedLsn ?? "nothing yet"}")
        );
        return ExitCode.Success;
    }

    private static async Task<WalStreamStatus> StreamAsync(
        Session session,
        Plan plan,
        Asset.Postgres asset,
        Vault vault,
        bool isGapAccepted,
        CancellationToken cancellationToken
    )
    {
        await using var stream = WalAccess.OpenStream(
            session,
            asset,
            WalAccess.SettingsOf(session, plan, asset) with
            {
                AcceptGap = isGapAccepted,
            },
            vault,
            told => Tell(session, told)
        );
        await stream.RunAsync(cancellationToken);
        return stream.Status;
    }

    private static void Tell(Session session, string told) =>
        session.Output.Note($"{CliJson.ToText(session.Time.GetUtcNow())} {told}");
}
