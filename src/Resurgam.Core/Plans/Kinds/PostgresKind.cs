using System.Text.Json;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>Reads and writes a PostgreSQL cluster.</summary>
internal static class PostgresKind
{
    /// <summary>Not kept: the keys need the types of this class, and this needs the keys.</summary>
    public static AssetKind Kind =>
        AssetKind.Of(
            Asset.Postgres.KindName,
            [PostgresKeys.Section, PostgresKeys.WalSection, PostgresKeys.QuestionSection],
            Read,
            Write
        );

    public static PlanType<ValueList<Question>> QuestionsType { get; } = new("list of groups", [], ReadQuestions);

    public static PlanType<PlanMapping?> WalType { get; } =
        new("group", null, value => new PlanMapping(value, PostgresKeys.WalSection));

    private static Asset.Postgres Read(AssetId id, PlanMapping keys)
    {
        return new Asset.Postgres
        {
            Id = id,
            Connection = keys.Get(PostgresKeys.Connection),
            DataDirectory = keys.Get(PostgresKeys.DataDirectory),
            Binaries = keys.Get(PostgresKeys.Binaries),
            MaxRate = keys.Get(PostgresKeys.MaxRate),
            Wal = ReadWal(id, keys.Get(PostgresKeys.Wal) ?? PlanMapping.None(keys.Self, PostgresKeys.WalSection)),
            Questions = keys.Get(PostgresKeys.Questions),
        };
    }

    private static WalSettings ReadWal(AssetId id, PlanMapping keys) =>
        new()
        {
            Slot = keys.Get(PostgresKeys.Slot) ?? $"resurgam_{id.Value.Replace('-', '_')}",
            SynchronousWait = keys.Get(PostgresKeys.SynchronousWait),
            FragmentInterval = keys.Get(PostgresKeys.FragmentInterval),
            FragmentSize = keys.Get(PostgresKeys.FragmentSize),
        };

    private static ValueList<Question> ReadQuestions(PlanValue value)
    {
        if (value.Node is not YamlNode.Sequence sequence)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a list of questions", value.Node.Shape, value.Example));
            return [];
        }
        List<Question> questions = [];
        foreach (var (index, item) in sequence.Items.Index())
        {
            var each = value with { Node = item, Path = $"{value.Path}[{index}]" };
            var keys = new PlanMapping(each, PostgresKeys.QuestionSection);
            var question = new Question(
                keys.Get(PostgresKeys.QuestionName),
                keys.Get(PostgresKeys.QuestionSql),
                keys.Get(PostgresKeys.QuestionExpect)
            );
            if (question.Name.Length > 0 && questions.Any(other => other.Name == question.Name))
                value.Report.Add(
                    keys.MarkOf(PostgresKeys.QuestionName),
                    PlanProblems.QuestionTwice(value.Path, question.Name)
                );
            questions.Add(question);
        }
        return [.. questions];
    }

    private static void Write(Utf8JsonWriter json, Asset.Postgres postgres)
    {
        json.WriteString("connection", postgres.Connection);
        json.WriteText("dataDirectory", postgres.DataDirectory);
        json.WriteText("binaries", postgres.Binaries);
        if (postgres.MaxRate is { } rate)
            json.WriteNumber("maxRate", rate.Bytes);
        json.WriteStartObject("wal");
        json.WriteString("slot", postgres.Wal.Slot);
        json.WriteNumber("synchronousWait", postgres.Wal.SynchronousWait.TotalSeconds);
        json.WriteNumber("fragmentInterval", postgres.Wal.FragmentInterval.TotalSeconds);
        json.WriteNumber("fragmentSize", postgres.Wal.FragmentSize.Bytes);
        json.WriteEndObject();
        json.WriteStartArray("questions");
        foreach (var question in postgres.Questions)
        {
            json.WriteStartObject();
            json.WriteString("name", question.Name);
            json.WriteString("sql", question.Sql);
            json.WriteText("expect", question.Expect);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
