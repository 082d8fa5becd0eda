using System.Diagnostics;

namespace Resurgam.RealTests.Support;

/// <summary>A real bind9 of a test's own, with the zone example.net, on a loopback port. Disposal removes everything.</summary>
internal sealed class BindServer : IAsyncDisposable
{
    public const string Zone = "example.net";
    public const string KeyName = "resurgam";

    private readonly string _folder;
    private readonly Process _process;

    private BindServer(string folder, int port, Process process) => (_folder, Port, _process) = (folder, port, process);

    public int Port { get; }

    /// <summary>In base64: the same for all of them.</summary>
    public static string Key { get; } = Convert.ToBase64String([.. Enumerable.Range(0, 32).Select(each => (byte)each)]);

    /// <param name="primary">Null: it is the primary itself.</param>
    public static async Task<BindServer> StartAsync(BindServer? primary, CancellationToken cancellationToken)
    {
        var program = Require();
        var folder = Directory.CreateTempSubdirectory("resurgam-bind-").FullName;
        var port = Loopback.FreePort();
        var zone = primary is null
            ? "type primary; file \"zone\"; allow-update { key \"resurgam\"; };"
            : $"type secondary; masterfile-format text; file \"copy\"; primaries {{ 127.0.0.1 port {primary.Port}; }}; max-refresh-time 1; min-refresh-time 1;";
        await File.WriteAllTextAsync(
            Path.Combine(folder, "named.conf"),
            $$"""
            options {
              directory "{{folder}}"; pid-file none; session-keyfile none; recursion no; dnssec-validation no; notify no;
              listen-on port {{port}} { 127.0.0.1; }; listen-on-v6 { none; }; allow-transfer { any; };
            };
            controls { };
            key "{{KeyName}}" { algorithm hmac-sha256; secret "{{Key}}"; };
            zone "{{Zone}}" { {{zone}} };
            """,
            cancellationToken
        );
        if (primary is null)
            await File.WriteAllTextAsync(
                Path.Combine(folder, "zone"),
                """
                $TTL 300
                @ IN SOA ns1.example.net. admin.example.net. ( 1 1 1 3600 1 )
                @ IN NS ns1.example.net.
                ns1 IN A 127.0.0.1
                www IN A 192.0.2.1
                www IN A 192.0.2.2
                txt IN TXT "a b" "c"

                """,
                cancellationToken
            );
        ProcessStartInfo start = new(
            program,
            ["-f", "-n", "1", "-c", Path.Combine(folder, "named.conf"), "-L", Path.Combine(folder, "log")]
        );
        var process = Process.Start(start) ?? throw new InvalidOperationException("named was not started");
        BindServer server = new(folder, port, process);
        try
        {
            await Eventually.HoldsAsync(
                "named listens",
                () => process.HasExited || Loopback.Listens(port),
                cancellationToken
            );
            return process.HasExited ? throw new InvalidOperationException(server.Log) : server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public string Log => File.ReadAllText(Path.Combine(_folder, "log"));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Require()
    {
        foreach (var path in (string[])[Path.Combine(Servers.Cache, "bind9", "named"), "/usr/sbin/named"])
            if (File.Exists(path))
                return path;
        return Servers.Absent("bind9 is not here; run 'scripts/install tests'");
    }
}
