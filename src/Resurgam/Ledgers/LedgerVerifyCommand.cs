using System.CommandLine;
using System.Globalization;
using Resurgam.Adapters.Ledgers;
using Resurgam.Adapters.Stores;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;
using Resurgam.Vaults;

namespace Resurgam.Ledgers;

internal static class LedgerVerifyCommand
{
    public static Command Create()
    {
        Option<bool> all = new("--all-signatures")
        {
            Description = "Verify each entry's own signature, too, not only the last one of each key.",
        };
        Option<string[]> head = new("--head")
        {
            Description = "An entry that was seen before and must be there: STREAM:SEQ:HASH.",
            HelpName = "HEAD",
        };
        Option<string?> copy = new("--copy")
        {
            Description = "A replica's name, or the folder of a copy: compare, and show where the two grew apart.",
            HelpName = "REPLICA",
        };
        Command command = new("verify", "Check that nothing in the ledger was changed, dropped or slipped in.")
        {
            all,
            head,
            copy,
        };
        command.SetAction(
            (line, cancellationToken) =>
                RunAsync(
                    Session.Of(line),
                    line.GetValue(all),
                    line.GetValue(head) ?? [],
                    line.GetValue(copy),
                    cancellationToken
                )
        );
        return command;
    }

    /// <returns>Exit code: 0 when all is whole, 20 when something is not (docs/exit-codes.md).</returns>
    internal static async Task<int> RunAsync(
        Session session,
        bool allSignatures,
        IReadOnlyList<string> headTexts,
        string? copy,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        var plan = await session.LoadPlanAsync(cancellationToken);
        var given = headTexts.Select(text => SeenHeads.TryParse(text) ?? throw LedgerCommandProblems.BadHead(text));
        List<(LedgerHead, string)> known = [.. given.Select(head => (head, "--head"))];
        using var vault = await VaultAccess.OpenPlaceAsync(session, plan, cancellationToken);
        var ledger = vault.OpenLedger();
        var seen = LedgerAccess.SeenOf(session, plan, ledger);
        known.AddRange(seen.Read().Select(head => (head, $"this machine ({seen.Path})")));
        var report = await new LedgerVerifier(ledger, vault.Host.Workers, session.Progress).RunAsync(
            allSignatures,
            known,
            cancellationToken
        );
        var seconds = session.Time.GetElapsedTime(began);
        List<LedgerFindingView> findings = [.. FindingsOf(vault), .. report.Findings.Select(ViewOf)];
        var copies = copy is null ? [] : await CompareAsync(session, plan, vault, copy, findings, cancellationToken);
        LedgerVerifyDocument document = new(
            findings.Count == 0,
            ledger.VaultId,
            LedgerAccess.FingerprintOf(ledger.Root),
            report.Entries,
            report.Signatures,
            allSignatures,
            [
                .. report.Streams.Select(stream => new LedgerStreamView(
                    stream.Stream.Value,
                    stream.Entries,
                    stream.Last?.Seq ?? 0,
                    stream.Last?.Hash.Hex
                )),
            ],
            findings,
            copies,
            seconds,
            report.Entries == 0 ? null : report.Entries / seconds.TotalSeconds
        );
        if (document.Passed)
            seen.Add(report.Streams.Select(stream => stream.Last?.Head).OfType<LedgerHead>());
        session.Output.Write(document, LedgerDocuments.Json.LedgerVerifyDocument, text => WriteText(text, document));
        return document.Passed ? ExitCode.Success : ExitCode.VaultDamaged;
    }

    /// <summary>Who reads <c>resurgam.json</c> without the secret must find the same key there.</summary>
    private static IEnumerable<LedgerFindingView> FindingsOf(Vault vault)
    {
        if (vault.HasForeignSigningKey)
            yield return new LedgerFindingView(
                "unsigned",
                StreamName.Vault.Value,
                0,
                $"{VaultDescriptor.Key} names another signing key than the vault's own"
            );
    }

