using Resurgam.Adapters.Postgres.Wire;
using Resurgam.Core.Values;
using Resurgam.Core.Vaults.Snapshots;

namespace Resurgam.Adapters.Postgres.Capture;

internal sealed class StreamCapture(PostgresSource source, int workers, TimeProvider time, IWorkProgress progress)
{
    public Task<CapturedCluster> RunAsync(
        PostgresConnection session,
        ClusterFacts facts,
        SnapshotWriter snapshot,
        ParentBackup parent,
        CancellationToken cancellationToken
    ) =>
        throw new NotSupportedException(
            $"{session}{source}{workers}{time}{progress}{facts}{snapshot}{parent}{cancellationToken}"
        );
}
