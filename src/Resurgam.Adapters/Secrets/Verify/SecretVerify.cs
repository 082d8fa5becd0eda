using Resurgam.Core.Assets;
using Resurgam.Core.Plans;
using Resurgam.Core.Predictions;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Secrets.Verify;

/// <summary>Opens a kept secret and compares it with what was recorded, and with what its source has now. Nothing is written.</summary>
public sealed class SecretVerify(Vault vault, SecretSource from, SecretReader reader)
{
    private readonly VerificationClock _clock = new(vault.Host.Time);

    public async Task<VerificationReport> RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        var kept = await _clock.TimeAsync(
            RecoverySteps.Restore,
            () => SecretSnapshot.ReadAsync(vault, snapshot, cancellationToken)
        );
        var digest = vault.DigestOf(kept.Value.Span);
        VerificationCheck copy = new(
            "copy",
            digest == kept.Record.Digest,
            digest == kept.Record.Digest ? "it opens, and is as recorded" : "it is not as recorded"
        );
        var source = await _clock.TimeAsync("compare", () => CompareAsync(digest, cancellationToken));
        return new VerificationReport([copy, source], _clock.Steps, Lsn: null, LastCommitAt: null)
        {
            AsOf = kept.Record.SeenAt,
            BytesTotal = kept.Value.Length,
            BytesWritten = kept.Value.Length,
        };
    }

    private async Task<VerificationCheck> CompareAsync(string digest, CancellationToken cancellationToken)
    {
        const string name = "source";
        try
        {
            var now = await reader.ReadAsync(from, cancellationToken);
            return vault.DigestOf(now.Bytes.Span) == digest
                ? new VerificationCheck(name, true, $"{from} has the same secret")
                : new VerificationCheck(name, false, $"{from} has another secret: take a backup if that is meant");
        }
        catch (ResurgamException e) when (e.Problem.Remedy != Remedy.Report)
        {
            return new VerificationCheck(name, false, e.Problem.What);
        }
    }
}
