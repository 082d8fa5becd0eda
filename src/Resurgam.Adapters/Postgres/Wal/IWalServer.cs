using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;

namespace Resurgam.Adapters.Postgres.Wal;

/// <summary>What a stream needs of a server: one replication connection. The other one is a simulated server in tests.</summary>
internal interface IWalServer : IAsyncDisposable
{
    Task<SystemIdentity> IdentifyAsync(CancellationToken cancellationToken);

    Task<int> SegmentSizeAsync(CancellationToken cancellationToken);

    /// <returns>Null when there is no such slot.</returns>
    Task<SlotState?> ReadSlotAsync(CancellationToken cancellationToken);

    Task CreateSlotAsync(CancellationToken cancellationToken);

    Task DropSlotAsync(CancellationToken cancellationToken);

    /// <returns>Null when the server has no such file.</returns>
    Task<byte[]?> FindHistoryAsync(uint timeline, CancellationToken cancellationToken);

    Task<IWalFeed> StartAsync(uint timeline, Lsn start, CancellationToken cancellationToken);
}

/// <summary>The stream of one timeline; the members are those of <see cref="WalReceiver"/>.</summary>
internal interface IWalFeed : IDisposable
{
    ValueTask<WalMessage?> ReadAsync(CancellationToken cancellationToken);

    bool TryRead(out WalMessage message);

    /// <summary>Tells the server what is durable here; what is durable counts as applied.</summary>
    ValueTask SendStatusAsync(SpoolPosition position, bool replyRequested, CancellationToken cancellationToken);

    Task<(uint NextTimeline, Lsn SwitchLsn)?> FinishAsync(CancellationToken cancellationToken);
}

/// <summary>A real server.</summary>
internal sealed class PostgresWalServer(PostgresConnection connection, string slot) : IWalServer
{
    public static async Task<IWalServer> OpenAsync(
        ConnectionSettings settings,
        string slot,
        TimeProvider time,
        CancellationToken cancellationToken
    ) =>
        new PostgresWalServer(
            await PostgresConnection.OpenAsync(settings, SessionKind.PhysicalReplication, time, cancellationToken),
            slot
        );

    public Task<SystemIdentity> IdentifyAsync(CancellationToken cancellationToken) =>
        connection.IdentifySystemAsync(cancellationToken);

    public async Task<int> SegmentSizeAsync(CancellationToken cancellationToken) =>
        (int)await connection.ShowWalSegmentSizeAsync(cancellationToken);

    public Task<SlotState?> ReadSlotAsync(CancellationToken cancellationToken) =>
        connection.ReadSlotAsync(slot, cancellationToken);

    public Task CreateSlotAsync(CancellationToken cancellationToken) =>
        connection.CreatePhysicalSlotAsync(slot, cancellationToken);

    public Task DropSlotAsync(CancellationToken cancellationToken) => connection.DropSlotAsync(slot, cancellationToken);

    public async Task<byte[]?> FindHistoryAsync(uint timeline, CancellationToken cancellationToken) =>
        (await connection.TimelineHistoryAsync(timeline, cancellationToken))?.Content;

    public async Task<IWalFeed> StartAsync(uint timeline, Lsn start, CancellationToken cancellationToken) =>
        new Feed(await connection.StartReplicationAsync(slot, timeline, start, cancellationToken));

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private sealed class Feed(WalReceiver receiver) : IWalFeed
    {
        public ValueTask<WalMessage?> ReadAsync(CancellationToken cancellationToken) =>
            receiver.ReadAsync(cancellationToken);

        public bool TryRead(out WalMessage message) => receiver.TryRead(out message);

        public ValueTask SendStatusAsync(
            SpoolPosition position,
            bool replyRequested,
            CancellationToken cancellationToken
        ) =>
            receiver.SendStatusAsync(
                position.Written,
                position.Durable,
                position.Durable,
                replyRequested,
                cancellationToken
            );

        public Task<(uint NextTimeline, Lsn SwitchLsn)?> FinishAsync(CancellationToken cancellationToken) =>
            receiver.FinishAsync(cancellationToken);

        public void Dispose() => receiver.Dispose();
    }
}
