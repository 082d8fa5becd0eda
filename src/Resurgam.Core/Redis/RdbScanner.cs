using System.Buffers;
using System.Buffers.Binary;

namespace Resurgam.Core.Redis;

/// <summary>What an RDB file holds.</summary>
/// <param name="Databases">By number; null when <paramref name="Unknown"/> is not.</param>
/// <param name="Checksum">16 hexadecimal digits; null when the server has checksums turned off.</param>
/// <param name="Unknown">What the scanner does not know, so that it could not count on; null: all is known.</param>
public sealed record RdbSummary(
    long Bytes,
    string? Checksum,
    IReadOnlyList<RdbDatabase>? Databases,
    int Functions,
    IReadOnlyList<SampleRecord> Samples,
    string? Unknown
);

/// <param name="Expiring">Keys with a time to live.</param>
/// <param name="ExpiredBefore">Of them those whose time was over when the scanner's window began.</param>
/// <param name="ExpiredAfter">And those whose time was over when it ended, with hashes of which a field had expired by then.</param>
public sealed record RdbDatabase(long Number, long Keys, long Expiring, long ExpiredBefore, long ExpiredAfter);

/// <summary>Two moments, in Unix milliseconds, to tell which keys have expired.</summary>
public readonly record struct RdbWindow(long FromMs, long ToMs);

/// <summary>
/// Walks an RDB file as it goes by: counts keys, takes samples, and in the end knows whether all of it came as it was
/// written. Memory is bounded, whatever the values are.
/// </summary>
/// <param name="salt">Chooses the samples.</param>
public sealed class RdbScanner(ulong salt, RdbWindow window = default)
{
    private const int HeaderBytes = 9;
    private const int ChecksumBytes = 8;
    private const int MostKeyBytes = 4 << 10;
    private const int MostSampleBytes = 64 << 10;

    private readonly RdbSamples _samples = new(salt);
    private readonly RdbChecksum _checksum = new();
    private readonly SortedDictionary<long, RdbDatabase> _databases = [];
    private readonly Stack<Frame> _frames = [];
    private readonly ArrayBufferWriter<byte> _captured = new();
    private readonly byte[] _carry = new byte[16];
    private int _carried;
    private int _tokenBytes;
    private int _mostCaptured;
    private bool _isCapturing;

    private Phase _phase = Phase.Header;
    private long _bytes;
    private ulong _left;
    private ulong _packedBytes;
    private RdbDatabase? _database;
    private byte _type;
    private byte[] _key = [];
    private ulong? _sampleNumber;
    private long? _expiresAtMs;
    private long? _fieldsExpireAtMs;
    private int _functions;
    private string? _unknown;

    private enum Phase
    {
        Header,
        Mark,
        Database,
        Expires,
        ExpiresMs,
        Key,
        Value,
        Skipped,
        Checksum,
        Ended,
        Unknown,
    }

    private ReadOnlySpan<byte> Token => _carry.AsSpan(0, _tokenBytes);

