using Resurgam.Core.Problems;

namespace Resurgam.Ledgers;

internal static class LedgerCommandProblems
{
    public static ResurgamException NoStream(string stream) =>
        new(
            new Problem(
                "ledger-stream-absent",
                Remedy.Fix,
                $"the ledger has no stream {stream}",
                "'resurgam ledger verify' lists the streams; that of an asset is 'asset.NAME' and begins with the first backup."
            )
        );

    public static ResurgamException BadHead(string text) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"'{text}' names no entry",
                "Write STREAM:SEQ:HASH as 'resurgam ledger verify' prints it after 'head'."
            )
        );

    public static ResurgamException OtherVault(string store, string other, string ours) =>
        new(
            new Problem(
                "ledger-other-vault",
                Remedy.Fix,
                $"{store} is vault {other}, not a copy of vault {ours}",
                "Name the folder of a copy of this vault with --copy."
            )
        );

    public static ResurgamException NothingToRevoke(string asset, string kind) =>
        new(
            new Problem(
                "usage",
                Remedy.Fix,
                $"asset {asset} is of kind {kind}, and only a Redis server holds sessions",
                "Name an asset of kind redis; 'resurgam plan show' lists them."
            )
        );

    public static ResurgamException BadMoment(string text) =>
        new(new Problem("usage", Remedy.Fix, $"'{text}' is no time", "Write it as 2026-11-23T14:05:00Z."));
}
