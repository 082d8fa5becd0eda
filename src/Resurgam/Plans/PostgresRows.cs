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
        WriteQuestions(text, postgres.Questions);
    }

    public static void Write(TextWriter text, Asset.LogicalPostgres postgres)
    {
        text.WriteRow("connection", postgres.Connection);
        text.WriteRow("read by", "SQL: roles, and every database as pg_dump writes it; its WAL is kept elsewhere");
        text.WriteRow(
            "databases",
            postgres.Databases.Count == 0 ? "all that the role may connect to" : string.Join(", ", postgres.Databases)
        );
        text.WriteRow("binaries", postgres.Binaries ?? "found by the server's version");
        WriteQuestions(text, postgres.Questions);
    }

    private static void WriteQuestions(TextWriter text, ValueList<Question> questions)
    {
        foreach (var question in questions)
            text.WriteRow(
                "question",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{question.Name}: {question.Sql.ReplaceLineEndings(" ")} = {question.Expect ?? "as at the snapshot"}"
                )
            );
    }
}
