using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Plans;

/// <summary>What <c>plan show</c> tells of people: who is called, how, and what they are told. What the plan does not have is left out.</summary>
internal static class PeopleRows
{
    public static void Write(TextWriter text, Plan plan)
    {
        if (plan.People.Count + plan.Channels.Count + plan.OnCall.Count > 0)
            text.WriteLine();
        foreach (var person in plan.People)
            text.WriteRow(
                "person",
                $"{person.Name}{(person.Role is { } role ? $", {role}" : "")}: {string.Join(", ", person.Reach)}"
            );
        foreach (var channel in plan.Channels)
            text.WriteRow(
                "channel",
                $"{channel.Name}: {channel.Kind.ToString().ToLowerInvariant()} {channel.Address ?? channel.Secret?.ToString()}"
            );
        foreach (var call in plan.OnCall)
            text.WriteRow(
                "on call",
                call.After == default ? call.Who : $"{call.Who} after {Duration.Format(call.After)}"
            );
        if (plan.Severities.Count > 0)
            text.WriteLine();
        foreach (var severity in plan.Severities)
            text.WriteRow(
                "severity",
                $"{severity.Name}: answer within {Duration.Format(severity.RespondWithin)}{(severity.UpdateEvery is { } every ? $", word every {Duration.Format(every)}" : "")}, tells {string.Join(", ", severity.Notify)}"
            );
        foreach (var template in plan.Templates)
            text.WriteRow("notice", $"{template.Name}: {template.Subject}");
        if (plan.Vendors.Count + plan.Metrics.Count > 0)
            text.WriteLine();
        foreach (var vendor in plan.Vendors)
            text.WriteRow(
                "vendor",
                $"{vendor.Name}{(vendor.Contract is { } contract ? $", {contract}" : "")}: {string.Join(", ", vendor.Reach)}"
            );
        foreach (var metric in plan.Metrics)
            text.WriteRow("metric", $"{metric.Name}: {metric.Target}");
    }
}
