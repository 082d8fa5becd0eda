using System.Text;
using System.Text.Json.Nodes;
using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Actions;

/// <summary>What became of an eviction.</summary>
public enum EvictionOutcome
{
    Evicted,

    /// <summary>It was not there.</summary>
    Gone,

    /// <summary>A PodDisruptionBudget does not allow it now.</summary>
    HeldByBudget,
}

/// <summary>Ends a pod by the eviction API, which asks disruption budgets; a plain deletion would not.</summary>
public sealed class Eviction(ActionTarget target)
{
    public async Task<(EvictionOutcome Outcome, string Detail)> RunAsync(
        string @namespace,
        string pod,
        CancellationToken cancellationToken
    )
    {
        var path = $"{target.GetType("", "Pod").PathOf(@namespace, pod)}/eviction";
        // policy/v1 since 1.22; older clusters know v1beta1 alone.
        var version = target.FindType("policy", "PodDisruptionBudget")?.Version ?? "v1";
        JsonObject body = new()
        {
            ["apiVersion"] = $"policy/{version}",
            ["kind"] = "Eviction",
            ["metadata"] = new JsonObject { ["name"] = pod, ["namespace"] = @namespace },
        };
        ApiRequest request = new(HttpMethod.Post, path)
        {
            Body = Encoding.UTF8.GetBytes(body.ToJsonString()),
            IsImpatient = true,
        };
        var answer = await target.Api.SendAsync(request, cancellationToken);
        return answer.Status switch
        {
            ApiAnswer.NotFound => (EvictionOutcome.Gone, answer.Message),
            ApiAnswer.TooMany => (EvictionOutcome.HeldByBudget, answer.Message),
            _ => answer.IsGood ? (EvictionOutcome.Evicted, "") : throw target.Api.Refusal(path, answer),
        };
    }
}
