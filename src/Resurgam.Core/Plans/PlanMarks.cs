using Resurgam.Core.Plans.Yaml;

namespace Resurgam.Core.Plans;

/// <summary>Where in the file the parts of a plan stand, so that a finding can name a line.</summary>
public sealed class PlanMarks
{
    private readonly Dictionary<string, YamlMark> _marks = [];

    /// <param name="path">As <c>scenarios.database-loss.rto</c>; what is not written has the place of what it would stand in.</param>
    /// <returns>Line and column, both from 1.</returns>
    public (int Line, int Column) Of(string path)
    {
        for (var rest = path; rest.Length > 0; rest = rest[..Math.Max(0, rest.LastIndexOf('.'))])
            if (_marks.TryGetValue(rest, out var mark))
                return (mark.Line, mark.Column);
        return (1, 1);
    }

    internal void Note(string path, YamlMark at) => _marks.TryAdd(path, at);
}
