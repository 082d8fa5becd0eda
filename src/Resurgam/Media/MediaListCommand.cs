using System.CommandLine;
using Resurgam.Cli;
using Resurgam.Core.Vaults.Expiry;
using Resurgam.Core.Vaults.Media;
using Resurgam.Vaults;

namespace Resurgam.Media;

internal static class MediaListCommand
{
    public static Command Create()
    {
        Command command = new("list", "Every set of volumes, and where each volume is by the ledger.");
        command.SetAction((line, cancellationToken) => RunAsync(Session.Of(line), cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(Session session, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var ledger = vault.OpenLedger();
        var media = await MediaLedger.ReadAsync(ledger, cancellationToken);
        var expired = (await ExpiryLedger.ReadAsync(ledger, cancellationToken)).Expired;
        MediaListDocument document = new([.. media.Sets.Select(set => MediaSetView.From(set, expired))]);
        session.Output.Write(document, MediaDocuments.Json.MediaListDocument, text => WriteText(text, document));
        return ExitCode.Success;
    }

    private static void WriteText(TextWriter text, MediaListDocument document)
    {
        foreach (var set in document.Sets)
        {
            text.WriteLine(
                $"{set.Set}  {CliJson.ToText(set.WrittenAt)}  generations {string.Join(", ", set.Generations)}, {set.Volumes.Count} of {set.Of} volumes written"
            );
            foreach (var volume in set.Volumes)
                text.WriteLine($"  volume {volume.Number}  {WordsOf(volume)}");
            if (set.ExpiredGenerations.Count > 0 && set.Volumes.Any(volume => volume.State != MediaWords.Destroyed))
                text.WriteLine(
                    $"  generations {string.Join(", ", set.ExpiredGenerations)} have expired: destroy these volumes, then 'resurgam vault media destroyed {set.Set} --by ...'"
                );
        }
        if (document.Sets.Count == 0)
            text.WriteLine("no offline media was written: 'resurgam vault media write'");
    }

    private static string WordsOf(MediaVolumeCustodyView volume) =>
        volume.Moves is [.., var last]
            ? $"{volume.State} by {last.Person}{(last.Place is { } place ? $", {place}" : "")}, {CliJson.ToText(last.At)}{(last.Read ? ", read and whole" : "")}"
            : $"{volume.State} at {volume.WrittenTo}";
}
