using System.Globalization;
using System.Text;
using Resurgam.Adapters.Redis.Wire;
using Resurgam.Core.Assets;
using Resurgam.Core.Redis;

namespace Resurgam.Adapters.Redis.Verify;

/// <summary>
/// Asks a restored server for keys that were noted while the backup went by. Noted from the RDB itself, never from the
/// source: there they change between the moment of the snapshot and any question.
/// </summary>
internal sealed class SampleComparison(RedisConnection session, TimeProvider time)
{
    private readonly List<string> _wrong = [];
    private int _equal;
    private int _expired;
    private int _incomparable;
    private long _database;

    public async Task CompareAsync(SampleRecord sample, CancellationToken cancellationToken)
    {
        if (sample.Database != _database)
            await session.AskAsync(
                ["SELECT", sample.Database.ToString(CultureInfo.InvariantCulture)],
                cancellationToken
            );
        _database = sample.Database;
        var answer = await session.AskAsync(["DUMP"u8.ToArray(), sample.Key], cancellationToken);
        if (answer is RespValue.Bytes { Value: { } dump } && RdbDigest.OfDump(dump) is { } served)
            Judge(sample, served, await ReadExpiryAsync(sample, cancellationToken));
        else if (sample.ExpiresAtMs <= time.GetUtcNow().ToUnixTimeMilliseconds())
            _expired++;
        else
            _wrong.Add($"{Show(sample)} is missing");
    }

    public VerificationCheck ToCheck(int samples) =>
        new(
            "samples",
            _wrong.Count == 0,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{_equal} of {samples} keys are as recorded, {_expired} have expired since, {_incomparable} are kept in another form by this server{(_wrong.Count == 0 ? "" : $"; {_wrong.Count} are not: {string.Join(", ", _wrong.Take(5))}")}"
            )
        );

    private void Judge(SampleRecord sample, (byte Type, string Digest) served, long? expiresAtMs)
    {
        const string bytes = "bytes:"; // compared as they are written
        if (expiresAtMs is { } at && at != (sample.ExpiresAtMs ?? -1))
            _wrong.Add($"{Show(sample)} expires at another time");
        else if (served.Digest == sample.Digest)
            _equal++;
        else if (
            served.Type != sample.Type
            && (
                sample.Digest.StartsWith(bytes, StringComparison.Ordinal)
                || served.Digest.StartsWith(bytes, StringComparison.Ordinal)
            )
        )
            _incomparable++;
        else
            _wrong.Add($"{Show(sample)} has another value");
    }

    /// <summary>Unix milliseconds, -1: never; null where the server cannot tell (before Redis 7).</summary>
    private async Task<long?> ReadExpiryAsync(SampleRecord sample, CancellationToken cancellationToken) =>
        await session.TryAskAsync(["PEXPIRETIME"u8.ToArray(), sample.Key], cancellationToken)
            is RespValue.Number { Value: >= -1 and var at }
            ? at
            : null;

    /// <summary>The name of a session's key may be the session's secret: only its beginning is shown.</summary>
    private static string Show(SampleRecord sample)
    {
        const int shown = 4;
        var name = Encoding.UTF8.GetString(sample.Key.AsSpan(0, Math.Min(shown, sample.Key.Length)));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"'{new string([.. name.Where(c => !char.IsControl(c))])}…' in database {sample.Database}"
        );
    }
}
