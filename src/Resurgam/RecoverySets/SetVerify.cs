using System.Globalization;
using Resurgam.Cli;
using Resurgam.Core.Ledgers;
using Resurgam.Core.Plans;
using Resurgam.Core.RecoverySets;
using Resurgam.Core.Vaults;
using Resurgam.Ledgers;
using Resurgam.Vaults;
using Resurgam.Verifications;

namespace Resurgam.RecoverySets;

/// <summary>Proves the newest recovery point of a set: each asset in isolation, brought to the point that the entry names.</summary>
internal static class SetVerify
{
    /// <returns>Exit code: 0 when everything passed, 21 when something did not (docs/exit-codes.md).</returns>
    public static async Task<int> RunAsync(
        Session session,
        Plan plan,
        RecoverySet set,
        CancellationToken cancellationToken
    )
    {
        using var vault = await VaultAccess.OpenAsync(session, plan, cancellationToken);
        var document = await RunAndRecordAsync(session, plan, set, vault, cancellationToken);
        session.Output.Write(document, SetDocuments.Json.SetVerifyDocument, text => WriteText(text, document));
        return document.Passed ? ExitCode.Success : ExitCode.VerificationFailed;
    }

    /// <summary>Verifies, and tells the ledger.</summary>
    internal static async Task<SetVerifyDocument> RunAndRecordAsync(
        Session session,
        Plan plan,
        RecoverySet set,
        Vault vault,
        CancellationToken cancellationToken
    )
    {
        var point = await SetPoints.ChooseAsync(vault, set, "latest", cancellationToken);
        var (result, entry) = await new LedgerRecorder(session, plan, vault).RunAsync(
            StreamName.OfSet(set.Name),
            EntryKind.Verification,
            SetDocuments.Json.SetVerifyDocument,
            () => VerifyAsync(session, plan, vault, point, cancellationToken)
        );
        return result with { Ledger = entry };
    }

    private static async Task<SetVerifyDocument> VerifyAsync(
        Session session,
        Plan plan,
        Vault vault,
        RecoverySetEntry point,
        CancellationToken cancellationToken
    )
    {
        var began = session.Time.GetTimestamp();
        List<VerifyDocument> done = [];
        foreach (var member in point.Members)
        {
            var asset = plan.GetAsset(member.Asset);
            var document = await VerifyCommand.RunAndRecordAsync(
                session,
                plan,
                asset,
                vault,
                member,
                cancellationToken
            );
            done.Add(await AddTiesAsync(vault, member, document, cancellationToken));
        }
        return new SetVerifyDocument(
            point.Set,
            point.At,
            done.TrueForAll(document => document.Passed),
            done,
            session.Time.GetElapsedTime(began)
        );
    }

    /// <summary>The snapshot is what the entry was signed for.</summary>
    private static async Task<VerifyDocument> AddTiesAsync(
        Vault vault,
        SetMember member,
        VerifyDocument document,
        CancellationToken cancellationToken
    )
    {
        var there = await SetTies.ReadAsync(vault, member.Asset, document.Snapshot, cancellationToken);
        var isSame =
            there.SystemIdentifier == member.SystemIdentifier
            && there.ResourceVersion == member.ResourceVersion
            && there.ClusterUid == member.ClusterUid
            && (member.IsStreamed || (there.Lsn == member.Lsn && there.Offset == member.Offset))
            && (there.Repositories ?? []).SequenceEqual(member.Repositories ?? [])
            && (there.Databases ?? []).SequenceEqual(member.Databases ?? []);
        CheckView check = new(
            "ties",
            isSame,
            isSame ? "the snapshot is what the set's entry names" : "the snapshot is not what the set's entry names"
        );
        return document with { Passed = document.Passed && isSame, Checks = [.. document.Checks, check] };
    }

    private static void WriteText(TextWriter text, SetVerifyDocument document)
    {
        foreach (var asset in document.Assets)
        {
            text.WriteLine($"{asset.Asset}: {(asset.Passed ? "proven" : "FAILED")}, {asset.Checks.Count} checks");
            foreach (var check in asset.Checks.Where(check => !check.Passed))
                text.WriteLine($"  FAILED  {check.Name}: {check.Detail}");
        }
        text.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{document.Set} as of {CliJson.ToText(document.At)}: {(document.Passed ? "proven" : "FAILED")}, {document.Duration.TotalSeconds:0.0} s"
            )
        );
    }
}
