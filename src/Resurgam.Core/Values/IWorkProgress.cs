namespace Resurgam.Core.Values;

/// <summary>Hears how far a capture or a restore is. Thread-safe; calls are cheap and never fail.</summary>
public interface IWorkProgress
{
    /// <summary>A new part of the work begins; the counts start again at zero.</summary>
    /// <param name="what">A few words, lower case: <c>reading relation files</c>.</param>
    void Stage(string what);

    /// <summary>More of this stage is done.</summary>
    void Add(long bytes);

    /// <summary>The size of this stage, as soon as it is known; a later call corrects an earlier one.</summary>
    void Expect(long totalBytes);
}

/// <summary>Nobody looks.</summary>
public sealed class NoProgress : IWorkProgress
{
    public static readonly NoProgress Instance = new();

    private NoProgress() { }

    public void Stage(string what) { }

    public void Add(long bytes) { }

    public void Expect(long totalBytes) { }
}