    private static async Task<IReadOnlyList<LedgerCopyView>> CompareAsync(
        Session session,
        Plan plan,
        Vault vault,
        string copy,
        List<LedgerFindingView> findings,
        CancellationToken cancellationToken
    )
    {
        var ledger = vault.OpenLedger();
        var replica = PlaceAccess.All(plan).FirstOrDefault(place => place.Name == copy);
        var store = replica is null
            ? new FolderStore(session.AbsolutePath(copy), session.Entropy)
            : await VaultAccess.OpenStoreAsync(session, replica.Place, cancellationToken);
        var descriptor =
            await Vault.FindDescriptorAsync(store, cancellationToken) ?? throw VaultProblems.NoVault(store.Name);
        if (descriptor.Id != ledger.VaultId)
            throw LedgerCommandProblems.OtherVault(store.Name, descriptor.Id, ledger.VaultId);
        var streams = await LedgerComparison.RunAsync(ledger, vault.OpenLedger(store), cancellationToken);
        foreach (var fork in streams.OfType<StreamComparison.Fork>())
            findings.Add(
                new LedgerFindingView(
                    "forked",
                    fork.Stream.Value,
                    fork.CommonSeq + 1,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"after entry {fork.CommonSeq} there are {fork.Here.Count} entries here and {fork.There.Count} others in {store.Name}"
                    )
                )
            );
        return [.. streams.Select(ViewOf)];
    }

    private static LedgerCopyView ViewOf(StreamComparison comparison) =>
        comparison switch
        {
            StreamComparison.Same same => new LedgerCopyView(same.Stream.Value, "same", same.Head.Seq, [], []),
            StreamComparison.Ahead ahead => new LedgerCopyView(
                ahead.Stream.Value,
                ahead.IsOtherAhead ? "behind" : "ahead",
                ahead.From - 1,
                [],
                []
            ),
            StreamComparison.Fork fork => new LedgerCopyView(
                fork.Stream.Value,
                "forked",
                fork.CommonSeq,
                [.. fork.Here.Select(LedgerShowCommand.ViewOf)],
                [.. fork.There.Select(LedgerShowCommand.ViewOf)]
            ),
            _ => throw new System.Diagnostics.UnreachableException($"no view is written for {comparison}"),
        };

    private static LedgerFindingView ViewOf(LedgerFinding finding) =>
        new(
            finding.Fault switch
            {
                LedgerFault.Damaged => "damaged",
                LedgerFault.Unlinked => "unlinked",
                LedgerFault.Unsigned => "unsigned",
                LedgerFault.Missing => "missing",
                LedgerFault.Dropped => "dropped",
                LedgerFault.Forked => "forked",
                LedgerFault.Stray => "stray",
            },
            finding.Stream.Value,
            finding.Seq,
            finding.What
        );

    private static void WriteText(TextWriter text, LedgerVerifyDocument document)
    {
        foreach (var finding in document.Findings)
            text.WriteLine($"{finding.Fault, -9} {finding.Stream}: {finding.What}");
        foreach (var copy in document.Copies.Where(copy => copy.State != "same"))
            text.WriteLine($"copy      {copy.Stream}: {copy.State} after entry {copy.CommonSeq}");
        foreach (var copy in document.Copies)
        {
            WriteBranch(text, "here", copy.Here);
            WriteBranch(text, "there", copy.There);
        }
        foreach (var stream in document.Streams.Where(stream => stream.Head is not null))
            text.WriteLine($"head      {stream.Stream}:{stream.Seq}:{stream.Head}");
        text.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(document.Passed ? "whole" : Plural.Of(document.Findings.Count, "finding"))}: {document.Entries} entries in {document.Streams.Count} streams, {document.Signatures} signatures verified, {document.Duration.TotalSeconds:0.0} s"
            )
        );
        text.WriteLine($"key of the vault: {document.Root}");
    }

    private static void WriteBranch(TextWriter text, string where, IReadOnlyList<LedgerEntryView> branch)
    {
        foreach (var entry in branch)
            text.WriteLine(
                $"  {where, -6} {entry.Seq} {entry.Hash[..12]} {entry.Time:yyyy-MM-dd HH:mm:ss}Z {entry.Kind} {entry.Actor}"
            );
    }
}
