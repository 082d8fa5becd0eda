using System.Diagnostics;
using System.Globalization;

namespace Resurgam.RealTests.Support;

/// <summary>A real sshd of a test's own, on a loopback port, for the user who runs the test. Disposal removes everything.</summary>
internal sealed class SshServer : IAsyncDisposable
{
    /// <summary>As root it wants a folder and a user, which its package would make: it gets them in a namespace of its own.</summary>
    private const string Separated =
        "mount -t tmpfs tmpfs /run && mkdir /run/sshd && mount --bind \"$0\" /etc/passwd && exec \"$@\"";

    private readonly string _folder;
    private readonly Process _process;

    private SshServer(string folder, int port, Process process) => (_folder, Port, _process) = (folder, port, process);

    public int Port { get; }

    /// <summary>File of a private key that it lets in.</summary>
    public string Key => Path.Combine(_folder, "user");

    /// <summary>File of a private key that it does not know.</summary>
    public string StrangeKey => Path.Combine(_folder, "stranger");

    /// <summary>File of its own key, for clients.</summary>
    public string KnownHosts => Path.Combine(_folder, "known-hosts");

    /// <summary>The same with a key that is not its own.</summary>
    public string WrongHosts => Path.Combine(_folder, "wrong-hosts");

    /// <summary>Address of a folder of this machine.</summary>
    public string AddressOf(string path) =>
        string.Create(CultureInfo.InvariantCulture, $"ssh://{Environment.UserName}@127.0.0.1:{Port}{path}");

    public static async Task<SshServer> StartAsync(CancellationToken cancellationToken)
    {
        var program = Path.Combine(Servers.Cache, "ssh", "sshd");
        if (!File.Exists(program))
            Servers.Absent("sshd is not here; run 'scripts/install tests'");
        Servers.RequireInPath("ssh-keygen");
        var folder = Directory.CreateTempSubdirectory("resurgam-ssh-").FullName;
        var port = Loopback.FreePort();
        foreach (var key in (string[])["host", "user", "stranger"])
            await RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(folder, key)]);
        File.Copy(Path.Combine(folder, "user.pub"), Path.Combine(folder, "authorized"));
        foreach (var (file, key) in ((string, string)[])[("known-hosts", "host"), ("wrong-hosts", "stranger")])
        {
            var line = await File.ReadAllTextAsync(Path.Combine(folder, $"{key}.pub"), cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, file), $"[127.0.0.1]:{port} {line}", cancellationToken);
        }
        await File.WriteAllTextAsync(
            Path.Combine(folder, "config"),
            $"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {folder}/host
            AuthorizedKeysFile {folder}/authorized
            PidFile none
            UsePAM no
            StrictModes no
            PasswordAuthentication no

            """,
            cancellationToken
        );
        string[] words = [program, "-D", "-f", Path.Combine(folder, "config"), "-E", Path.Combine(folder, "log")];
        if (Environment.IsPrivilegedProcess)
        {
            var users = Path.Combine(folder, "passwd");
            File.Copy("/etc/passwd", users);
            await File.AppendAllTextAsync(users, "sshd:x:65533:65534::/run/sshd:/bin/false\n", cancellationToken);
            words = ["unshare", "--mount", "sh", "-c", Separated, users, .. words];
        }
        var process = Process.Start(words[0], words[1..]);
        SshServer server = new(folder, port, process);
        try
        {
            await Eventually.HoldsAsync("sshd listens", () => process.HasExited || server.Listens, cancellationToken);
            return process.HasExited ? throw new InvalidOperationException(server.Log) : server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        async Task RunAsync(string tool, string[] words)
        {
            using var run = Process.Start(tool, words);
            await run.WaitForExitAsync(cancellationToken);
            Assert.Equal(0, run.ExitCode);
        }
    }

    private bool Listens => Log.Contains("Server listening", StringComparison.Ordinal);

    private string Log
    {
        get
        {
            var file = Path.Combine(_folder, "log");
            return File.Exists(file) ? File.ReadAllText(file) : "";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
