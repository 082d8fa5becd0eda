using System.CommandLine;
using System.Text.Json;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;

namespace Resurgam.Retention;

internal static class HoldCommand
{
    public static Command Create() =>
        new("hold", "Legal holds: what must not expire, by whose word and why.")
        {
            HoldAddCommand.Create(),
            HoldListCommand.Create(),
            HoldReleaseCommand.Create(),
        };

    public static Option<string> NewReasonOption() =>
        new("--reason")
        {
            Description = "Why, for the ledger: a case number, never names of patients.",
            HelpName = "TEXT",
            Required = true,
        };

    /// <summary>Puts it into the ledger and shows it.</summary>
    /// <param name="kind">Of <see cref="EntryKind"/>.</param>
    /// <param name="text">What a person reads.</param>
    internal static async Task<int> RecordAsync(
        Session session,
        Plan plan,
        Vault vault,
        string kind,
        HoldDocument hold,
        string text,
        CancellationToken cancellationToken
    )
    {
        // Not through the recorder, which would let it wait on this machine: a hold that only we know of holds nothing.
        var entry = await LedgerAccess
            .OpenWriter(session, plan, vault)
            .AppendAsync(
                StreamName.Vault,
                LedgerFact.Of(kind, JsonSerializer.SerializeToUtf8Bytes(hold, RetentionDocuments.Json.HoldDocument)),
                cancellationToken
            );
        session.Output.Write(
            hold with
            {
                Ledger = EntryView.Of(entry),
            },
            RetentionDocuments.Json.HoldDocument,
            writer => writer.WriteLine(text)
        );
        return ExitCode.Success;
    }
}
