using System.CommandLine;
using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Core.Wal;
using Resurgam.Wal;

namespace Resurgam.Vaults;

internal static class VaultCheckCommand
{
    public static Command Create()
    {
        Option<bool> readData = new("--read-data")
        {
            Description = "Read, open and compare every byte of every pack, too.",
        };
        Command command = new(
            "check",
            "Check that all snapshots that the ledger tells of are in the vault, and that everything in it can be restored."
        )
        {
            readData,
        };
        command.SetAction(
            (line, cancellationToken) => RunAsync(Session.Of(line), line.GetValue(readData), cancellationToken)
        );
        return command;
    }

    /// <returns>Exit code: 0 when all is whole, 20 when something is not (docs/exit-codes.md).</returns>
    internal static async Task<int> RunAsync(Session session, bool readData, CancellationToken cancellationToken)
    {
        var plan = await session.LoadPlanAsync(cancellationToken);
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var document = await CheckAsync(session, vault, readData, cancellationToken);
        session.Output.Write(document, VaultDocuments.Json.VaultCheckDocument, text => WriteText(text, document));
        return document.Passed ? ExitCode.Success : ExitCode.VaultDamaged;
    }

    internal static async Task<VaultCheckDocument> CheckAsync(
        Session session,
        Vault vault,
        bool readData,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        var result = await new VaultCheck(vault, session.Progress).RunAsync(readData, cancellationToken);
        var told = await new ToldCheck(vault, session.Progress).RunAsync(cancellationToken);
        var wal = readData ? await CheckWalAsync(session, vault, cancellationToken) : new WalCheckResult(0, 0, []);
        List<DamageView> damage =
        [
            .. result.Damage.Select(found => new DamageView(found.Subject, found.How)),
            .. told.Damage.Select(found => new DamageView(found.Subject, found.How)),
            .. wal.Damage.Select(found => new DamageView(found.Key, found.How)),
        ];
        return new VaultCheckDocument(
            damage.Count == 0,
            readData,
            result.Generations,
            result.Snapshots,
            result.Packs,
            result.Blobs,
            result.BytesRead + wal.BytesRead,
            result.UnusedPacks,
            wal.Objects,
            damage,
            session.Time.GetElapsedTime(began)
        )
        {
            Notes = told.Notes,
        };
    }

    private static async Task<WalCheckResult> CheckWalAsync(
        Session session,
        Vault vault,
        CancellationToken cancellationToken
    )
    {
        List<WalPlace> places = [];
        foreach (var name in await vault.ListGenerationsAsync(cancellationToken))
            if (await vault.TryOpenGenerationAsync(name, cancellationToken) is { } generation)
                places.Add(WalAccess.PlaceOf(generation));
        return await new WalCheck(places, session.Progress).RunAsync(cancellationToken);
    }

    /// <summary>On one line: how it is, and how much was looked at.</summary>
    internal static string LineOf(VaultCheckDocument document)
    {
        var read = document.ReadData
            ? $"; {new ByteSize(document.BytesRead)} read back, {document.WalObjects} WAL objects among it"
            : "; data not read (--read-data does)";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(document.Passed ? "whole" : $"{document.Damage.Count} damaged")}: {Plural.Of(document.Snapshots, "snapshot")}, {Plural.Of(document.Packs, "pack")}, {Plural.Of(document.Blobs, "blob")} in {Plural.Of(document.Generations, "generation")}{read}, {document.Duration.TotalSeconds:0.0} s"
        );
    }

    private static void WriteText(TextWriter text, VaultCheckDocument document)
    {
        foreach (var damage in document.Damage)
            text.WriteLine($"damaged  {damage.Subject}: {damage.How}");
        foreach (var note in document.Notes)
            text.WriteLine($"note     {note}");
        text.WriteLine(LineOf(document));
        if (document.UnusedPacks > 0)
            text.WriteLine(
                $"{(document.UnusedPacks == 1 ? "1 pack belongs" : $"{document.UnusedPacks} packs belong")} to no snapshot: backups that were cut off; harmless"
            );
    }
}
