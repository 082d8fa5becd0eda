using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>The keys of one section as they stand in the file.</summary>
internal sealed class PlanMapping
{
    /// <summary>Of so few entries each is compared with those before it.</summary>
    private const int MostToCompare = 16;

    private readonly PlanValue _self;

    /// <summary>No more than the section has keys: a list is found through sooner than a table is made.</summary>
    private readonly List<YamlEntry> _entries = [];
    private readonly bool _isMapping;

    /// <summary>Reports what is no mapping, keys that the section does not have, and keys that stand there twice.</summary>
    public PlanMapping(PlanValue self, PlanSection section)
    {
        _self = self;
        _isMapping = self.Node is YamlNode.Mapping;
        if (self.Node is not YamlNode.Mapping mapping)
        {
            self.Refuse(PlanProblems.Type(self.Path, "a group of keys", self.Node.Shape, self.Example));
            return;
        }
        foreach (var entry in Once(mapping, self))
        {
            if (section.Keys.Any(key => key.Name == entry.Key.Text))
            {
                _entries.Add(entry);
                self.Report.Note(self.Path == PlanKeys.RootPath ? "" : self.Path, entry.Key.Text, entry.Key.At);
            }
            else if (!self.Report.IsFull)
                self.Report.Add(
                    entry.Key.At,
                    PlanProblems.UnknownKey(self.Path, entry.Key.Text, HintFor(entry.Key.Text, section))
                );
        }
    }

    /// <summary>The section where nothing of it is written: every key has its default.</summary>
    public static PlanMapping None(PlanValue parent, PlanSection section) =>
        new(parent with { Node = new YamlNode.Mapping([], parent.Node.At) }, section);

    /// <summary>The entries of a mapping, each key once: a second one is reported and left out.</summary>
    public static IEnumerable<YamlEntry> Once(YamlNode.Mapping mapping, PlanValue self)
    {
        var isSmall = mapping.Entries.Count <= MostToCompare;
        Dictionary<string, YamlEntry> firsts = isSmall ? [] : new(mapping.Entries.Count);
        foreach (var entry in mapping.Entries)
        {
            var name = entry.Key.Text;
            var first =
                isSmall ? mapping.Entries.First(one => one.Key.Text == name)
                : firsts.TryAdd(name, entry) ? entry
                : firsts[name];
            if (ReferenceEquals(first, entry))
                yield return entry;
            else
                self.Report.Add(entry.Key.At, PlanProblems.DuplicateKey(self.Path, name, first.Key.At.Line));
        }
    }

    /// <summary>The section as a whole.</summary>
    public PlanValue Self => _self;

    /// <summary>Where the key stands, or the section when it does not.</summary>
    public YamlMark MarkOf(PlanKey key) => Find(key)?.Value.At ?? _self.Node.At;

    public bool Has(PlanKey key) => Find(key) is not null;

    /// <summary>The key's value, its default, or a stand-in when the report has it.</summary>
    public T Get<T>(PlanKey<T> key)
    {
        if (Find(key) is { } entry)
            return key.Read(ValueOf(entry.Value, key));
        if (key.Default is { } written)
            return key.Read(ValueOf(new YamlNode.Scalar(written, IsPlain: true, _self.Node.At), key));
        if (key.IsRequired && _isMapping)
            _self.Refuse(PlanProblems.MissingKey(_self.Path, key.Name, $"{key.Name}: {key.Example}"));
        return key.StandIn;
    }

    private YamlEntry? Find(PlanKey key)
    {
        foreach (var entry in _entries)
            if (entry.Key.Text == key.Name)
                return entry;
        return null;
    }

    private PlanValue ValueOf(YamlNode node, PlanKey key) =>
        new(node, PathOf(_self, key.Name), $"{key.Name}: {key.Example}", _self.Report);

    private static string PathOf(PlanValue self, string key) =>
        self.Path == PlanKeys.RootPath ? key : $"{self.Path}.{key}";

    private static string HintFor(string word, PlanSection section)
    {
        if (Nearest.Of(word, section.Keys.Select(key => key.Name)) is { } near)
            return $"Did you mean '{near}'?";
        var known = $"Known here: {string.Join(", ", section.Keys.Select(key => key.Name))}.";
        var elsewhere = PlanKeys.Sections.Where(other => other != section && other.Keys.Any(key => key.Name == word));
        return elsewhere.FirstOrDefault() is { } home ? $"It is a key of {home.Path}. {known}" : known;
    }
}
