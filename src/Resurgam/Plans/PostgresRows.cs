using System.Globalization;
using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Plans;

internal static class PostgresRows
{
    public static void Write(TextWriter text, Asset.Postgres postgres)
    {
        text.WriteRow("connection", postgres.Connection);
        text.WriteRow("read from", postgres.DataDirectory ?? "the replication protocol");
        text.WriteRow("binaries", postgres.Binaries ?? "found by the cluster's version");
        text.WriteRow("max rate", postgres.MaxRate is { } rate ? $"{rate}/s" : "no limit");
        text.WriteRow("slot", postgres.Wal.Slot);
        text.WriteRow(
            "WAL",
            $"to the store every {Duration.Format(postgres.Wal.FragmentInterval)} or {postgres.Wal.FragmentSize}; commits wait {Duration.Format(postgres.Wal.SynchronousWait)} at most"
        );
        foreach (var question in postgres.Questions)
            text.WriteRow(
                "question",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{question.Name}: {question.Sql.ReplaceLineEndings(" ")} = {question.Expect ?? "as at the snapshot"}"
                )
            );
    }
}
