using Resurgam.Adapters.Kubernetes.Wire;
using Resurgam.Core.Kubernetes;

namespace Resurgam.Adapters.Kubernetes.Restore;

/// <summary>Waits until the cluster serves the types of the definitions that it was given.</summary>
internal sealed class Definitions(ApiConnection api, ObjectPlace place)
{
    /// <summary>Mostly under a second; a busy cluster takes some.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    public async Task AwaitAsync(IReadOnlyList<RestoredObject> applied, CancellationToken cancellationToken)
    {
        var fresh = applied.Where(each => each is { IsGood: true, Detail: null }).ToList();
        if (fresh.Count == 0)
            return;
        var began = api.Time.GetTimestamp();
        foreach (var each in fresh)
            if (each.Outcome != ObjectOutcome.Unchanged)
                await AwaitAsync(each.Key, began, cancellationToken);
        await place.DiscoverAsync(cancellationToken);
    }

    private async Task AwaitAsync(ObjectKey key, long began, CancellationToken cancellationToken)
    {
        var type = place.Find(key);
        while (type is not null)
        {
            var json = await api.FindAsync(type.PathOf(name: key.Name), cancellationToken);
            if (json is null)
                return; // a dry run keeps nothing
            var conditions = json.Items("status", "conditions").ToList();
            var isEstablished = conditions.Any(each =>
                each.FindText("type") == "Established" && each.FindText("status") == "True"
            );
            if (isEstablished && await IsServedAsync(json, cancellationToken))
                return;
            if (api.Time.GetElapsedTime(began) > Limit)
                throw RestoreProblems.NotEstablished(
                    key.Name,
                    string.Join(
                        "; ",
                        conditions.Select(each => each.FindText("message")).Where(text => text is not (null or ""))
                    )
                );
            await Task.Delay(PollInterval, api.Time, cancellationToken);
        }
    }

    /// <summary>Established comes first, the address a little later.</summary>
    private async Task<bool> IsServedAsync(
        System.Text.Json.Nodes.JsonObject definition,
        CancellationToken cancellationToken
    )
    {
        var group = definition.FindText("spec", "group");
        var plural = definition.FindText("spec", "names", "plural");
        foreach (var version in definition.Items("spec", "versions").Where(each => each.IsTrue("served")))
        {
            var answer = await api.SendAsync(
                ApiRequest.Get($"/apis/{group}/{version.FindText("name")}/{plural}?limit=1"),
                cancellationToken
            );
            var listed = await api.FindAsync($"/apis/{group}/{version.FindText("name")}", cancellationToken);
            if (!answer.IsGood || !listed.Items("resources").Any(each => each.FindText("name") == plural))
                return false;
        }
        return true;
    }
}
