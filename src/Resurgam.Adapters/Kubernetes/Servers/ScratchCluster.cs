using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Adapters.Processes;
using Resurgam.Core.Kubernetes;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults;

namespace Resurgam.Adapters.Kubernetes.Servers;

/// <summary>
/// An API server and its etcd on this machine's loopback, for one verification: no controller and no node, so nothing of
/// what is restored runs or changes. Both ask for a certificate or a token that nobody else has.
/// </summary>
public sealed class ScratchCluster : IDisposable
{
    /// <summary>It makes the first file of its log whole.</summary>
    private const long EtcdBytes = 64 << 20;

    /// <summary>Some 5 s on an idle machine.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private const string SystemNamespace = "/api/v1/namespaces/kube-system";
    private const string User = "resurgam";

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly List<ServerProcess> _processes = [];

    private ScratchCluster(string folder, TimeProvider time) => (_folder, _time) = (folder, time);

    public KubeContext Context { get; private set; } = new() { Name = "scratch", Server = "" };

    /// <summary>Returns when it serves.</summary>
    /// <param name="folder">Emptied before and after.</param>
    public static async Task<ScratchCluster> StartAsync(
        KubernetesBinaries binaries,
        string folder,
        IEntropy entropy,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        ScratchCluster cluster = new(folder, time);
        try
        {
            cluster.Start(binaries, entropy);
            await cluster.AwaitAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    public Task<ApiConnection> ConnectAsync(CancellationToken cancellationToken) =>
        ApiConnection.OpenAsync(Context, _time, cancellationToken);

    /// <summary>Ends both and removes what they wrote: it lies nowhere else in clear.</summary>
    public void Dispose()
    {
        foreach (var process in Enumerable.Reverse(_processes))
            process.Dispose();
        _processes.Clear();
        Clear();
    }

    private void Start(KubernetesBinaries binaries, IEntropy entropy)
    {
        Clear();
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var certificates = ScratchCertificates.Create(_folder, _time.GetUtcNow());
        var secret = new byte[24];
        entropy.Fill(secret);
        var token = Convert.ToHexStringLower(secret);
        ScratchCertificates.WriteSecret(In("tokens.csv"), $"{token},{User},{User},system:masters\n");
        var ports = FreePorts(3);
        var client = Url(ports[0]);
        Add(binaries.Etcd, EtcdArguments(certificates, client, Url(ports[1])), "etcd.log");
        Add(binaries.ApiServer, ApiServerArguments(certificates, client, ports[2]), "kube-apiserver.log");
        Context = new KubeContext
        {
            Name = "scratch",
            Server = Url(ports[2]),
            CaText = certificates.CaText,
            Token = token,
        };
    }

    private void Add(string program, IReadOnlyList<string> arguments, string log) =>
        _processes.Add(
            ServerProcess.Start(new ProcessRequest { Program = program, Arguments = [.. arguments] }, In(log))
        );

    private IReadOnlyList<string> EtcdArguments(ScratchCertificates certificates, string client, string peer) =>
        [
            "--name=scratch",
            $"--data-dir={In("etcd")}",
            $"--listen-client-urls={client}",
            $"--advertise-client-urls={client}",
            $"--listen-peer-urls={peer}",
            $"--initial-advertise-peer-urls={peer}",
            $"--initial-cluster=scratch={peer}",
            "--client-cert-auth",
            $"--trusted-ca-file={certificates.CaFile}",
            $"--cert-file={certificates.CertificateFile}",
            $"--key-file={certificates.KeyFile}",
            "--peer-client-cert-auth",
            $"--peer-trusted-ca-file={certificates.CaFile}",
            $"--peer-cert-file={certificates.CertificateFile}",
            $"--peer-key-file={certificates.KeyFile}",
            "--unsafe-no-fsync", // it is thrown away
        ];

    private IReadOnlyList<string> ApiServerArguments(ScratchCertificates certificates, string etcd, int port) =>
        [
            $"--etcd-servers={etcd}",
            $"--etcd-cafile={certificates.CaFile}",
            $"--etcd-certfile={certificates.CertificateFile}",
            $"--etcd-keyfile={certificates.KeyFile}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            string.Create(CultureInfo.InvariantCulture, $"--secure-port={port}"),
            $"--cert-dir={In("certificates")}",
            $"--tls-cert-file={certificates.CertificateFile}",
            $"--tls-private-key-file={certificates.KeyFile}",
            $"--token-auth-file={In("tokens.csv")}",
            "--authorization-mode=RBAC",
            "--anonymous-auth=false",
            "--service-account-issuer=https://scratch.invalid",
            $"--service-account-key-file={certificates.KeyFile}",
            $"--service-account-signing-key-file={certificates.KeyFile}",
            "--service-cluster-ip-range=10.0.0.0/16",
            "--disable-admission-plugins=ServiceAccount", // its controller does not run here
            "--allow-privileged=true",
        ];

    private async Task AwaitAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (!await IsReadyAsync(cancellationToken))
        {
            if (_processes.FirstOrDefault(each => each.HasEnded) is { } ended)
                throw NotStarted(ended);
            if (_time.GetElapsedTime(began) > StartLimit)
                throw NotStarted(_processes[^1]);
            await Task.Delay(PollInterval, _time, cancellationToken);
        }
    }

    /// <summary>A full disk cuts off their words, too.</summary>
    private ResurgamException NotStarted(ServerProcess process)
    {
        var free = new DriveInfo(_folder).AvailableFreeSpace;
        return ServerProblems.NotStarted(
            process.Program,
            free >= EtcdBytes
                ? process.LogTail()
                : $"{_folder} is full, with {new ByteSize(free)} free where etcd begins with {new ByteSize(EtcdBytes)}; {process.LogTail()}"
        );
    }

    /// <summary>Its own objects come a moment after it is ready; the namespace that gives it its uid among them.</summary>
    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var api = await ConnectAsync(cancellationToken);
            var ready = await api.SendAsync(ApiRequest.Get("/readyz"), cancellationToken);
            return ready.IsGood && await api.FindAsync(SystemNamespace, cancellationToken) is not null;
        }
        catch (ResurgamException e) when (e.Problem.Remedy == Remedy.Retry)
        {
            return false;
        }
        catch (ResurgamException e) when (e.Problem.Code is KubernetesProblems.DeniedCode)
        {
            return false; // its own roles are not there yet
        }
    }

    private void Clear()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private string In(string name) => Path.Combine(_folder, name);

    private static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{port}");

    /// <summary>Free a moment ago: whoever takes one in between makes the start fail, and nothing worse.</summary>
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            foreach (var listener in listeners)
                listener.Start();
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
                listener.Dispose();
        }
    }
}
