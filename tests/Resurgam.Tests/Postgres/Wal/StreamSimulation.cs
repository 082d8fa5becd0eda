using Microsoft.Extensions.Time.Testing;
using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults;
using Resurgam.Core.Vaults.Sealing;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Postgres.Wal;

/// <summary>A stream without threads or timers: the test decides when it receives, when it ships and when it is killed.</summary>
internal sealed class StreamSimulation : IDisposable
{
    private static readonly SealingKey Key = SealingKey.Create(new SeededEntropy(1));

    private readonly TemporaryFolder _folder;
    private readonly FakeTimeProvider _time = new();
    private readonly IStore _store;
    private readonly WalResume _resume = new();

    public StreamSimulation(TemporaryFolder folder, SimulatedServer server, IStore store, bool acceptGap = false)
    {
        (_folder, Server, _store) = (folder, server, store);
        Settings = new WalStreamSettings
        {
            Asset = "db",
            Folder = folder.FullPath,
            Slot = "resurgam",
            AcceptGap = acceptGap,
        };
        Spool = WalSpool.Open(folder.FullPath, PostgresWalForm.Instance);
        Shipper = new WalShipper(
            Spool,
            PostgresWalForm.Instance,
            Settings,
            _ => ValueTask.FromResult(Archive()),
            _time
        );
        Reception = new WalReception(Spool, Settings, _time);
    }

    public SimulatedServer Server { get; }

    public WalStreamSettings Settings { get; }

    public WalSpool Spool { get; private set; }

    public WalShipper Shipper { get; private set; }

    public WalReception Reception { get; }

    public List<string> Told { get; } = [];

    public WalArchive Archive() => new("db", [new WalPlace(_store, "wal/", Key)]);

    /// <summary>Receives all that the server has.</summary>
    /// <returns>The problem that ended the session; null when the server simply had no more.</returns>
    public async Task<Problem?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var session = new WalSession(
            Server,
            Spool,
            _ => ValueTask.FromResult(Archive()),
            Settings,
            _resume,
            Reception.RunAsync,
            Told.Add
        );
        var e = await Assert.ThrowsAsync<ResurgamException>(() => session.RunAsync(cancellationToken));
        return e.Problem.Code == SimulatedServer.IdleCode ? null : e.Problem;
    }

    /// <summary>As kill -9: the files stay as they are, everything else is gone.</summary>
    public StreamSimulation Killed(IStore? store = null)
    {
        Spool.Dispose();
        return new StreamSimulation(_folder, Server, store ?? _store, Settings.AcceptGap);
    }

    public void Dispose() => Spool.Dispose();
}
