using System.Diagnostics;

namespace Resurgam.RealTests.Support;

/// <summary>Files that hang who opens them for writing, as on a disk that does not answer: pipes that nobody reads. Until the end of the test.</summary>
internal sealed class HangingFiles : IDisposable
{
    private readonly List<string> _paths = [];

    /// <param name="folder">On the disk on which they will be.</param>
    public HangingFiles(string folder, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            var path = Path.Combine(folder, name);
            using var make = Process.Start("mkfifo", [path]);
            make.WaitForExit();
            Assert.Equal(0, make.ExitCode);
            _paths.Add(path);
        }
    }

    /// <summary>Puts them where they hang somebody, faster than they could be made there.</summary>
    public void MoveTo(string folder)
    {
        foreach (var (index, path) in _paths.ToList().Index())
        {
            _paths[index] = Path.Combine(folder, Path.GetFileName(path));
            File.Move(path, _paths[index], overwrite: true);
        }
    }

    /// <summary>Who hangs gets a reader, and then nobody finds the pipe any more.</summary>
    public void Dispose()
    {
        foreach (var path in _paths.Where(File.Exists))
        {
            using FileStream both = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            File.Delete(path);
        }
    }
}
