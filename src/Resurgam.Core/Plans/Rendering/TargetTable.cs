using System.Globalization;
using Resurgam.Core.Runs;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Rendering;

/// <summary>What the steps of runbooks act on, and where it is: never a secret, only where it is found.</summary>
internal static class TargetTable
{
    public static IEnumerable<Block> Of(Plan plan)
    {
        if (plan.Targets.Count == 0)
            yield break;
        yield return new Block.Heading(3, "What steps act on");
        yield return new Block.Table(
            "Targets, and what takes their place in a drill",
            ["target", "kind", "where", "in a drill"],
            [
                .. plan.Targets.Select(target =>
                    (ValueList<string>)
                        [
                            target.Id.Value,
                            target.Kind,
                            WhereOf(target),
                            target.Drill is { } drill ? WhereOf(drill) : "not touched",
                        ]
                ),
            ]
        );
    }

    private static string WhereOf(Target target) =>
        target switch
        {
            Target.Postgres postgres => Words(
                postgres.Connection,
                postgres.Clients is { } clients ? $"clients: {clients}" : null,
                postgres.DataDirectory is { } data ? $"data in {data}" : null
            ),
            Target.Redis redis => redis.Socket ?? Place(redis.Host ?? "localhost", redis.Port),
            Target.Web web => web.Url,
            Target.Webhook webhook => $"address in {webhook.Url}",
            Target.Service service => service.Unit is { } unit
                ? $"unit {unit}"
                : $"started by {string.Join(' ', service.Start ?? [])}",
            Target.Git git => $"{git.Address}, branch {git.Branch}",
            Target.Kubernetes cluster => Words(
                $"namespace {cluster.Namespace} in context {cluster.Context}",
                cluster.ClusterUid is { } uid ? $"cluster {uid}" : $"cluster as {cluster.ClusterUidFile} tells"
            ),
            Target.Mail mail => Words(Place(mail.Host, mail.Port), $"from {mail.From} to {PlanDocument.List(mail.To)}"),
            Target.Dns dns => Words(Place(dns.Host, dns.Port), $"zone {dns.Zone}"),
            Target.Route53 hosted => Words(hosted.Url, $"zone {hosted.Zone} ({hosted.ZoneId})"),
            _ => throw new System.Diagnostics.UnreachableException($"no words are written for {target.Kind}"),
        };

    private static string Place(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");

    private static string Words(params IEnumerable<string?> words) => string.Join("; ", words.OfType<string>());
}
