using Resurgam.Adapters.Postgres.Wal;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Adapters.Wal;
using Resurgam.Core.Postgres;
using Resurgam.Core.Problems;
using Resurgam.Core.Wal;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Postgres.Wal;

/// <summary>A server that streams WAL from memory, in pieces as a real one cuts them. A feed that has no more breaks off.</summary>
internal sealed class SimulatedServer(int seed, int segmentSizeBytes = 1 << 20) : IWalServer
{
    public const string IdleCode = "simulated-idle";
    private readonly Random _random = new(seed);

    /// <summary>The WAL of each timeline, from the beginning of a segment.</summary>
    public SortedDictionary<uint, (Lsn Start, byte[] Bytes)> Timelines { get; } = [];

    public Dictionary<uint, byte[]> Histories { get; } = [];

    public ulong SystemIdentifier { get; set; } = 7_000_000_000_000_000_001;

    public SlotState? Slot { get; set; }

    /// <summary>WAL before this was removed.</summary>
    public Lsn Oldest { get; set; }

    /// <summary>The highest position that was acknowledged on each timeline.</summary>
    public Dictionary<uint, Lsn> Acknowledged { get; } = [];

    /// <summary>What the feed checks at each acknowledgement.</summary>
    public Action<SpoolPosition>? OnStatus { get; set; }

    public List<string> Calls { get; } = [];

    public uint Current => Timelines.Keys.Max();

    public void Add(WalMaker wal) => Timelines[wal.Timeline] = (wal.Start, wal.ToArray());

    public Task<SystemIdentity> IdentifyAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new SystemIdentity(SystemIdentifier, Current, End(Current)));

    public Task<int> SegmentSizeAsync(CancellationToken cancellationToken) => Task.FromResult(segmentSizeBytes);

    public Task<SlotState?> ReadSlotAsync(CancellationToken cancellationToken) => Task.FromResult(Slot);

    public Task CreateSlotAsync(CancellationToken cancellationToken)
    {
        Calls.Add("create slot");
        Slot = new SlotState(Timelines[Current].Start > Oldest ? Timelines[Current].Start : Oldest, Current);
        return Task.CompletedTask;
    }

    public Task DropSlotAsync(CancellationToken cancellationToken)
    {
        Calls.Add("drop slot");
        Slot = null;
        return Task.CompletedTask;
    }

    public Task<byte[]?> FindHistoryAsync(uint timeline, CancellationToken cancellationToken) =>
        Task.FromResult(Histories.GetValueOrDefault(timeline));

    public Task<IWalFeed> StartAsync(uint timeline, Lsn start, CancellationToken cancellationToken)
    {
        Calls.Add($"start {timeline} {start}");
        if (Slot is { RestartTimeline: 0 })
            throw Failure("postgres-slot-unusable", Remedy.Fix);
        if (start < Oldest)
            throw Failure("postgres-wal-removed", Remedy.Fix);
        return Task.FromResult<IWalFeed>(new Feed(this, timeline, start));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Lsn End(uint timeline) => Timelines[timeline].Start + (ulong)Timelines[timeline].Bytes.Length;

    /// <summary>Where a timeline was left, and for which one; null for the current one.</summary>
    private (uint NextTimeline, Lsn SwitchLsn)? Next(uint timeline)
    {
        if (timeline == Current)
            return null;
        var history = TimelineHistory.Parse(Current, Histories[Current]);
        var leftAt = history.LeftAt(timeline)!.Value;
        return (history.TimelineAt(leftAt), leftAt);
    }

    private static ResurgamException Failure(string code, Remedy remedy) =>
        new(new Problem(code, remedy, $"simulated {code}", "A test asked for this."));

    private sealed class Feed(SimulatedServer server, uint timeline, Lsn at) : IWalFeed
    {
        private Lsn _at = at;

        public ValueTask<WalMessage?> ReadAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryRead(out var message))
                return ValueTask.FromResult<WalMessage?>(message);
            return server.Next(timeline) is null
                ? throw Failure(IdleCode, Remedy.Retry)
                : ValueTask.FromResult<WalMessage?>(null);
        }

        public bool TryRead(out WalMessage message)
        {
            message = default;
            var end = server.Next(timeline)?.SwitchLsn ?? server.End(timeline);
            if (_at >= end)
                return false;
            var (start, bytes) = server.Timelines[timeline];
            var from = (int)(_at - start);
            var count = Math.Min((int)(end - _at), server._random.Next(1, 128 << 10));
            message = new WalMessage(WalMessageKind.Data, end, DateTimeOffset.UnixEpoch)
            {
                Start = _at,
                Bytes = bytes.AsMemory(from, count),
            };
            _at += (ulong)count;
            return true;
        }

        public ValueTask SendStatusAsync(
            SpoolPosition position,
            bool replyRequested,
            CancellationToken cancellationToken
        )
        {
            server.OnStatus?.Invoke(position);
            var before = server.Acknowledged.GetValueOrDefault(position.Timeline);
            server.Acknowledged[position.Timeline] = position.Durable > before ? position.Durable : before;
            return ValueTask.CompletedTask;
        }

        public Task<(uint NextTimeline, Lsn SwitchLsn)?> FinishAsync(CancellationToken cancellationToken) =>
            Task.FromResult(server.Next(timeline));

        public void Dispose() { }
    }
}
