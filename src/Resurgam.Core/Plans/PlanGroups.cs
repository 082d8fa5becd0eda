using System.Text.Json;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>The shapes that sections have: one group, groups with names, a list of groups.</summary>
/// <remarks>Sections come as functions: the keys of one name the type of another while both are made.</remarks>
internal static class PlanGroups
{
    /// <summary>A group that may be left out.</summary>
    public static PlanType<T?> One<T>(Func<PlanSection> section, Func<PlanMapping, T> read)
        where T : class => new("group", null, value => read(new PlanMapping(value, section())));

    /// <summary>A group for each thing, by its name; in the order of the file, each name once.</summary>
    public static PlanType<ValueList<T>> Named<T>(Func<PlanSection> section, Func<string, PlanMapping, T> read) =>
        new("group of groups", [], value => ReadNamed(value, section(), read));

    public static PlanType<ValueList<T>> List<T>(Func<PlanSection> section, Func<PlanMapping, T> read) =>
        new("list of groups", [], value => ReadList(value, section(), read));

    extension(Utf8JsonWriter json)
    {
        /// <summary>Nothing when there are none. By name: their order says nothing.</summary>
        public void WriteNamed<T>(string key, ValueList<T> things, Func<T, string> nameOf, Action<T> write)
        {
            if (things.Count == 0)
                return;
            json.WriteStartObject(key);
            foreach (var thing in things.OrderBy(nameOf, StringComparer.Ordinal))
            {
                json.WriteStartObject(nameOf(thing));
                write(thing);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }

        /// <summary>Nothing when there are none. In their order.</summary>
        public void WriteList<T>(string key, ValueList<T> things, Action<T> write)
        {
            if (things.Count == 0)
                return;
            json.WriteStartArray(key);
            foreach (var thing in things)
            {
                json.WriteStartObject();
                write(thing);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }

        /// <summary>Nothing when there are none.</summary>
        public void WriteSomeTexts(string key, ValueList<string> texts)
        {
            if (texts.Count > 0)
                json.WriteTexts(key, texts);
        }

        /// <summary>In seconds; nothing when there is none.</summary>
        public void WriteSpan(string key, TimeSpan? span)
        {
            if (span is { } value)
                json.WriteNumber(key, value.TotalSeconds);
        }

        /// <summary>Nothing when there is none.</summary>
        public void WriteCount(string key, int? count)
        {
            if (count is { } value)
                json.WriteNumber(key, value);
        }

        /// <summary>As <c>2026-03-08</c>; nothing when there is none.</summary>
        public void WriteDate(string key, DateOnly? date)
        {
            if (date is { } value)
                json.WriteString(key, value.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static ValueList<T> ReadNamed<T>(PlanValue value, PlanSection section, Func<string, PlanMapping, T> read)
    {
        if (value.Node is not YamlNode.Mapping mapping)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a group of groups", value.Node.Shape, value.Example));
            return [];
        }
        List<T> things = [];
        foreach (var entry in PlanMapping.Once(mapping, value))
        {
            var child = value.Child(entry.Value, entry.Key.Text);
            value.Report.Note("", child.Path, entry.Key.At);
            if (!PlanName.IsValid(entry.Key.Text))
                value.Report.Add(entry.Key.At, PlanProblems.Name(value.Path, entry.Key.Text));
            else
                things.Add(read(entry.Key.Text, new PlanMapping(child, section)));
        }
        return [.. things];
    }

    private static ValueList<T> ReadList<T>(PlanValue value, PlanSection section, Func<PlanMapping, T> read)
    {
        if (value.Node is not YamlNode.Sequence sequence)
        {
            value.Refuse(PlanProblems.Type(value.Path, "a list of groups", value.Node.Shape, value.Example));
            return [];
        }
        return
        [
            .. sequence.Items.Select(
                (item, index) =>
                    read(new PlanMapping(value with { Node = item, Path = $"{value.Path}[{index}]" }, section))
            ),
        ];
    }
}
