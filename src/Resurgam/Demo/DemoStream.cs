using System.Diagnostics;
using Resurgam.Adapters.Files;
using Resurgam.Adapters.Postgres.Wire;

namespace Resurgam.Demo;

/// <summary>The WAL stream of the demo's cluster: a process of this program, and a part of every commit.</summary>
internal sealed class DemoStream : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private DemoStream(Process process, string slot) => (_process, Slot) = (process, slot);

    /// <summary>The replication slot, and the name that commits wait for.</summary>
    public string Slot { get; }

    public static async Task<DemoStream> StartAsync(
        DemoProgram program,
        DemoCluster cluster,
        string asset,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        DemoStream stream = new(program.Start("stream", ["wal", "stream", asset]), $"resurgam_{asset}");
        try
        {
            await using var database = await cluster.ConnectAsync(DemoPlatform.Database, cancellationToken);
            await stream.UntilAsync(
                "the stream's connection",
                "state = 'streaming'",
                database,
                time,
                cancellationToken
            );
            await database.QueryAsync(
                $"alter system set synchronous_standby_names = '{stream.Slot}'",
                cancellationToken
            );
            await database.QueryAsync("select pg_reload_conf()", cancellationToken);
            await stream.UntilAsync("a synchronous stream", "sync_state = 'sync'", database, time, cancellationToken);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>What is in the spool goes to the vault.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        ThisProcess.Terminate(_process.Id);
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>With -9: what is in the spool stays there.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task UntilAsync(
        string what,
        string condition,
        PostgresConnection database,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var began = time.GetTimestamp();
        while (
            await database.ScalarAsync(
                $"select count(*) from pg_stat_replication where application_name = '{Slot}' and {condition}",
                cancellationToken
            ) != "1"
        )
        {
            if (time.GetElapsedTime(began) > ReadyLimit)
                throw DemoProblems.NotReady(what);
            await Task.Delay(Poll, time, cancellationToken);
        }
    }
}
