using System.Diagnostics;
using System.Text.Json;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Kinds;

/// <summary>Reads and writes a PostgreSQL cluster, or the databases of one.</summary>
internal static class PostgresKind
{
    /// <summary>Not kept: the keys need the types of this class, and this needs the keys.</summary>
    public static AssetKind Kind =>
        AssetKind.Of<Asset>(
            Asset.Postgres.KindName,
            [PostgresKeys.Section, PostgresKeys.WalSection, PostgresKeys.QuestionSection],
            Read,
            Write
        );

    public static PlanType<ValueList<Question>> QuestionsType { get; } = new("list of groups", [], ReadQuestions);

    public static PlanType<PlanMapping?> WalType { get; } =
        new("group", null, value => new PlanMapping(value, PostgresKeys.WalSection));

    private static Asset Read(AssetId id, PlanMapping keys)
    {
        if (keys.Get(PostgresKeys.Capture) == CaptureWay.Logical)
            return ReadLogical(id, keys);
        RefuseAll(keys, "physical", PostgresKeys.Databases);
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

    private static Asset.LogicalPostgres ReadLogical(AssetId id, PlanMapping keys)
    {
        RefuseAll(keys, "logical", PostgresKeys.DataDirectory, PostgresKeys.MaxRate, PostgresKeys.Wal);
        return new Asset.LogicalPostgres
        {
            Id = id,
            Connection = keys.Get(PostgresKeys.Connection),
            Binaries = keys.Get(PostgresKeys.Binaries),
            Databases = keys.Get(PostgresKeys.Databases),
            Questions = keys.Get(PostgresKeys.Questions),
        };
    }

    private static void RefuseAll(PlanMapping keys, string way, params ReadOnlySpan<PlanKey> others)
    {
        foreach (var key in others)
            if (keys.Has(key))
                keys.Self.Report.Add(keys.MarkOf(key), PlanProblems.NotForCapture(keys.Self.Path, key.Name, way));
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

    private static void Write(Utf8JsonWriter json, Asset asset)
    {
        switch (asset)
        {
            case Asset.Postgres physical:
                WritePhysical(json, physical);
                break;
            case Asset.LogicalPostgres logical:
                WriteLogical(json, logical);
                break;
            default:
                throw new UnreachableException($"{asset.Id} is no {Asset.Postgres.KindName}");
        }
    }

    private static void WriteLogical(Utf8JsonWriter json, Asset.LogicalPostgres postgres)
    {
        json.WriteString("connection", postgres.Connection);
        json.WriteString("capture", "logical");
        json.WriteText("binaries", postgres.Binaries);
        json.WriteSomeTexts("databases", postgres.Databases);
        WriteQuestions(json, postgres.Questions);
    }

    private static void WritePhysical(Utf8JsonWriter json, Asset.Postgres postgres)
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
        WriteQuestions(json, postgres.Questions);
    }

    private static void WriteQuestions(Utf8JsonWriter json, ValueList<Question> questions)
    {
        json.WriteStartArray("questions");
        foreach (var question in questions)
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