    /// <exception cref="Problems.ResurgamException">It is no RDB, or a damaged one.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _checksum.Append(bytes);
        _bytes += bytes.Length;
        while (!bytes.IsEmpty && _phase != Phase.Unknown)
            if (_left > 0)
                Pass(ref bytes);
            else if (!Step(ref bytes))
                return;
        if (_left == 0)
            Settle();
    }

    /// <summary>Everything was appended.</summary>
    /// <exception cref="Problems.ResurgamException">It is not whole.</exception>
    public RdbSummary Complete()
    {
        if (_left > 0 || _phase is not (Phase.Ended or Phase.Unknown) || _checksum.Written is not { } written)
            throw RedisFormatProblems.Garbled($"it ends in the middle, after {_bytes} bytes");
        if (written != 0 && written != _checksum.Computed)
            throw RedisFormatProblems.Garbled(
                $"its checksum is {written:x16}, and its bytes have {_checksum.Computed:x16}"
            );
        return new RdbSummary(
            _bytes,
            written == 0 ? null : $"{written:x16}",
            _unknown is null ? [.. _databases.Values.Where(database => database.Keys > 0)] : null,
            _functions,
            _unknown is null ? _samples.Chosen : [],
            _unknown
        );
    }

    /// <summary>Bytes whose content is of no interest, but perhaps for a sample.</summary>
    private void Pass(ref ReadOnlySpan<byte> bytes)
    {
        var count = (int)Math.Min((ulong)bytes.Length, _left);
        Capture(bytes[..count]);
        bytes = bytes[count..];
        _left -= (ulong)count;
    }

    /// <returns>False when more bytes are needed.</returns>
    private bool Step(ref ReadOnlySpan<byte> bytes)
    {
        Settle();
        RdbNumber number;
        switch (_phase)
        {
            case Phase.Header:
                if (!TryTake(ref bytes, HeaderBytes))
                    return false;
                BeginFile(Token);
                return true;
            case Phase.Mark:
                if (!TryTake(ref bytes, 1))
                    return false;
                BeginEntry(Token[0]);
                return true;
            case Phase.Database:
                if (!TryTakeNumber(ref bytes, out number))
                    return false;
                Select((long)number.Value);
                return true;
            case Phase.Expires:
                if (!TryTake(ref bytes, sizeof(int)))
                    return false;
                _expiresAtMs = BinaryPrimitives.ReadInt32LittleEndian(Token) * 1000L;
                _phase = Phase.Mark;
                return true;
            case Phase.ExpiresMs:
                if (!TryTake(ref bytes, sizeof(long)))
                    return false;
                _expiresAtMs = BinaryPrimitives.ReadInt64LittleEndian(Token);
                _phase = Phase.Mark;
                return true;
            case Phase.Checksum:
                _left = ChecksumBytes;
                _phase = Phase.Ended;
                return true;
            case Phase.Ended:
                throw RedisFormatProblems.Garbled("bytes follow its end");
            case Phase.Key or Phase.Value or Phase.Skipped:
                return Walk(ref bytes);
            default:
                throw new System.Diagnostics.UnreachableException($"no step is written for {_phase}");
        }
    }

    private void BeginFile(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith("VALKEY"u8))
            GiveUp($"the form {System.Text.Encoding.ASCII.GetString(header)}");
        else if (header.StartsWith("REDIS"u8))
            _phase = Phase.Mark;
        else
            throw RedisFormatProblems.Garbled("it does not begin with REDIS");
    }

    private void BeginEntry(byte mark)
    {
        switch (mark)
        {
            case RdbMark.End:
                _phase = Phase.Checksum;
                return;
            case RdbMark.Database:
                _phase = Phase.Database;
                return;
            case RdbMark.Expires:
                _phase = Phase.Expires;
                return;
            case RdbMark.ExpiresMs:
                _phase = Phase.ExpiresMs;
                return;
            default:
                break;
        }
        if (RdbShape.FindMark(mark) is { } skipped)
        {
            _functions += mark == RdbMark.Function ? 1 : 0;
            Push(skipped, 1);
            _phase = Phase.Skipped;
        }
        else if (RdbShape.FindValue(mark) is not null)
        {
            _type = mark;
            Push(RdbShape.OneText, 1);
            BeginCapture(MostKeyBytes);
            _phase = Phase.Key;
        }
        else
        {
            GiveUp($"type {mark}");
        }
    }

    /// <summary>One step of what is written in several.</summary>
    private bool Walk(ref ReadOnlySpan<byte> bytes)
    {
        if (!_frames.TryPeek(out var frame))
            return true; // Settle goes on
        if (frame.Next == frame.Steps.Count)
        {
            frame.Next = 0;
            if (--frame.Times == 0)
                _frames.Pop();
            return true;
        }
        var step = frame.Steps[frame.Next];
        if (step.Part == RdbPart.OldScore)
            return TakeOldScore(ref bytes, frame);
        if (step.Part == RdbPart.FirstExpiry)
        {
            if (!TryTake(ref bytes, sizeof(long)))
                return false;
            _fieldsExpireAtMs = BinaryPrimitives.ReadInt64LittleEndian(Token);
            frame.Next++;
            return true;
        }
        if (step.Part is RdbPart.Bytes or RdbPart.PackedBytes)
        {
            _left = step.Part == RdbPart.Bytes ? (ulong)step.Count : _packedBytes;
            frame.Next++;
            return true;
        }
        if (!TryTakeNumber(ref bytes, out var number))
            return false;
        if (step.Part == RdbPart.Module)
        {
            TakeModuleMark(number.Value, frame);
            return true;
        }
        frame.Next++;
        if (step.Part == RdbPart.Text)
            BeginText(number);
        else if (number.Form is not null)
            throw RedisFormatProblems.Garbled("a count is none");
        else if (step.Part == RdbPart.Each && number.Value > 0)
            Push(step.Within, number.Value);
        else if (step.Part == RdbPart.PackedLength)
            _packedBytes = number.Value;
        return true;
    }

    private void BeginText(RdbNumber number)
    {
        switch (number.Form)
        {
            case null:
                _left = number.Value;
                break;
            case RdbTextForm.Int8:
                _left = 1;
                break;
            case RdbTextForm.Int16:
                _left = 2;
                break;
            case RdbTextForm.Int32:
                _left = 4;
                break;
            case RdbTextForm.Compressed:
                Push(RdbShape.Packed, 1);
                break;
        }
    }

    private bool TakeOldScore(ref ReadOnlySpan<byte> bytes, Frame frame)
    {
        const byte firstSpecial = 253; // not a number, and the two infinities
        if (!TryTake(ref bytes, 1))
            return false;
        _left = Token[0] >= firstSpecial ? 0UL : Token[0];
        frame.Next++;
        return true;
    }

    /// <summary>rdb.h, RDB_MODULE_OPCODE_…</summary>
    private void TakeModuleMark(ulong mark, Frame frame)
    {
        switch (mark)
        {
            case 0:
                frame.Next++;
                break;
            case 1 or 2:
                Push(RdbShape.OneNumber, 1);
                break;
            case 3:
                _left = sizeof(float);
                break;
            case 4:
                _left = sizeof(double);
                break;
            case 5:
                Push(RdbShape.OneText, 1);
                break;
            default:
                throw RedisFormatProblems.Garbled($"a module's value has mark {mark}");
        }
    }

    /// <summary>Goes on from what has come to its end.</summary>
    private void Settle()
    {
        while (_frames.TryPeek(out var frame) && frame.Next == frame.Steps.Count && frame.Times == 1)
            _frames.Pop();
        if (_frames.Count > 0)
            return;
        if (_phase == Phase.Skipped)
            _phase = Phase.Mark;
        else if (_phase == Phase.Key)
            EndKey();
        else if (_phase == Phase.Value)
            EndValue();
    }

    private void EndKey()
    {
        if (_database is null)
            throw RedisFormatProblems.Garbled("a key comes before its database");
        _sampleNumber = _isCapturing ? _samples.FindNumber(_captured.WrittenSpan) : null;
        _key = _sampleNumber is null ? [] : new RdbValueReader(_captured.WrittenSpan).ReadText();
        _isCapturing = false;
        if (_sampleNumber is not null)
            BeginCapture(MostSampleBytes);
        Push(RdbShape.FindValue(_type) ?? [], 1);
        _phase = Phase.Value;
    }

    private void EndValue()
    {
        if (_database is not { } database)
            throw RedisFormatProblems.Garbled("a key comes before its database");
        if (
            _sampleNumber is { } number
            && _isCapturing
            && RdbDigest.Of(_type, _captured.WrittenSpan) is var digest
            && digest != RdbDigest.OfNothingLasting
        )
            _samples.Add(new SampleRecord(database.Number, _key, _type, digest, _expiresAtMs), number);
        // A hash goes with the last of its fields: from its first expiry on it may be gone, and need not be.
        var mayBeGoneAtMs = Math.Min(_expiresAtMs ?? long.MaxValue, _fieldsExpireAtMs ?? long.MaxValue);
        _database = database with
        {
            Keys = database.Keys + 1,
            Expiring = database.Expiring + (_expiresAtMs is null ? 0 : 1),
            ExpiredBefore = database.ExpiredBefore + (_expiresAtMs < window.FromMs ? 1 : 0),
            ExpiredAfter = database.ExpiredAfter + (mayBeGoneAtMs <= window.ToMs ? 1 : 0),
        };
        _databases[database.Number] = _database;
        _expiresAtMs = null;
        _fieldsExpireAtMs = null;
        _isCapturing = false;
        _phase = Phase.Mark;
    }

    private void Select(long number)
    {
        _database = _databases.TryGetValue(number, out var known) ? known : new RdbDatabase(number, 0, 0, 0, 0);
        _phase = Phase.Mark;
    }

    private void GiveUp(string unknown)
    {
        _unknown = unknown;
        _phase = Phase.Unknown;
    }

    private void Push(IReadOnlyList<RdbStep> steps, ulong times) => _frames.Push(new Frame(steps, times));

    private void BeginCapture(int mostBytes)
    {
        _captured.ResetWrittenCount();
        _mostCaptured = mostBytes;
        _isCapturing = true;
    }

    private void Capture(ReadOnlySpan<byte> bytes)
    {
        if (!_isCapturing)
            return;
        if (_captured.WrittenCount + bytes.Length > _mostCaptured)
            _isCapturing = false; // too large for a sample
        else
            _captured.Write(bytes);
    }

    private bool TryTakeNumber(ref ReadOnlySpan<byte> bytes, out RdbNumber number)
    {
        var isWhole = TryTake(ref bytes, RdbNumber.SizeOf(_carried > 0 ? _carry[0] : bytes[0]));
        number = isWhole ? RdbNumber.Read(Token) : default;
        return isWhole;
    }

    /// <summary>Takes so many bytes, in as many calls as it needs, and then <see cref="Token"/> has them.</summary>
    private bool TryTake(ref ReadOnlySpan<byte> bytes, int count)
    {
        var more = Math.Min(count - _carried, bytes.Length);
        bytes[..more].CopyTo(_carry.AsSpan(_carried));
        bytes = bytes[more..];
        _carried += more;
        if (_carried < count)
            return false;
        (_tokenBytes, _carried) = (count, 0);
        Capture(Token);
        return true;
    }

    private sealed class Frame(IReadOnlyList<RdbStep> steps, ulong times)
    {
        public IReadOnlyList<RdbStep> Steps => steps;

        public int Next { get; set; }

        public ulong Times { get; set; } = times;
    }
}
