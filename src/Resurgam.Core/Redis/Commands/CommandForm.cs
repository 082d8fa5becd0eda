using Resurgam.Core.Wal;

namespace Resurgam.Core.Redis.Commands;

/// <summary>A Redis server's command stream, as we keep it: frames in segments that each begin with a head.</summary>
public sealed class CommandForm : IWalForm
{
    /// <summary>A Redis server has no name that survives its restart: all of them share one, which is no PostgreSQL cluster's.</summary>
    public static readonly WalIdentity Identity = new(0x5349444552, CommandFrame.SegmentBytes); // "REDIS"

    public static readonly CommandForm Instance = new();

    private CommandForm() { }

    public int HeadBytes => CommandFrame.HeaderBytes;

    public WalIdentity? FindIdentity(ReadOnlySpan<byte> head) =>
        CommandFrame.TryRead(head) is { Kind: CommandFrameKind.Head } ? Identity : null;

    public IWalScanner NewScanner(int segmentSizeBytes, uint? timeline) => new CommandScanner(timeline);
}
