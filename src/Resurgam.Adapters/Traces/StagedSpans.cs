using Resurgam.Core.Values;

namespace Resurgam.Adapters.Traces;

/// <summary>Every stage of a work becomes a span below the work's own.</summary>
/// <param name="next">Who hears it besides.</param>
public sealed class StagedSpans(IWorkProgress next) : IWorkProgress
{
    public void Stage(string what)
    {
        Spans.Stage(what);
        next.Stage(what);
    }

    public void Add(long bytes) => next.Add(bytes);

    public void Expect(long totalBytes) => next.Expect(totalBytes);
}
