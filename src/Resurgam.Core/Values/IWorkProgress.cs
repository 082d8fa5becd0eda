namespace Resurgam.Core.Values;

/// <summary>Where long work tells how far it is. Thread-safe, and cheap enough for every chunk.</summary>
public interface IWorkProgress
{
    /// <summary>What begins now, in words.</summary>
    void Stage(string what);

    /// <summary>How much this stage will be, in bytes.</summary>
    void Expect(long totalBytes);

    /// <summary>How much was done since the last call.</summary>
    void Add(long bytes);
}

/// <summary>Tells nobody.</summary>
public sealed class NoProgress : IWorkProgress
{
    public static NoProgress Instance { get; } = new();

    public void Stage(string what) { }

    public void Expect(long totalBytes) { }

    public void Add(long bytes) { }
}
