namespace Resurgam.Tests.Support;

/// <summary>A folder of a test's own, in memory where the system has that: syncs cost nothing there.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private const string InMemory = "/dev/shm";

    public string FullPath { get; } =
        Directory.Exists(InMemory)
            ? Directory.CreateDirectory(System.IO.Path.Combine(InMemory, $"resurgam-{Guid.NewGuid():N}")).FullName
            : Directory.CreateTempSubdirectory("resurgam-").FullName;

    public string Combine(string name) => System.IO.Path.Combine(FullPath, name);

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
