using Resurgam.Core.Problems;

namespace Resurgam.Adapters.Redis.Capture;

internal static class CaptureProblems
{
    public static ResurgamException Sentinel(string asset, string server) =>
        new(
            new Problem(
                "redis-sentinel",
                Remedy.Fix,
                $"asset {asset}: {server} is a Sentinel, which has no data",
                "Name the master or a replica: 'SENTINEL get-master-addr-by-name NAME' tells where it is."
            )
        );
}
