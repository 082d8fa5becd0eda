using Resurgam.Core.Predictions;
using Resurgam.Core.Readiness;

namespace Resurgam.Adapters.Readiness;

/// <summary>Whether somebody answers at an address; what he says is no matter.</summary>
public static class WebLook
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<AssetFinding>> RunAsync(string url, CancellationToken cancellationToken)
    {
        using HttpClient http = new() { Timeout = Limit };
        using HttpRequestMessage request = new(HttpMethod.Head, url);
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            return [];
        }
        catch (HttpRequestException e)
        {
            return [ReadinessFindings.TargetSilent($"nobody answers at {url}: {e.HttpRequestError}")];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [ReadinessFindings.TargetSilent($"nobody answers at {url} within {Limit.TotalSeconds} s")];
        }
    }
}
