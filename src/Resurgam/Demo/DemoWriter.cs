using System.Globalization;
using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Problems;

namespace Resurgam.Demo;

/// <summary>Appends numbered rows, one transaction each, and remembers the last that the server acknowledged.</summary>
internal sealed class DemoWriter(int number, ConnectionSettings settings, TimeProvider time)
{
    private long _acknowledged;
    private long _acknowledgedAt;

    public int Number => number;

    /// <summary>Rows 1 to this one were acknowledged.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public DateTimeOffset AcknowledgedAt => new(Interlocked.Read(ref _acknowledgedAt), TimeSpan.Zero);

    /// <summary>Writes until it is told to stop, or the server is gone. A row without an answer is not counted: it may be there or not.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await PostgresConnection.OpenAsync(
                settings,
                SessionKind.Sql,
                time,
                cancellationToken
            );
            for (var row = 1L; !cancellationToken.IsCancellationRequested; row++)
            {
                await session.QueryAsync(DemoPlatform.Insert(number, row), cancellationToken);
                Interlocked.Exchange(ref _acknowledgedAt, time.GetUtcNow().UtcTicks);
                Interlocked.Exchange(ref _acknowledged, row);
            }
        }
        catch (ResurgamException)
        {
            // The disaster has come: what counts is what was acknowledged before.
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    public async Task<long> CountIntactAsync(PostgresConnection session, CancellationToken cancellationToken) =>
        long.Parse(
            await session.ScalarAsync(DemoPlatform.CountIntact(number, Acknowledged), cancellationToken) ?? "0",
            CultureInfo.InvariantCulture
        );
}
