using Resurgam.Core.Plans.Yaml;

namespace Resurgam.Core.Plans;

/// <summary>Where in the file the parts of a plan stand, so that a finding can name a line.</summary>
public sealed class PlanMarks
{
    /// <summary>Most plans are read by those who never ask: names are joined for the first question.</summary>
    private readonly List<(string Section, string Key, YamlMark At)> _noted = [];

    private Dictionary<string, YamlMark>? _marks;

    /// <param name="path">As <c>scenarios.database-loss.rto</c>; what is not written has the place of what it would stand in.</param>
    /// <returns>Line and column, both from 1.</returns>
    public (int Line, int Column) Of(string path)
    {
        for (var rest = path; rest.Length > 0; rest = rest[..Math.Max(0, rest.LastIndexOf('.'))])
            if (Marks.TryGetValue(rest, out var mark))
                return (mark.Line, mark.Column);
        return (1, 1);
    }

    /// <summary>Something in the plan has this name, readable or not.</summary>
    internal bool IsNamed(string name) => _noted.Exists(noted => noted.Key == name);

    /// <param name="section">Empty: the plan itself.</param>
    /// <param name="key">Below it.</param>
    /// <param name="at">The first one counts.</param>
    internal void Note(string section, string key, YamlMark at)
    {
        _marks = null;
        _noted.Add((section, key, at));
    }

    private Dictionary<string, YamlMark> Marks
    {
        get
        {
            if (_marks is not null)
                return _marks;
            Dictionary<string, YamlMark> marks = new(_noted.Count);
            foreach (var (section, key, at) in _noted)
                marks.TryAdd(section.Length == 0 ? key : $"{section}.{key}", at);
            return _marks = marks;
        }
    }
}
