using System.Runtime.CompilerServices;
using Resurgam.Core.Postgres;
using Resurgam.Core.Wal;

namespace Resurgam.Core.Redis.Commands;

/// <summary>The command stream of one server in a vault.</summary>
public sealed class CommandArchive(WalArchive archive)
{
    /// <summary>The timelines that have a beginning, ascending; one without anything behind its beginning counts, too.</summary>
    public async Task<IReadOnlyList<CommandTimeline>> ListAsync(CancellationToken cancellationToken)
    {
        var coverage = await archive.CoverageAsync(cancellationToken);
        List<CommandTimeline> timelines = [];
        foreach (var number in await archive.ListTimelinesAsync(cancellationToken))
            if (await archive.FindHistoryAsync(number, cancellationToken) is { } json)
                timelines.Add(new CommandTimeline(number, StreamLink.Read(number, json), coverage.Find(number)));
        return timelines;
    }

    /// <summary>How far a timeline reaches without a hole.</summary>
    public async Task<CommandEnd> FindEndAsync(CommandTimeline timeline, CancellationToken cancellationToken)
    {
        CommandEnd end = new(
            timeline.Number,
            new Lsn(timeline.Link.Position),
            timeline.Link.Offset,
            timeline.Link.BeganAt
        );
        var reached = timeline.ReachesTo;
        if (reached <= end.Position)
            return end;
        var last = WalSegment.At(timeline.Number, new Lsn(reached.Value - 1), CommandFrame.SegmentBytes);
        if (await archive.ReadSegmentAsync(timeline.Number, last.Number, cancellationToken) is not { } content)
            return end;
        CommandScanner scanner = new(timeline.Number);
        scanner.Add(last.Start, content.Bytes.Span[..(int)(content.RealEnd - last.Start)]);
        return new CommandEnd(
            timeline.Number,
            scanner.End ?? last.Start,
            scanner.EndOffset ?? end.Offset,
            scanner.LastAt ?? end.At
        );
    }

    /// <summary>The frames of a timeline in order, each checked, from the segment on that holds an offset of the server's.</summary>
    /// <exception cref="Problems.ResurgamException">An object is missing or is not what was received.</exception>
    public async IAsyncEnumerable<CommandStretch> ReadAsync(
        CommandTimeline timeline,
        long fromOffset,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (timeline.Coverage is not { } coverage)
            yield break;
        var number = await FindSegmentAsync(timeline, fromOffset, cancellationToken);
        for (var next = Read(number); ; )
        {
            var content = await next;
            if (content is null)
            {
                if (coverage.End.Value > number * CommandFrame.SegmentBytes)
                    throw RedisFormatProblems.Hole(
                        $"from {timeline.SegmentAt(number).Start} on, timeline {timeline.Number}"
                    );
                yield break;
            }
            number++;
            next = Read(number); // while this one is used
            foreach (var stretch in Split(timeline, content))
                yield return stretch;
            if (content.IsWhole)
                continue;
            if (coverage.End > content.RealEnd)
                throw RedisFormatProblems.Hole($"from {content.RealEnd} on, timeline {timeline.Number}");
            yield break;
        }

        Task<WalSegmentContent?> Read(ulong at) => archive.ReadSegmentAsync(timeline.Number, at, cancellationToken);
    }

    /// <summary>Each segment tells in its head at which offset it begins, so halving finds the one.</summary>
    private async Task<ulong> FindSegmentAsync(
        CommandTimeline timeline,
        long fromOffset,
        CancellationToken cancellationToken
    )
    {
        var low = timeline.Link.Position / CommandFrame.SegmentBytes;
        var high = (timeline.ReachesTo.Value - 1) / CommandFrame.SegmentBytes;
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            var content = await archive.ReadSegmentAsync(timeline.Number, middle, cancellationToken);
            var begins = content is null ? null : CommandFrame.TryRead(content.Bytes.Span);
            if (begins is not null && begins.Offset <= fromOffset)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    private static List<CommandStretch> Split(CommandTimeline timeline, WalSegmentContent content)
    {
        List<CommandStretch> stretches = [];
        var end = (int)(content.RealEnd - content.Segment.Start);
        for (var at = 0; end - at >= CommandFrame.HeaderBytes; )
        {
            var bytes = content.Bytes[at..end];
            var position = content.Segment.Start + (ulong)at;
            if (
                CommandFrame.TryRead(bytes.Span) is not { } frame
                || frame.Position != position
                || frame.Timeline != timeline.Number
                || bytes.Length < CommandFrame.HeaderBytes + frame.LengthBytes
                || !IsIntact(frame, bytes.Span)
            )
                throw RedisFormatProblems.BadFrame($"at {position} of timeline {timeline.Number}");
            stretches.Add(new CommandStretch(frame, bytes.Slice(CommandFrame.HeaderBytes, frame.LengthBytes)));
            at += CommandFrame.HeaderBytes + frame.LengthBytes;
        }
        return stretches;
    }

    private static bool IsIntact(CommandFrame frame, ReadOnlySpan<byte> bytes) =>
        Values.Crc32C.Append(
            CommandFrame.BeginChecksum(bytes),
            bytes.Slice(CommandFrame.HeaderBytes, frame.LengthBytes)
        ) == frame.Checksum;
}

/// <param name="Coverage">Null: nothing of it is stored but its beginning.</param>
public sealed record CommandTimeline(uint Number, StreamLink Link, WalTimelineCoverage? Coverage)
{
    /// <summary>Behind the last byte that follows its beginning without a hole.</summary>
    public Lsn ReachesTo =>
        Coverage is { Ranges: [var first, ..] } && first.Start.Value == Link.Position
            ? first.End
            : new Lsn(Link.Position);

    internal WalSegment SegmentAt(ulong number) => new(Number, number, CommandFrame.SegmentBytes);
}

/// <param name="Offset">The server's count there.</param>
/// <param name="At">When the last of it was received.</param>
public sealed record CommandEnd(uint Timeline, Lsn Position, long Offset, DateTimeOffset At);

/// <param name="Content">Of a <see cref="CommandFrameKind.Commands"/>: bytes of the command stream, cut anywhere.</param>
public sealed record CommandStretch(CommandFrame Frame, ReadOnlyMemory<byte> Content);
