using System.Diagnostics;
using System.Globalization;

namespace Resurgam.RealTests.Support;

/// <summary>A file system of a test's own: only root can mount, others skip. Unmounted at the end.</summary>
internal sealed class Mount : IAsyncDisposable
{
    private Mount(string path) => Path = path;

    public string Path { get; }

    /// <summary>An empty one in memory.</summary>
    public static Task<Mount> TemporaryAsync(string path, int megabytes, CancellationToken cancellationToken) =>
        CreateAsync(path, cancellationToken, ["-t", "tmpfs", "-o", Size(megabytes), "tmpfs", path]);

    /// <summary>Another view of a folder, which nobody can write through.</summary>
    public static Task<Mount> ReadOnlyAsync(string folder, string path, CancellationToken cancellationToken) =>
        CreateAsync(path, cancellationToken, ["--bind", folder, path], ["-o", "remount,ro,bind", path]);

    public Task ResizeAsync(int megabytes, CancellationToken cancellationToken) =>
        RunAsync("mount", ["-o", $"remount,{Size(megabytes)}", Path], cancellationToken);

    /// <summary>Leaves little room, until <see cref="Relieve"/>.</summary>
    public async Task FillAsync(int freeKilobytes, CancellationToken cancellationToken)
    {
        await using var file = File.Create(Ballast);
        try
        {
            while (true)
                await file.WriteAsync(new byte[1 << 16], cancellationToken);
        }
        catch (IOException)
        {
            file.SetLength(file.Length - (freeKilobytes << 10));
        }
    }

    public void Relieve() => File.Delete(Ballast);

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    public async ValueTask DisposeAsync() => await RunAsync("umount", ["--lazy", Path], CancellationToken.None);

    private static async Task<Mount> CreateAsync(
        string path,
        CancellationToken cancellationToken,
        params string[][] calls
    )
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can mount a file system");
        Directory.CreateDirectory(path);
        await RunAsync("mount", calls[0], cancellationToken);
        Mount mount = new(path);
        foreach (var call in calls[1..])
            await RunAsync("mount", call, cancellationToken);
        return mount;
    }

    private static string Size(int megabytes) => string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m");

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(cancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}
